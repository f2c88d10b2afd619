/**
 * Scores records with an ensemble of trees, bit for bit as the ONNX runtime does with one thread, in a half to a tenth of its time: there
 * the processor has to guess at every branch. It is used only where it has given the runtime's bits for records whose values lie on the
 * thresholds themselves.
 */
import { readFileSync } from 'node:fs'
import type { TreeEnsemble } from './treeEnsemble.js'

/** What `kernel/index.ts` exports. Places are addresses in its memory. */
interface Exports {
  readonly sums: WebAssembly.Global
  allocate(bytes: number): number
  prepare(features: number, records: number, outputs: number): number
  arrange(records: number): number
  addTrees(roots: number, trees: number, first: number, last: number, weights: number, missing: boolean): void
  addShallowTrees(tables: number, trees: number, blocks: number): void
  addBases(sums: number, records: number, outputs: number, bases: number): void
  applyLogistic(sums: number, many: number): void
  applySoftmax(sums: number, records: number, outputs: number): void
  makePairs(sums: number, pairs: number, records: number, transform: boolean, probability: boolean): void
}

const PAGE_BYTES = 65_536
const NODE_BYTES = 16
/** Records walk side by side in blocks of so many. */
const LANES = 8
/** Blocks of so many bytes go through all trees together: they stay in a processor's nearest memory. */
const TILE_BYTES = 16_384

let compiled: WebAssembly.Module | undefined

export class TreeEngine {
  /** Columns of a record's scores. */
  readonly columns: number
  private readonly calls: Exports
  private readonly memory: ArrayBuffer
  private readonly input: Float32Array
  private readonly roots: number
  /** Only trees of a few levels that have one sum are in tables. */
  private readonly tables: number | undefined
  private readonly weights: number
  private readonly bases: number
  private readonly pairs: number
  private readonly ensemble: Pick<TreeEnsemble, 'outputs' | 'bases' | 'transform' | 'pairs'> & {
    readonly trees: number
    readonly tracksMissing: boolean
  }

  /** @param features of a record @param records at most, of a run @throws RangeError when there is no memory for it */
  constructor(
    trees: TreeEnsemble,
    private readonly features: number,
    records: number,
  ) {
    const { outputs, weights, bases, transform, pairs, roots } = trees
    // Its nodes are in the memory below: the arrays that they came in are not kept.
    this.ensemble = {
      outputs,
      bases,
      transform,
      ...(pairs ? { pairs } : {}),
      trees: roots.length,
      tracksMissing: trees.missing.includes(1),
    }
    const nodes = trees.next.length
    const numbers =
      (2 * features + 2 + outputs + 2) * (records + LANES) + (weights?.length ?? 0) + bases.length + (2 + SHALLOW_WORDS) * roots.length
    compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)))
    const memory = new WebAssembly.Memory({ initial: Math.ceil((NODE_BYTES * nodes + 4 * numbers) / PAGE_BYTES) + 2 })
    this.calls = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Exports
    this.memory = memory.buffer
    this.columns = trees.pairs ? 2 : outputs
    this.input = new Float32Array(this.memory, this.calls.prepare(features, records, outputs), features * records)
    this.pairs = this.calls.allocate(8 * (records + LANES))
    const first = this.placeNodes(trees)
    this.roots = this.place(Uint32Array.from(roots.flatMap(({ node, depth }) => [first + NODE_BYTES * node, depth])))
    this.tables = outputs === 1 && roots.every(({ depth }) => depth <= SHALLOW) ? this.place(this.shallowTables(trees)) : undefined
    this.weights = weights ? this.place(weights) : 0
    this.bases = this.place(Float32Array.from(bases))
  }

  /** Scores records, row by row. The answer is a view that the next run writes over. */
  run(records: Float32Array): Float32Array {
    const { calls, ensemble } = this
    const count = records.length / this.features
    this.input.set(records)
    const missing = calls.arrange(count) !== 0 && ensemble.tracksMissing
    const blocks = Math.ceil(count / LANES)
    if (this.tables !== undefined && !missing) calls.addShallowTrees(this.tables, ensemble.trees, blocks)
    else this.walk(blocks, missing)
    return this.finish(count)
  }

  private walk(blocks: number, missing: boolean): void {
    const tile = Math.max(1, Math.floor(TILE_BYTES / (4 * LANES * (this.features + 1))))
    for (let first = 0; first < blocks; first += tile)
      this.calls.addTrees(this.roots, this.ensemble.trees, first, Math.min(first + tile, blocks), this.weights, missing)
  }

  private finish(count: number): Float32Array {
    const { calls } = this
    const { outputs, bases, transform, pairs } = this.ensemble
    const sums = calls.sums.value as number
    if (bases.length > 0) calls.addBases(sums, count, outputs, this.bases)
    if (pairs) calls.makePairs(sums, this.pairs, count, transform === 'LOGISTIC', pairs === 'probability')
    else if (transform === 'LOGISTIC') calls.applyLogistic(sums, count * outputs)
    else if (transform === 'SOFTMAX') calls.applySoftmax(sums, count, outputs)
    return new Float32Array(this.memory, pairs ? this.pairs : sums, count * this.columns)
  }

  private place(values: Float32Array | Uint32Array): number {
    const address = this.calls.allocate(values.byteLength)
    new Uint8Array(this.memory).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address)
    return address
  }

  /** Makes shallow trees with all the branches they can have: what ends earlier has the same leaf below each of them. */
  private shallowTables({ features, thresholds, next, roots }: TreeEnsemble): Uint32Array {
    const words = new Uint32Array(SHALLOW_WORDS * roots.length)
    const bits = new Uint32Array(thresholds.buffer)
    const branches = 2 ** SHALLOW - 1
    const fill = (table: number, place: number, node: number): void => {
      if (place >= branches) {
        words[table + branches + place] = bits[node]!
        return
      }
      words[table + 2 * place] = this.columnOf(features[node]!)
      words[table + 2 * place + 1] = bits[node]!
      const leaf = features[node]! < 0
      fill(table, 2 * place + 1, next[node]!)
      fill(table, 2 * place + 2, leaf ? node : next[node]! + 1)
    }
    for (const [tree, { node }] of roots.entries()) fill(SHALLOW_WORDS * tree, 0, node)
    return words
  }

  /** Finds where a block of records has a feature. That of a leaf is the one that is -Infinity. */
  private columnOf(feature: number): number {
    return 4 * LANES * (feature < 0 ? this.features : feature)
  }

  private placeNodes({ features, thresholds, next, missing }: TreeEnsemble): number {
    const first = this.calls.allocate(NODE_BYTES * next.length)
    const words = new Uint32Array(this.memory, first, 4 * next.length)
    const bits = new Uint32Array(thresholds.buffer)
    for (let node = 0; node < next.length; node += 1) {
      words[4 * node] = this.columnOf(features[node]!)
      words[4 * node + 1] = bits[node]!
      words[4 * node + 2] = first + NODE_BYTES * next[node]!
      words[4 * node + 3] = missing[node]!
    }
    return first
  }
}

