/**
 * Reads an ensemble of trees from an ONNX file into the form that `treeEngine.ts` walks. Only what that form can hold, float32 and modes
 * that ask "at most" or "less", is read; of anything else there is no ensemble, and the runtime scores it.
 */
import type { OnnxFile } from '../onnx/onnxFile.js'
import { type LaidOutTrees, layOutTrees, type Trees } from './layOutTrees.js'
import { NO_FLOATS, NO_NUMBERS, readTreeAttributes, type TreeAttributes } from './treeAttributes.js'

/** What leaves add up to. */
interface Sums {
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

export interface TreeEnsemble extends Trees, Sums {
  /** Tensor of the file that it looks at: a row of float32 for each record. */
  readonly input: string
  /** Tensors of the file that hold its scores. */
  readonly scores: ReadonlySet<string>
}

const MOST_WEIGHTS = 1 << 22

/** Reads the only ensemble of a model. @param bytes the file's */
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
    const attributes = readTreeAttributes(bytes, node.operator)
    const trees = layOutTrees(attributes)
    const sums = trees && (classifier ? classes(attributes, trees) : targets(attributes, trees))
    if (!sums) return undefined
    const { placeOf: _placeOf, ...laid } = trees
    return { input, scores, ...laid, ...sums }
  } catch {
    // The runtime has read the file, and has the word.
    return undefined
  }
}

function targets(attributes: TreeAttributes, trees: LaidOutTrees): Sums | undefined {
  const { numbers, floats, texts } = attributes
  const bases = [...(floats.get('base_values') ?? [])]
  const one = (numbers.get('n_targets')?.[0] ?? 1) === 1 && bases.length <= 1
  if (!one || (texts.get('aggregate_function') ?? 'SUM') !== 'SUM' || (texts.get('post_transform') ?? 'NONE') !== 'NONE') return undefined
  return putWeights(attributes, 'target', trees, 1) && { outputs: 1, bases, transform: 'NONE' }
}

function classes(attributes: TreeAttributes, trees: LaidOutTrees): Sums | undefined {
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

/** Puts into the leaves what they add; when there are several sums, the number of the row that they add. Returns the rows. */
function putWeights(
  { numbers, floats }: TreeAttributes,
  what: 'class' | 'target',
  trees: LaidOutTrees,
  outputs: number,
): Float32Array | undefined {
  const list = (name: string) => numbers.get(`${what}_${name}`) ?? NO_NUMBERS
  const [ids, treeIds, nodeIds] = [list('ids'), list('treeids'), list('nodeids')]
  const values = floats.get(`${what}_weights`) ?? NO_FLOATS
  if ([treeIds, nodeIds, values].some(({ length }) => length !== ids.length)) return undefined
  const rowOf = new Int32Array(trees.next.length)
  // Row 0 belongs to nodes that add nothing.
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
    // When a leaf has two weights for one sum, the order of adding would count.
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
