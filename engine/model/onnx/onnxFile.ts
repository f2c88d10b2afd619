/**
 * Reads what an ONNX file says of itself: who wrote it, operator sets, metadata, inputs, outputs, operators, class labels, and where its
 * weights are. For the rooms that must know what onnxruntime does not tell. Never reads weights, never trusts a length in the file.
 */
import protobuf from 'protobufjs/minimal.js'
import type { Label } from '../../../definition/tasks.js'
import { DaybreakError } from '../../protocol/errors.js'
import { BYTES, FIELD, FIXED32, type Fields, int, message, readFields, readPair, text, VARINT } from './messages.js'

export interface OnnxValue {
  readonly name: string
  readonly kind: 'tensor' | 'other'
  /** TensorProto.DataType of a tensor; 0 when unknown. */
  readonly elementType: number
}

export interface OnnxNode {
  readonly operator: string
  /** '' for the standard operators. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** `classlabels_*` of a ZipMap or classifier node. */
  readonly labels?: readonly Label[]
  /** Of an ensemble of trees: how many features a record has at least; the trees look at the last of them. */
  readonly leastFeatures?: number
  /** Of an ensemble of trees whose leaves add no negative number, as shares are: how many trees. */
  readonly shareTrees?: number
}

export interface OnnxFile {
  readonly irVersion: number
  readonly producer: string
  readonly doc: string
  readonly opsets: readonly { readonly domain: string; readonly version: number }[]
  readonly metadata: Readonly<Record<string, string>>
  /** Graph inputs that have no initial value in the file. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** Short lists of labels among the initial values of the main graph, by name. */
  readonly tables: ReadonlyMap<string, readonly Label[]>
  /** Nodes of the main graph. */
  readonly nodes: readonly OnnxNode[]
  /** `domain:operator` of every node, those of inner graphs and functions too. */
  readonly operators: ReadonlySet<string>
  /** `domain:name` of the functions that the file brings along. */
  readonly functions: ReadonlySet<string>
  /** Files that hold weights, relative to the model's folder, sorted. */
  readonly externalData: readonly string[]
}

/** Graphs within graphs: more than any exporter writes. */
const MAX_DEPTH = 32

/** What the file says. @throws ModelUnusable when the bytes are no ONNX model, or a truncated one */
export function readOnnx(bytes: Uint8Array, file: string): OnnxFile {
  try {
    return readModel(bytes, file)
  } catch (error) {
    if (error instanceof DaybreakError) throw error
    throw new DaybreakError('ModelUnusable', `${file} is not an ONNX model, or it is damaged`, {
      next: 'Export the model to ONNX again and copy it as a binary file.',
      place: { file },
      cause: error,
    })
  }
}

function readModel(bytes: Uint8Array, file: string): OnnxFile {
  const model = { irVersion: 0, producerName: '', producerVersion: '', doc: '', opsets: [] as { domain: string; version: number }[] }
  const metadata: [string, string][] = []
  const functions = new Set<string>()
  const graph = new GraphReader()
  let graphs = 0
  readFields(bytes, {
    1: int((value) => {
      model.irVersion = value
    }),
    2: text((value) => {
      model.producerName = value
    }),
    3: text((value) => {
      model.producerVersion = value
    }),
    6: text((value) => {
      model.doc = value
    }),
    8: message((part) => model.opsets.push(readOpset(part))),
    14: message((part) => metadata.push(readPair(part))),
    25: message((part) => functions.add(graph.readFunction(part))),
    [FIELD.modelGraph]: [
      BYTES,
      (reader) => {
        const length = reader.uint32()
        if (length > reader.len - reader.pos) throw truncated(file, reader.pos + length, bytes.length)
        graphs++
        graph.readMain(bytes.subarray(reader.pos, reader.pos + length))
        reader.pos += length
      },
    ],
  })
  if (graphs !== 1 || model.opsets.length === 0) {
    const lacks = graphs === 1 ? 'the versions of its operators are missing' : `it holds ${graphs} graphs instead of one`
    throw new DaybreakError('ModelUnusable', `${file} is not an ONNX model, or it was cut off: ${lacks}`, {
      next: 'Export the model to ONNX again and copy it whole.',
      place: { file },
    })
  }
  return {
    irVersion: model.irVersion,
    producer: `${model.producerName} ${model.producerVersion}`.trim(),
    doc: model.doc,
    opsets: model.opsets,
    metadata: Object.fromEntries(metadata),
    inputs: graph.inputs.filter((input) => !graph.initialised.has(input.name)),
    outputs: graph.outputs,
    tables: graph.tables,
    nodes: graph.nodes,
    operators: graph.operators,
    functions,
    externalData: [...graph.externalData].sort(),
  }
}