/** A tree of so many levels has all of its branches asked. */
const SHALLOW = 3
/** Such a tree takes two words for each branch and one for each leaf. */
const SHALLOW_WORDS = 2 * (2 ** SHALLOW - 1) + 2 ** SHALLOW

/** An ensemble is tried on so many records. */
const PROBES = 1024
/** It is tried with so many runs, when a model takes a few records at a time. */
const MOST_TRIES = 64

/**
 * Makes the engine of an ensemble, if there is memory for it and it gives the bits that `runtime` gives.
 * @param features of a record
 * @param records of a run: just as many when they are `fixed`, else at most
 */
export async function provenEngine(
  trees: TreeEnsemble,
  features: number,
  { records, fixed }: { readonly records: number; readonly fixed: boolean },
  runtime: (rows: Float32Array) => Promise<ArrayLike<unknown>>,
): Promise<TreeEngine | undefined> {
  if (features < trees.leastFeatures) return undefined
  const engine = engineIfItFits(trees, features, records)
  if (!engine) return undefined
  const together = fixed ? records : Math.min(records, PROBES)
  const drawn = probes(trees, features, together * Math.min(Math.ceil(PROBES / together), MOST_TRIES))
  // Where NaN has a way of its own, records without any are walked by other steps.
  const rounds = trees.missing.includes(1) ? [drawn, drawn.map((value) => value || 0)] : [drawn]
  for (const rows of rounds) {
    for (let at = 0; at < rows.length; at += features * together) {
      const some = rows.slice(at, at + features * together)
      const expected = await runtime(some).catch(() => undefined)
      if (!(expected instanceof Float32Array && sameBits(engine.run(some), expected))) return undefined
    }
  }
  return engine
}

function engineIfItFits(trees: TreeEnsemble, features: number, records: number): TreeEngine | undefined {
  try {
    return new TreeEngine(trees, features, records)
  } catch {
    return undefined
  }
}

/** The thresholds of so many nodes are tried, spread over all trees. */
const PROBED_NODES = 65_536

/** Draws whole numbers below a limit, the same ones every time: a linear congruential generator (Numerical Recipes). */
export function draw(): (limit: number) => number {
  let state = 1
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Draws from the thresholds of each feature, the numbers just beyond them and between them, and now and then NaN. */
function probes({ features: nodes, thresholds }: TreeEnsemble, features: number, records: number): Float32Array {
  const values = Array.from({ length: features }, () => new Set([0]))
  const stride = Math.ceil(nodes.length / PROBED_NODES)
  for (let node = 0; node < nodes.length; node += stride) if (nodes[node]! >= 0) values[nodes[node]!]!.add(thresholds[node]!)
  const lists = values.map((set) => Float32Array.from(set).sort())
  const rows = new Float32Array(features * records)
  const bits = new Int32Array(rows.buffer)
  const next = draw()
  for (let at = 0; at < rows.length; at += 1) {
    const list = lists[at % features]!
    const place = next(list.length)
    const kind = next(16)
    rows[at] = kind === 15 ? Number.NaN : list[place]!
    if (kind >= 12 && kind < 15) bits[at]! += rows[at]! < 0 ? -1 : 1
    else if (kind >= 8 && kind < 12) rows[at] = list[place]! / 2 + list[Math.min(place + 1, list.length - 1)]! / 2
  }
  return rows
}

/** Are all bits alike? */
export function sameBits(some: Float32Array, others: Float32Array): boolean {
  const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Int32Array(buffer, byteOffset, length)
  const expected = bitsOf(others)
  return some.length === others.length && bitsOf(some).every((bits, index) => bits === expected[index])
}
