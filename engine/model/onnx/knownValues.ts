/**
 * The values that the encoders of a model know, by the place of an input that they look at: with others an encoder that was fitted to refuse
 * what it does not know refuses the whole run. Read of the file only when the model does not run on neutral values.
 */
import protobuf from 'protobufjs/minimal.js'
import type { Cell } from './elements.js'
import { FIELD, FIXED32, int, message, readFields, text } from './messages.js'
import type { OnnxFile, OnnxNode } from './onnxFile.js'

/** Of an input: the values known at each of its places, `undefined` where any will do. */
export type KnownValues = ReadonlyMap<string, readonly (readonly Cell[] | undefined)[]>

/** A value of a record: the place of an input that it stands in. */
interface Place {
  readonly input: string
  readonly at: number
}

/** Values of an encoder, or of a tensor, that are looked at: the first ones of a longer list do as well. */
const MOST_VALUES = 1000

/** Attributes in which encoders keep what they know. */
const KNOWN_IN = new Set(['cats_strings', 'cats_int64s', 'keys_strings', 'keys_int64s', 'keys_floats'])

/** Operators that hand values on, in their order. */
const KEEPS_ORDER = new Set(
  ['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'StringNormalizer']
    .map((name) => `:${name}`)
    .concat('ai.onnx.ml:Imputer'),
)

/** @param widths how many values of a record each input takes */
export function knownValues(bytes: Uint8Array, onnx: OnnxFile, widths: ReadonlyMap<string, number>): KnownValues {
  const { attributes, indexes } = readGraph(bytes)
  const places = new Map<string, readonly Place[]>()
  for (const [input, width] of widths)
    places.set(
      input,
      Array.from({ length: width }, (_, at) => ({ input, at })),
    )
  const found = new Map([...widths].map(([input, width]) => [input, new Array<readonly Cell[] | undefined>(width).fill(undefined)]))
  for (const [index, node] of onnx.nodes.entries()) {
    const given = node.inputs.map((name) => places.get(name))
    const own = attributes[index]
    if (own && own.known.length > 0) {
      for (const { input, at } of given[0] ?? []) {
        const values = found.get(input)!
        const both = values[at]?.filter((value) => own.known.some((known) => String(known) === String(value)))
        values[at] = both && both.length > 0 ? both : own.known
      }
    }
    const passed = handedOn(node, given, indexes)
    if (passed && node.outputs[0] !== undefined) places.set(node.outputs[0], passed)
    else if (node.operator === 'Split') split(node, given[0], indexes, places)
  }
  return found
}

/** The values in the output of an operator that moves values and computes nothing. */
function handedOn(
  { domain, operator, inputs }: OnnxNode,
  given: readonly (readonly Place[] | undefined)[],
  indexes: ReadonlyMap<string, readonly number[]>,
): readonly Place[] | undefined {
  const name = `${domain}:${operator}`
  const [first] = given
  if (KEEPS_ORDER.has(name)) return first
  if (name === ':Concat') return given.every((places) => places !== undefined) ? given.flatMap((places) => places!) : undefined
  if (name !== 'ai.onnx.ml:ArrayFeatureExtractor' && name !== ':Gather') return undefined
  return first && indexes.get(inputs[1] ?? '')?.flatMap((index) => first.at(index) ?? [])
}

/** Parts of equal or of named widths. */
function split(
  { inputs, outputs }: OnnxNode,
  given: readonly Place[] | undefined,
  indexes: ReadonlyMap<string, readonly number[]>,
  places: Map<string, readonly Place[]>,
): void {
  if (!given) return
  const widths = indexes.get(inputs[1] ?? '') ?? outputs.map(() => given.length / outputs.length)
  let at = 0
  for (const [part, output] of outputs.entries()) {
    const width = widths[part] ?? 0
    places.set(output, given.slice(at, at + width))
    at += width
  }
}

interface Attributes {
  readonly known: readonly Cell[]
}

/** The lists of encoders, node by node, and the small tensors of whole numbers that name places. */
function readGraph(bytes: Uint8Array) {
  const attributes: Attributes[] = []
  const indexes = new Map<string, readonly number[]>()
  const graph = (part: Uint8Array) =>
    readFields(part, {
      [FIELD.graphNode]: message((node) => attributes.push(readNode(node, indexes))),
      [FIELD.graphWeights]: message((tensor) => {
        const { name, values } = readTensor(tensor)
        if (values.every((value) => typeof value === 'number')) indexes.set(name, values as readonly number[])
      }),
    })
  readFields(bytes, { [FIELD.modelGraph]: message(graph) })
  return { attributes, indexes }
}

function readNode(bytes: Uint8Array, indexes: Map<string, readonly number[]>): Attributes {
  const known: Cell[] = []
  let output = ''
  readFields(bytes, {
    2: text((value) => {
      output ||= value
    }),
  })
  readFields(bytes, {
    5: message((part) => {
      const { name, values, tensor } = readAttribute(part)
      if (KNOWN_IN.has(name)) known.push(...values)
      else if (name === 'keys_tensor') known.push(...tensor)
      else if (name === 'value')
        indexes.set(
          output,
          tensor.filter((value) => typeof value === 'number'),
        )
    }),
  })
  return { known }
}

function readAttribute(bytes: Uint8Array) {
  let name = ''
  let tensor: readonly Cell[] = []
  const values: Cell[] = []
  readFields(bytes, {
    1: text((value) => {
      name = value
    }),
    5: message((part) => {
      tensor = readTensor(part).values
    }),
    7: [FIXED32, (reader) => add(values, [reader.float()])],
    8: int((value) => add(values, [value])),
    9: message((part) => add(values, [Buffer.from(part).toString()])),
  })
  readFields(bytes, {
    7: message((packed) => add(values, floats(packed))),
    8: message((packed) => add(values, integers(packed))),
  })
  return { name, values, tensor }
}

/** TensorProto.DataType of what keys and places are. */
const [FLOAT, INT64, STRING] = [1, 7, 8]

/** Values of a small tensor; none of others. */
function readTensor(bytes: Uint8Array): { readonly name: string; readonly values: readonly Cell[] } {
  let [name, type] = ['', 0]
  let raw: Uint8Array | undefined
  const values: Cell[] = []
  readFields(bytes, {
    2: int((value) => {
      type = value
    }),
    4: message((packed) => add(values, floats(packed))),
    6: message((part) => add(values, [Buffer.from(part).toString()])),
    7: message((packed) => add(values, integers(packed))),
    8: text((value) => {
      name = value
    }),
    9: message((part) => {
      raw = part
    }),
  })
  readFields(bytes, { 7: int((value) => add(values, [value])) })
  if (raw && type === INT64) add(values, wide(raw))
  else if (raw && type === FLOAT) add(values, floats(raw))
  return { name, values: type === INT64 || type === STRING || type === FLOAT ? values : [] }
}

/** Adds values while there is room for them. */
function add(values: Cell[], more: Iterable<Cell>): void {
  for (const value of more) {
    if (values.length >= MOST_VALUES) return
    values.push(value)
  }
}

function* integers(packed: Uint8Array): Generator<number> {
  const reader = protobuf.Reader.create(packed)
  while (reader.pos < reader.len) yield Number(String(reader.int64()))
}

function* floats(packed: Uint8Array): Generator<number> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  for (let at = 0; at + 4 <= packed.length; at += 4) yield view.getFloat32(at, true)
}

function* wide(raw: Uint8Array): Generator<number> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  for (let at = 0; at + 8 <= raw.length; at += 8) yield Number(view.getBigInt64(at, true))
}
