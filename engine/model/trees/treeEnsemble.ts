/**
 * Reads an ensemble of trees from an ONNX file into the form that `treeEngine.ts` walks. Only what that form can hold, float32 and modes
 * that ask "at most" or "less", is read; of anything else there is no ensemble, and the runtime scores it.
 */
import protobuf from 'protobufjs/minimal.js'
import { BYTES, FIELD, FIXED32, type OnnxFile, readFields, VARINT } from '../onnx/onnxFile.js'

export interface TreeEnsemble {
  /** Tensor of the file that it looks at: a row of float32 for each record. */
  readonly input: string
  /** Tensors of the file that hold its scores. */
  readonly scores: ReadonlySet<string>
  /** A record has at least so many features. */
  readonly leastFeatures: number
  /**
   * Nodes of all trees. Of a branch: its feature, its threshold, the node for a value that is at most the threshold, which the other one
   * follows, and whether NaN goes there too. Of a leaf: feature -1, what it adds or the number of its row of weights, itself, and 0.
   */
  readonly features: Int32Array
  readonly thresholds: Float32Array
  readonly next: Int32Array
  readonly missing: Uint8Array
  /** First node of each tree, and how many steps its longest way has. */
  readonly roots: readonly { readonly node: number; readonly depth: number }[]
  /** Sums of a record. */
  readonly outputs: number
  /** What leaves add to the sums, row by row, when there are several. */
  readonly weights?: Float32Array
  /** Added to the sums at the end; empty for nothing. */
  readonly bases: readonly number[]
  readonly transform: 'NONE' | 'LOGISTIC' | 'SOFTMAX'
  /** One sum stands for two classes: `probability` when no weight is negative, else `margin`. */
  readonly pairs?: 'probability' | 'margin'
}

/** 16 bytes a node, in each thread: beyond it the runtime's own memory is trouble enough. */
const MOST_NODES = 1 << 22
const MOST_TREES = 1 << 16
const MOST_WEIGHTS = 1 << 22

/** The only ensemble of a model. @param bytes the file's */
export function readTreeEnsemble(bytes: Uint8Array, { nodes }: OnnxFile): TreeEnsemble | undefined {
  const [node, ...others] = nodes.filter(({ operator, domain }) => domain === 'ai.onnx.ml' && operator.startsWith('TreeEnsemble'))
  const input = node?.inputs[0]
  if (!node || input === undefined || others.length > 0) return undefined
  const classifier = node.operator === 'TreeEnsembleClassifier'
  if (!classifier && node.operator !== 'TreeEnsembleRegressor') return undefined
  const scores = new Set([node.outputs[classifier ? 1 : 0]!])
  for (const { operator, domain, inputs: from, outputs } of nodes)
    if (operator === 'Identity' && domain === '' && scores.has(from[0]!)) scores.add(outputs[0]!)
  try {
    const attributes = readAttributes(bytes, node.operator)
    const trees = layOut(attributes)
    const sums = trees && (classifier ? classes(attributes, trees) : targets(attributes, trees))
    if (!sums) return undefined
    const { placeOf: _placeOf, ...laid } = trees
    return { input, scores, ...laid, ...sums }
  } catch {
    // The runtime has read the file, and has the word.
    return undefined
  }
}

/** What is read of a node: lists of numbers by attribute, texts but for modes, and the modes of the nodes. */
interface Attributes {
  readonly numbers: Map<string, Int32Array>
  readonly floats: Map<string, Float32Array>
  readonly texts: Map<string, string>
  /** Indexes into `MODES`; -1 for another one. */
  modes: Int8Array
}

const NO_NUMBERS = new Int32Array()
const NO_FLOATS = new Float32Array()

const MODES = ['LEAF', 'BRANCH_LEQ', 'BRANCH_LT'].map((mode) => Buffer.from(mode))
const LEAF = 0
const LESS = 2

