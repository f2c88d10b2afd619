/**
 * Ensembles of trees over records, in WebAssembly: eight records walk a tree side by side, and no step is a jump that a processor could
 * guess wrong. Sums are float32 in the order of the trees, as the ONNX runtime adds with one thread. What the numbers are is the host's.
 *
 * A node is 16 bytes: where its feature is in a block of records, u32; its threshold, f32; the address of the node for "at most the
 * threshold", u32, which the other one follows; whether NaN goes to the first, u32. A leaf leads to itself: its feature is the one that is
 * -Infinity in every record, and its threshold is what it adds, or the number of the row of weights that it adds.
 */

export { addBases, applyLogistic, applySoftmax, makePairs } from './finish'

const NODE_BITS: i32 = 4
const LANES: i32 = 8
/** Of one feature of a block. */
const FEATURE_BYTES: i32 = 4 * LANES
/** Steps between two looks at whether all records have arrived. */
const STRIDE: i32 = 4

let top: usize = __heap_base
let width: i32 = 0
let outputs: i32 = 0
let input: usize = 0
let blocks: usize = 0
/** Output by output of each record. */
export let sums: usize = 0

/** So many bytes, at a multiple of 16. Beyond what the host gave it traps. */
export function allocate(bytes: i32): usize {
  const at = (top + 15) & ~15
  top = at + <usize>bytes
  if (top > (<usize>memory.size()) << 16) unreachable()
  return at
}

/** Sets up room for records of some features, and for as many sums of each as there are outputs. Returns where records are to be put. */
export function prepare(features: i32, records: i32, many: i32): usize {
  width = features
  outputs = many
  const padded = (records + LANES - 1) & ~(LANES - 1)
  input = allocate(4 * width * padded)
  blocks = allocate(4 * (width + 1) * padded)
  sums = allocate(4 * many * padded)
  return input
}

/** Lays records out in blocks of eight, feature by feature; one more feature is -Infinity. Returns whether any number is NaN. */
export function arrange(records: i32): bool {
  const count = (records + LANES - 1) / LANES
  let missing: i32 = 0
  let to = blocks
  for (let block = 0; block < count; block += 1) {
    const from = input + 4 * width * LANES * block
    for (let feature = 0; feature < width; feature += 1) {
      for (let lane = 0; lane < LANES; lane += 1) {
        const value = load<f32>(from + 4 * (lane * width + feature))
        missing |= i32(value != value)
        store<f32>(to, value)
        to += 4
      }
    }
    for (let lane = 0; lane < LANES; lane += 1) {
      store<f32>(to, -Infinity)
      to += 4
    }
  }
  memory.fill(sums, 0, 4 * outputs * LANES * count)
  return missing != 0
}

/** The next node. */
function step(node: u32, record: usize): u32 {
  const beyond = i32(!(load<f32>(record + load<u32>(node)) <= load<f32>(node, 4)))
  return load<u32>(node, 8) + (beyond << NODE_BITS)
}

/** The same, where NaN has a way of its own: asking for it at every step takes half as long again. */
function stepMissing(node: u32, record: usize): u32 {
  const value = load<f32>(record + load<u32>(node))
  const first = i32(value <= load<f32>(node, 4)) | (i32(value != value) & load<i32>(node, 12))
  return load<u32>(node, 8) + ((first ^ 1) << NODE_BITS)
}

/**
 * Adds what the trees give the records of some blocks. Of a tree, at `roots`: the address of its first node and its depth, u32 each.
 * `weights` is 0 when a leaf holds the number it adds, else where the rows of weights are.
 */