function truncated(file: string, expected: number, bytes: number): DaybreakError {
  return new DaybreakError('ModelUnusable', `${file} was cut off: it must have at least ${expected} bytes and has ${bytes}`, {
    next: 'Copy or export the model again, and compare the sizes.',
    place: { file },
  })
}

interface FoundInAttribute {
  readonly labels: readonly Label[]
  readonly leastFeatures: number
  readonly trees: number
  readonly leastWeight?: number
}

/** Collects from the main graph and everything nested in it. */
class GraphReader {
  readonly inputs: OnnxValue[] = []
  readonly outputs: OnnxValue[] = []
  readonly nodes: OnnxNode[] = []
  readonly tables = new Map<string, readonly Label[]>()
  readonly initialised = new Set<string>()
  readonly operators = new Set<string>()
  readonly externalData = new Set<string>()

  readMain(bytes: Uint8Array): void {
    readFields(bytes, {
      [FIELD.graphNode]: message((part) => this.nodes.push(this.#readNode(part, 0))),
      [FIELD.graphWeights]: message((part) => {
        const name = this.#readTensor(part)
        this.initialised.add(name)
        const labels = readTable(part)
        if (labels.length > 0) this.tables.set(name, labels)
      }),
      [FIELD.graphInput]: message((part) => this.inputs.push(readValue(part))),
      [FIELD.graphOutput]: message((part) => this.outputs.push(readValue(part))),
      [FIELD.graphSparseWeights]: message((part) => this.initialised.add(this.#readSparseTensor(part))),
    })
  }

  /** Reads a function the file brings along; returns `domain:name`. */
  readFunction(bytes: Uint8Array): string {
    let name = ''
    let domain = ''
    readFields(bytes, {
      1: text((value) => {
        name = value
      }),
      7: message((part) => this.#readNode(part, 0)),
      10: text((value) => {
        domain = value
      }),
    })
    return `${domain}:${name}`
  }

  #readInner(bytes: Uint8Array, depth: number): void {
    if (depth > MAX_DEPTH) throw new RangeError(`graphs nested deeper than ${MAX_DEPTH}`)
    readFields(bytes, {
      [FIELD.graphNode]: message((part) => this.#readNode(part, depth)),
      [FIELD.graphWeights]: message((part) => this.#readTensor(part)),
      [FIELD.graphSparseWeights]: message((part) => this.#readSparseTensor(part)),
    })
  }

  #readNode(bytes: Uint8Array, depth: number): OnnxNode {
    const node = { operator: '', domain: '', inputs: [] as string[], outputs: [] as string[] }
    const labels: Label[] = []
    let [leastFeatures, trees, leastWeight] = [0, 0, Number.NaN]
    readFields(bytes, {
      1: text((value) => node.inputs.push(value)),
      2: text((value) => node.outputs.push(value)),
      4: text((value) => {
        node.operator = value
      }),
      5: message((part) => {
        const found = this.#readAttribute(part, depth)
        labels.push(...found.labels)
        leastFeatures = Math.max(leastFeatures, found.leastFeatures)
        trees = Math.max(trees, found.trees)
        leastWeight = found.leastWeight ?? leastWeight
      }),
      7: text((value) => {
        node.domain = value === 'ai.onnx' ? '' : value
      }),
    })
    this.operators.add(`${node.domain}:${node.operator}`)
    return {
      ...node,
      ...(labels.length > 0 ? { labels } : {}),
      ...(leastFeatures > 0 ? { leastFeatures } : {}),
      ...(trees > 0 && leastWeight >= 0 ? { shareTrees: trees } : {}),
    }
  }

  /** Looks into tensors and graphs of an attribute; returns class labels and what it says of trees, if it holds them. */
  #readAttribute(bytes: Uint8Array, depth: number): FoundInAttribute {
    let name = ''
    readFields(bytes, {
      1: text((value) => {
        name = value
      }),
      5: message((part) => this.#readTensor(part)),
      6: message((part) => this.#readInner(part, depth + 1)),
      10: message((part) => this.#readTensor(part)),
      11: message((part) => this.#readInner(part, depth + 1)),
    })
    const strings = name === 'classlabels_strings' ? readStringLabels(bytes) : []
    const numbers = name === 'classlabels_int64s' || name === 'classlabels_ints' ? readNumberLabels(bytes) : []
    return {
      labels: [...strings, ...numbers],
      leastFeatures: name === 'nodes_featureids' ? readLargest(bytes) + 1 : 0,
      trees: name === 'nodes_treeids' ? countRuns(bytes) : 0,
      ...(name === 'class_weights' || name === 'target_weights' ? { leastWeight: readLeast(bytes) } : {}),
    }
  }

  /** Notes where the tensor's weights are; returns its name. */
  #readTensor(bytes: Uint8Array): string {
    let name = ''
    readFields(bytes, {
      8: text((value) => {
        name = value
      }),
      13: message((part) => {
        const [key, value] = readPair(part)
        if (key === 'location') this.externalData.add(value)
      }),
    })
    return name
  }

  #readSparseTensor(bytes: Uint8Array): string {
    let name = ''
    readFields(bytes, {
      1: message((part) => {
        name = this.#readTensor(part)
      }),
      2: message((part) => this.#readTensor(part)),
    })
    return name
  }
}

/** More classes than this name their columns otherwise. */
const MOST_TABLE_BYTES = 1 << 16

/** The labels of a short tensor of whole numbers or texts; empty for any other. */
function readTable(tensor: Uint8Array): readonly Label[] {
  const labels: Label[] = []
  if (tensor.length > MOST_TABLE_BYTES) return labels
  let [type, raw] = [0, new Uint8Array()]
  const number = int((value) => labels.push(value))
  readFields(tensor, {
    2: int((value) => {
      type = value
    }),
    5: number,
    6: text((value) => labels.push(value)),
    7: number,
    9: message((bytes) => {
      raw = Uint8Array.from(bytes)
    }),
  })
  const packed = message((bytes) => {
    const reader = protobuf.Reader.create(bytes)
    while (reader.pos < reader.len) number[1](reader, reader.pos)
  })
  if (type === ELEMENT.int32 || type === ELEMENT.int64) readFields(tensor, { 5: packed, 7: packed })
  if (type === ELEMENT.int32 && raw.length % 4 === 0) labels.push(...new Int32Array(raw.buffer))
  else if (type === ELEMENT.int64 && raw.length % 8 === 0) labels.push(...Array.from(new BigInt64Array(raw.buffer), Number))
  return type === ELEMENT.int32 || type === ELEMENT.int64 || type === ELEMENT.string ? labels : []
}

/** TensorProto.DataType of labels. */
const ELEMENT = { int32: 6, int64: 7, string: 8 } as const

function readStringLabels(attribute: Uint8Array): Label[] {
  const labels: Label[] = []
  readFields(attribute, { 9: text((value) => labels.push(value)) })
  return labels
}

function readNumberLabels(attribute: Uint8Array): Label[] {
  const labels: Label[] = []
  readNumbers(attribute, int((value) => labels.push(value))[1])
  return labels
}

/** The largest of whole numbers, 0 at least; there may be millions. */
function readLargest(attribute: Uint8Array): number {
  let largest = 0
  readNumbers(attribute, (reader) => {
    largest = Math.max(largest, reader.int32())
  })
  return largest
}

/** How often a list of whole numbers, whose equals stand together, changes. */
function countRuns(attribute: Uint8Array): number {
  let [runs, last] = [0, Number.NaN]
  readNumbers(attribute, (reader) => {
    const number = reader.int32()
    if (number !== last) runs += 1
    last = number
  })
  return runs
}

/** The least of a list of float32; there may be millions. */
function readLeast(attribute: Uint8Array): number {
  let least = Number.POSITIVE_INFINITY
  const read = (reader: protobuf.Reader) => {
    least = Math.min(least, reader.float())
  }
  readFields(attribute, { 7: [FIXED32, read] })
  readFields(attribute, {
    7: message((packed) => {
      const reader = protobuf.Reader.create(packed)
      while (reader.pos < reader.len) read(reader)
    }),
  })
  return least
}

/** Whole numbers stand one by one or packed: both are legal. */
function readNumbers(attribute: Uint8Array, read: Fields[number][1]): void {
  readFields(attribute, { 8: [VARINT, read] })
  readFields(attribute, {
    8: message((packed) => {
      const reader = protobuf.Reader.create(packed)
      while (reader.pos < reader.len) read(reader, reader.pos)
    }),
  })
}

function readOpset(bytes: Uint8Array): { domain: string; version: number } {
  const opset = { domain: '', version: 0 }
  readFields(bytes, {
    1: text((value) => {
      opset.domain = value === 'ai.onnx' ? '' : value
    }),
    2: int((value) => {
      opset.version = value
    }),
  })
  return opset
}

/** Name and type of a graph's input or output. */
export function readValue(bytes: Uint8Array): OnnxValue {
  let name = ''
  let kind: OnnxValue['kind'] = 'other'
  let elementType = 0
  const tensor: Fields = {
    1: int((value) => {
      elementType = value
    }),
  }
  const type: Fields = {
    1: message((part) => {
      kind = 'tensor'
      readFields(part, tensor)
    }),
  }
  readFields(bytes, {
    1: text((value) => {
      name = value
    }),
    2: message((part) => readFields(part, type)),
  })
  return { name, kind, elementType }
}