function readAttributes(bytes: Uint8Array, operator: string): Attributes {
  const found: Attributes = { numbers: new Map(), floats: new Map(), texts: new Map(), modes: new Int8Array() }
  const node = (part: Uint8Array) => {
    let name = ''
    const setName = (reader: protobuf.Reader) => {
      name = reader.string()
    }
    readFields(part, { 4: [BYTES, setName] })
    if (name === operator) readFields(part, { 5: [BYTES, (reader) => readAttribute(reader.bytes(), found)] })
  }
  const graph = (reader: protobuf.Reader) => readFields(reader.bytes(), { [FIELD.graphNode]: [BYTES, (inner) => node(inner.bytes())] })
  readFields(bytes, { [FIELD.modelGraph]: [BYTES, graph] })
  return found
}

/** Reads one attribute. Lists stand packed or value by value: both are legal, and there may be millions. */
function readAttribute(part: Uint8Array, found: Attributes): void {
  const name = nameOf(part)
  if (name === 'nodes_hitrates') return
  let numbers = NO_NUMBERS
  let floats = NO_FLOATS
  let modes = new Int8Array()
  let [count, texts, text] = [0, 0, '']
  const reader = protobuf.Reader.create(part)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const field = tag >>> 3
    const wire = tag & 7
    if ((field === 3 || field === 8) && wire === VARINT) {
      // Room for all there can be, made when the first one is seen.
      if (count === 0) numbers = new Int32Array(part.length >> 1)
      numbers[count++] = reader.int32()
    } else if ((field === 2 || field === 7) && wire === FIXED32) {
      if (count === 0) floats = new Float32Array(part.length >> 2)
      floats[count++] = reader.float()
    } else if (field === 9 && wire === BYTES && name === 'nodes_modes') {
      if (count === 0) modes = new Int8Array(part.length >> 1)
      const length = reader.uint32()
      modes[count++] = modeOf(part, reader.pos, length)
      reader.skip(length)
    } else if ((field === 4 || field === 9) && wire === BYTES) {
      text = reader.string()
      texts += 1
    } else if (field === 8 && wire === BYTES) {
      const length = reader.uint32()
      numbers = new Int32Array(Math.min(length, part.length))
      for (const end = reader.pos + length; reader.pos < end; ) numbers[count++] = reader.int32()
    } else if (field === 7 && wire === BYTES) {
      const length = reader.uint32()
      floats = new Float32Array(Math.min(length, part.length) >> 2)
      for (const end = reader.pos + length; reader.pos < end; ) floats[count++] = reader.float()
    } else reader.skipType(wire, 0, field)
  }
  if (numbers.length > 0) found.numbers.set(name, numbers.subarray(0, count))
  if (floats.length > 0) found.floats.set(name, floats.subarray(0, count))
  if (name === 'nodes_modes') found.modes = modes.subarray(0, count)
  else if (name === 'classlabels_strings') found.numbers.set(name, new Int32Array(texts))
  else if (texts === 1) found.texts.set(name, text)
}

/** The name of an attribute, which comes first. */
function nameOf(part: Uint8Array): string {
  const reader = protobuf.Reader.create(part)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === ((1 << 3) | BYTES)) return reader.string()
    reader.skipType(tag & 7, 0, tag >>> 3)
  }
  return ''
}

function modeOf(bytes: Uint8Array, at: number, length: number): number {
  for (let mode = 0; mode < MODES.length; mode += 1) {
    const name = MODES[mode]!
    let same = name.length
    if (same === length) while (same > 0 && name[same - 1] === bytes[at + same - 1]) same -= 1
    if (same === 0) return mode
  }
  return -1
}

type Trees = Pick<TreeEnsemble, 'features' | 'thresholds' | 'next' | 'missing' | 'roots' | 'leastFeatures'> & {
  /** Where a node of the file lies, by tree and number; -1 for none. */
  readonly placeOf: (tree: number, node: number) => number
}