export function addTrees(roots: usize, trees: i32, first: i32, last: i32, weights: usize, missing: bool): void {
  const bytes = FEATURE_BYTES * (width + 1)
  for (let tree = 0; tree < trees; tree += 1) {
    const root = load<u32>(roots + 8 * tree)
    const depth = load<i32>(roots + 8 * tree, 4)
    for (let block = first; block < last; block += 1) {
      const x = blocks + bytes * block
      let a = root
      let b = root
      let c = root
      let d = root
      let e = root
      let f = root
      let g = root
      let h = root
      let left = depth
      while (left > 0) {
        const steps = min(left, STRIDE)
        if (missing) {
          for (let at = 0; at < steps; at += 1) {
            a = stepMissing(a, x)
            b = stepMissing(b, x + 4)
            c = stepMissing(c, x + 8)
            d = stepMissing(d, x + 12)
            e = stepMissing(e, x + 16)
            f = stepMissing(f, x + 20)
            g = stepMissing(g, x + 24)
            h = stepMissing(h, x + 28)
          }
        } else {
          for (let at = 0; at < steps; at += 1) {
            a = step(a, x)
            b = step(b, x + 4)
            c = step(c, x + 8)
            d = step(d, x + 12)
            e = step(e, x + 16)
            f = step(f, x + 20)
            g = step(g, x + 24)
            h = step(h, x + 28)
          }
        }
        left -= steps
        if (left > 0 && arrived(a) & arrived(b) & arrived(c) & arrived(d) & arrived(e) & arrived(f) & arrived(g) & arrived(h)) break
      }
      const to = sums + 4 * outputs * LANES * block
      if (weights == 0) {
        add(to, a)
        add(to + 4, b)
        add(to + 8, c)
        add(to + 12, d)
        add(to + 16, e)
        add(to + 20, f)
        add(to + 24, g)
        add(to + 28, h)
      } else {
        addRow(to, 0, a, weights)
        addRow(to, 1, b, weights)
        addRow(to, 2, c, weights)
        addRow(to, 3, d, weights)
        addRow(to, 4, e, weights)
        addRow(to, 5, f, weights)
        addRow(to, 6, g, weights)
        addRow(to, 7, h, weights)
      }
    }
  }
}

/** Of a shallow tree: seven branches, u32 and f32 as in a node, level by level, then eight leaves, f32. */
const SHALLOW_BYTES: usize = 88
const LEAVES: usize = 56

/**
 * The same for trees of three levels at most, one sum, and no NaN that has a way of its own: all branches of a tree are asked, four records
 * at once, and the answers choose among the leaves. No record waits for where another step has led it.
 */
export function addShallowTrees(tables: usize, trees: i32, count: i32): void {
  const bytes = FEATURE_BYTES * (width + 1)
  const end = tables + SHALLOW_BYTES * trees
  for (let block = 0; block < count; block += 1) {
    for (let lane = 0; lane < LANES; lane += 4) {
      const x = blocks + bytes * block + 4 * lane
      const to = sums + 4 * (LANES * block + lane)
      let sum = v128.load(to)
      for (let table = tables; table < end; table += SHALLOW_BYTES) sum = f32x4.add(sum, leafOf(table, x))
      v128.store(to, sum)
    }
  }
}

function leafOf(table: usize, x: usize): v128 {
  const yes = choose(table, 1, x, lastOf(table, 3, x), lastOf(table, 4, x))
  const no = choose(table, 2, x, lastOf(table, 5, x), lastOf(table, 6, x))
  return choose(table, 0, x, yes, no)
}

/** The leaf that a branch of the last level leads to. */
function lastOf(table: usize, branch: usize, x: usize): v128 {
  const leaves = table + LEAVES + 8 * (branch - 3)
  return choose(table, branch, x, v128.load32_splat(leaves), v128.load32_splat(leaves, 4))
}

function choose(table: usize, branch: usize, x: usize, yes: v128, no: v128): v128 {
  const at = table + 8 * branch
  return v128.bitselect(yes, no, f32x4.le(v128.load(x + load<u32>(at)), v128.load32_splat(at, 4)))
}

function arrived(node: u32): i32 {
  return i32(load<u32>(node, 8) == node)
}

function add(sum: usize, leaf: u32): void {
  store<f32>(sum, load<f32>(sum) + load<f32>(leaf, 4))
}

function addRow(sum: usize, lane: i32, leaf: u32, weights: usize): void {
  const to = sum + 4 * outputs * lane
  const row = weights + 4 * outputs * load<i32>(leaf, 4)
  for (let output = 0; output < outputs; output += 1) {
    store<f32>(to + 4 * output, load<f32>(to + 4 * output) + load<f32>(row + 4 * output))
  }
}
