/** Lays the nodes of an ensemble out as the engine walks them, and says no to what is no tree: a node that two lead to, or one that is missing. */
import { LEAF, LESS, NO_FLOATS, NO_NUMBERS, type TreeAttributes } from './treeAttributes.js'

/** A node takes 16 bytes in each thread: beyond so many the runtime's own memory is trouble enough. */
const MOST_NODES = 1 << 22
const MOST_TREES = 1 << 16

export interface Trees {
  /** A record has at least so many features. */
  readonly leastFeatures: number
  /**
   * Nodes of all trees. A branch has its feature, its threshold, the node for a value that is at most the threshold, which the other one
   * follows, and whether NaN goes there too. A leaf has feature -1, what it adds or the number of its row of weights, itself, and 0.
   */
  readonly features: Int32Array
  readonly thresholds: Float32Array
  readonly next: Int32Array
  readonly missing: Uint8Array
  /** First node of each tree, and how many levels its longest way goes down. */
  readonly roots: readonly { readonly node: number; readonly depth: number }[]
}

export interface LaidOutTrees extends Trees {
  /** Where a node of the file lies, by tree and number; -1 for none. */
  readonly placeOf: (tree: number, node: number) => number
}

/** The two nodes that follow a branch become neighbours. What leaves add is put in later. */
export function layOutTrees({ numbers, floats, modes }: TreeAttributes): LaidOutTrees | undefined {
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
 * Finds where each tree stands, and the nodes by their numbers within it. `undefined` when a tree does not stand together, or its numbers
 * are not 0, 1, … in some order.
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

/** Gives the next smaller float32, because "less than" is "at most" that. Before -Infinity it gives NaN, which nothing is at most. */
export function before(value: number): number {
  if (value === Number.NEGATIVE_INFINITY) return Number.NaN
  asFloat[0] = value
  if (value === 0) asBits[0] = 0x80000001 | 0
  else asBits[0]! += value > 0 ? -1 : 1
  return asFloat[0]!
}