/** Lays nodes out so that the two that follow a branch are neighbours. */
function layOut({ numbers, floats, modes }: Attributes): Trees | undefined {
  const list = (name: string) => numbers.get(`nodes_${name}`) ?? NO_NUMBERS
  const [trees, ids, features] = [list('treeids'), list('nodeids'), list('featureids')]
  const [trueIds, falseIds, tracks] = [list('truenodeids'), list('falsenodeids'), list('missing_value_tracks_true')]
  const values = floats.get('nodes_values') ?? NO_FLOATS
  const many = trees.length
  if (many === 0 || many > MOST_NODES || [ids, features, trueIds, falseIds, modes, values].some(({ length }) => length !== many))
    return undefined
  const numbered = numberNodes(trees, ids)
  if (!numbered) return undefined
  const { spans, indexes } = numbered
  if (spans.size > MOST_TREES) return undefined
  const [nextNodes, thresholds, missing] = [new Int32Array(many), new Float32Array(many), new Uint8Array(many)]
  const branchFeatures = new Int32Array(many).fill(-1)
  const places = new Int32Array(many).fill(-1)
  const roots: { node: number; depth: number }[] = []
  let [taken, leastFeatures] = [0, 0]
  for (const { first, count } of spans.values()) {
    const root = taken
    places[first] = taken++
    let depth = -1
    for (let level = [first]; level.length > 0; depth += 1) {
      const below: number[] = []
      for (const index of level) {
        const place = places[index]!
        nextNodes[place] = place
        if (modes[index] === LEAF) continue
        const [yesId, noId, feature] = [trueIds[index]!, falseIds[index]!, features[index]!]
        if (modes[index]! < 0 || feature < 0 || Number.isNaN(values[index])) return undefined
        if (yesId < 0 || yesId >= count || noId < 0 || noId >= count || yesId === noId) return undefined
        const yes = indexes[first + yesId]!
        const no = indexes[first + noId]!
        // A node that two lead to makes no tree.
        if (places[yes]! >= 0 || places[no]! >= 0) return undefined
        branchFeatures[place] = feature
        thresholds[place] = modes[index] === LESS ? before(values[index]!) : values[index]!
        missing[place] = tracks[index] === 1 ? 1 : 0
        nextNodes[place] = taken
        places[yes] = taken++
        places[no] = taken++
        leastFeatures = Math.max(leastFeatures, feature + 1)
        below.push(yes, no)
      }
      level = below
    }
    roots.push({ node: root, depth })
  }
  if (taken !== many) return undefined
  const placeOf = (tree: number, id: number) => {
    const span = spans.get(tree)
    return span && id >= 0 && id < span.count ? places[indexes[span.first + id]!]! : -1
  }
  return { features: branchFeatures, thresholds, next: nextNodes, missing, roots, leastFeatures, placeOf }
}

/**
 * Where each tree stands, and the nodes by their numbers within it. `undefined` when a tree does not stand together, or its numbers are not
 * 0, 1, … in some order.
 */
function numberNodes(trees: Int32Array, ids: Int32Array) {
  const spans = new Map<number, { readonly first: number; readonly count: number }>()
  const indexes = new Int32Array(trees.length).fill(-1)
  for (let first = 0; first < trees.length; ) {
    const tree = trees[first]!
    let end = first + 1
    while (end < trees.length && trees[end] === tree) end += 1
    if (spans.has(tree)) return undefined
    spans.set(tree, { first, count: end - first })
    for (let index = first; index < end; index += 1) {
      const id = ids[index]!
      if (id < 0 || id >= end - first || indexes[first + id]! >= 0) return undefined
      indexes[first + id] = index
    }
    first = end
  }
  return { spans, indexes }
}

const asFloat = new Float32Array(1)
const asBits = new Int32Array(asFloat.buffer)

/** The next smaller float32, for "less than" is "at most" that; NaN, which nothing is at most, before -Infinity. */
export function before(value: number): number {
  if (value === Number.NEGATIVE_INFINITY) return Number.NaN
  asFloat[0] = value
  if (value === 0) asBits[0] = 0x80000001 | 0
  else asBits[0]! += value > 0 ? -1 : 1
  return asFloat[0]!
}

type Sums = Pick<TreeEnsemble, 'outputs' | 'weights' | 'bases' | 'transform' | 'pairs'>

function targets(attributes: Attributes, trees: Trees): Sums | undefined {
  const { numbers, floats, texts } = attributes
  const bases = [...(floats.get('base_values') ?? [])]
  const one = (numbers.get('n_targets')?.[0] ?? 1) === 1 && bases.length <= 1
  if (!one || (texts.get('aggregate_function') ?? 'SUM') !== 'SUM' || (texts.get('post_transform') ?? 'NONE') !== 'NONE') return undefined
  return putWeights(attributes, 'target', trees, 1) && { outputs: 1, bases, transform: 'NONE' }
}

function classes(attributes: Attributes, trees: Trees): Sums | undefined {
  const { numbers, floats, texts } = attributes
  const many = (numbers.get('classlabels_int64s') ?? numbers.get('classlabels_strings') ?? NO_NUMBERS).length
  const bases = [...(floats.get('base_values') ?? [])]
  const transform = texts.get('post_transform') ?? 'NONE'
  if (many < 2 || (transform !== 'NONE' && transform !== 'LOGISTIC' && transform !== 'SOFTMAX')) return undefined
  if (many === 2 && numbers.get('class_ids')?.every((id) => id === 0)) {
    if (bases.length > 1 || transform === 'SOFTMAX' || !putWeights(attributes, 'class', trees, 1)) return undefined
    const pairs = floats.get('class_weights')!.every((weight) => weight >= 0) ? 'probability' : 'margin'
    return { outputs: 1, bases, transform, pairs }
  }
  if (bases.length > 0 && (bases.length !== many || many === 2)) return undefined
  const weights = putWeights(attributes, 'class', trees, many)
  return weights && { outputs: many, weights, bases, transform }
}

/** Puts into the leaves what they add, or of several sums the number of the row that they add. Returns the rows. */
function putWeights({ numbers, floats }: Attributes, what: 'class' | 'target', trees: Trees, outputs: number): Float32Array | undefined {
  const list = (name: string) => numbers.get(`${what}_${name}`) ?? NO_NUMBERS
  const [ids, treeIds, nodeIds] = [list('ids'), list('treeids'), list('nodeids')]
  const values = floats.get(`${what}_weights`) ?? NO_FLOATS
  if ([treeIds, nodeIds, values].some(({ length }) => length !== ids.length)) return undefined
  const rowOf = new Int32Array(trees.next.length)
  // Row 0 is of nodes that add nothing.
  let rows = 1
  const places = treeIds.map((tree, index) => trees.placeOf(tree, nodeIds[index]!))
  for (const place of places) {
    if (place < 0 || trees.features[place]! >= 0) return undefined
    if (rowOf[place] === 0) rowOf[place] = rows++
  }
  if (rows * outputs > MOST_WEIGHTS) return undefined
  const weights = new Float32Array(rows * outputs).fill(Number.NaN)
  for (let index = 0; index < ids.length; index += 1) {
    const id = ids[index]!
    const at = rowOf[places[index]!]! * outputs + id
    // Of two weights for one sum of a leaf the order of adding would count.
    if (id < 0 || id >= outputs || !Number.isFinite(values[index]) || !Number.isNaN(weights[at])) return undefined
    weights[at] = values[index]!
  }
  // The runtime has answers of its own for a leaf that names no weight, and for one of two classes that gets none.
  const fewest = outputs === 2 ? 2 : 1
  for (let at = outputs; at < weights.length; at += outputs)
    if (weights.subarray(at, at + outputs).filter((weight) => !Number.isNaN(weight)).length < fewest) return undefined
  for (let at = 0; at < weights.length; at += 1) if (Number.isNaN(weights[at])) weights[at] = 0
  const bits = new Int32Array(trees.thresholds.buffer)
  for (let place = 0; place < rowOf.length; place += 1) {
    if (trees.features[place]! >= 0) continue
    if (rowOf[place] === 0) return undefined
    if (outputs === 1) trees.thresholds[place] = weights[rowOf[place]!]!
    else bits[place] = rowOf[place]!
  }
  return weights
}
