/** Ensembles of trees by Daybreak's own engine against the ONNX runtime: the same bits, whatever an exporter writes, or the runtime's. */
import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { regression } from '../../definition/tasks.js'
import { type Chain, openChain } from '../../model/chain.js'
import { Tensor } from '../../model/runtime.js'
import { openModel } from '../../model/session.js'
import { provenEngine } from '../../model/treeEngine.js'
import { before, type TreeEnsemble } from '../../model/treeEnsemble.js'
import { temporaryFolder } from '../temporaryFolder.js'
import { type Attribute, type Node, onnxModel, treeModel } from './onnxBuilder.js'

const folder = temporaryFolder()
let files = 0

interface Ensemble {
  /** Of the numbers that are drawn. */
  readonly seed: number
  readonly features: number
  readonly trees: number
  readonly depth: number
  /** 1: a regression, or two classes with one sum. */
  readonly sums: number
  readonly classifier: boolean
  readonly modes: readonly string[]
  readonly transform: string
  readonly aggregate: string
  readonly bases: boolean
  /** NaN has a way of its own at some branches. */
  readonly tracks: boolean
  readonly negative: boolean
  /** Nodes stand in another order than their numbers. */
  readonly shuffled: boolean
  /** Some leaves add nothing. */
  readonly sparse?: boolean
  /** Takes so many records at a time. @default any number */
  readonly batch?: number
  /** What comes before the trees in the file. @default nothing */
  readonly head?: keyof typeof HEADS
}

/** What exporters put before trees; the trees look at `seen`. */
const HEADS = {
  scaler: (features: number): readonly Node[] => [
    {
      operator: 'Scaler',
      domain: 'ai.onnx.ml',
      inputs: ['input'],
      outputs: ['seen'],
      attributes: {
        offset: { floats: Array.from({ length: features }, (_, index) => index / 3) },
        scale: { floats: Array.from({ length: features }, (_, index) => 1 / (index + 0.7)) },
      },
    },
  ],
  normalizer: (): readonly Node[] => [
    { operator: 'Identity', inputs: ['input'], outputs: ['same'] },
    { operator: 'Normalizer', domain: 'ai.onnx.ml', inputs: ['same'], outputs: ['seen'], attributes: { norm: 'L2' } },
  ],
  encoder: (): readonly Node[] => [
    {
      operator: 'OneHotEncoder',
      domain: 'ai.onnx.ml',
      inputs: ['kind'],
      outputs: ['kinds'],
      attributes: { cats_strings: ['1', '2', '3'], zeros: 1 },
    },
    { operator: 'Concat', inputs: ['input', 'kinds'], outputs: ['seen'], attributes: { axis: 1 } },
  ],
  /** The runtime melts arithmetic into its neighbours, and then other bits come out: it is not cut. */
  arithmetic: (): readonly Node[] => [{ operator: 'Add', inputs: ['input', 'input'], outputs: ['seen'] }],
  /** The model's other output needs what the trees' values are made of. */
  shared: (): readonly Node[] => [
    { operator: 'Identity', inputs: ['input'], outputs: ['same'] },
    { operator: 'Normalizer', domain: 'ai.onnx.ml', inputs: ['same'], outputs: ['seen'], attributes: { norm: 'MAX' } },
    { operator: 'ReduceMax', inputs: ['same'], outputs: ['most'] },
  ],
  double: (): readonly Node[] => [{ operator: 'Cast', inputs: ['input'], outputs: ['seen'], attributes: { to: 11 } }],
} as const

const plain: Ensemble = {
  seed: 1,
  features: 3,
  trees: 5,
  depth: 4,
  sums: 1,
  classifier: true,
  modes: ['BRANCH_LEQ'],
  transform: 'NONE',
  aggregate: 'SUM',
  bases: false,
  tracks: false,
  negative: true,
  shuffled: false,
}

/** Draws numbers from 0 to 1, the same ones for a seed. */
function draw(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 4) / 2 ** 28
  }
}

interface DrawnNode {
  readonly tree: number
  readonly id: number
  readonly feature: number
  readonly mode: string
  readonly value: number
  readonly next: readonly [yes: number, no: number]
  readonly tracks: number
}

/** The bytes of a model, and the thresholds that it has. */
function modelOf(ensemble: Ensemble): { readonly bytes: Uint8Array; readonly thresholds: readonly number[] } {
  const {
    features,
    trees,
    depth,
    sums,
    classifier,
    modes,
    transform,
    aggregate,
    bases,
    tracks,
    negative,
    shuffled,
    sparse,
    batch = 'n',
    head,
  } = ensemble
  const encoded = head === 'encoder'
  const next = draw(ensemble.seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
  const nodes: DrawnNode[] = []
  const weights: { tree: number; node: number; id: number; value: number }[] = []
  for (let tree = 0; tree < trees; tree += 1) {
    const own: DrawnNode[] = []
    let count = 1
    const grow = (id: number, level: number): void => {
      const branch = level < depth && (level === 0 || next() < 0.8)
      const children: readonly [number, number] = branch ? [count++, count++] : [0, 0]
      own.push({
        tree,
        id,
        feature: branch ? Math.floor(next() * (features + (encoded ? 3 : 0))) : 0,
        mode: branch ? pick(modes) : 'LEAF',
        value: branch ? pick([0, -0, 0.5, 1, -1, 1e-40, 3e38, next() * 10 - 5, next()]) : 7,
        next: children,
        tracks: branch && tracks && next() < 0.5 ? 1 : 0,
      })
      if (branch) for (const child of children) grow(child, level + 1)
      else {
        const some = Array.from({ length: sums }, (_, index) => index).filter((index) => sums < 3 || index === id % sums || next() < 0.5)
        const ids = sparse && next() < 0.5 ? [] : some
        for (const one of ids) weights.push({ tree, node: id, id: one, value: next() * (negative ? 2 : 0.2) - (negative ? 1 : 0) })
      }
    }
    grow(0, 0)
    // The first one is the root.
    const [root, ...others] = own
    nodes.push(root!, ...(shuffled ? others.reverse() : others))
  }
  const [what, labels] = [classifier ? 'class' : 'target', sums === 1 ? 2 : sums]
  const attributes: Record<string, Attribute> = {
    nodes_treeids: nodes.map(({ tree }) => tree),
    nodes_nodeids: nodes.map(({ id }) => id),
    nodes_featureids: nodes.map(({ feature }) => feature),
    nodes_modes: nodes.map(({ mode }) => mode),
    nodes_values: { floats: nodes.map(({ value }) => value) },
    nodes_truenodeids: nodes.map(({ next: [yes] }) => yes),
    nodes_falsenodeids: nodes.map(({ next: [, no] }) => no),
    [`${what}_treeids`]: weights.map(({ tree }) => tree),
    [`${what}_nodeids`]: weights.map(({ node }) => node),
    [`${what}_ids`]: weights.map(({ id }) => id),
    [`${what}_weights`]: { floats: weights.map(({ value }) => value) },
    post_transform: transform,
    ...(tracks ? { nodes_missing_value_tracks_true: nodes.map((node) => node.tracks) } : {}),
    ...(bases ? { base_values: { floats: Array.from({ length: sums }, () => next() * 2 - 1) } } : {}),
    ...(classifier ? { classlabels_int64s: Array.from({ length: labels }, (_, label) => label) } : { n_targets: 1 }),
    ...(classifier || aggregate === 'SUM' ? {} : { aggregate_function: aggregate }),
  }
  const node = classifier
    ? { operator: 'TreeEnsembleClassifier', outputs: ['label', 'scores'] }
    : { operator: 'TreeEnsembleRegressor', outputs: ['scores'] }
  const bytes = onnxModel({
    nodes: [...(head ? HEADS[head](features) : []), { ...node, domain: 'ai.onnx.ml', inputs: [head ? 'seen' : 'input'], attributes }],
    inputs: [
      { name: 'input', type: 'float32', shape: [batch, features] },
      ...(encoded ? [{ name: 'kind', type: 'string', shape: [batch] } as const] : []),
    ],
    outputs: [
      { name: 'scores', type: 'float32', shape: [batch, classifier ? labels : 1] },
      ...(classifier ? [{ name: 'label', type: 'int64', shape: [batch] } as const] : []),
      ...(head === 'shared' ? [{ name: 'most', type: 'float32', shape: [1, 1] } as const] : []),
    ],
  })
  return { bytes, thresholds: nodes.filter(({ mode }) => mode !== 'LEAF').map(({ value }) => value) }
}

async function chainOf(bytes: Uint8Array): Promise<Chain> {
  const file = folder.path(`${++files}.onnx`)
  await writeFile(file, bytes)
  return await openChain(file, [])
}

async function bitsOf(chain: Chain, rows: Float32Array, features: number): Promise<Int32Array> {
  const records = rows.length / features
  const input = new Tensor('float32', rows, [records, features])
  const kinds = Array.from({ length: records }, (_, record) => String(record % 5))
  const encoded = chain.description.inputs.length > 1
  const feeds = { input, ...(encoded ? { kind: new Tensor('string', kinds, [records]) } : {}) }
  const [scores] = await chain.infer(feeds, ['scores'])
  return new Int32Array(Float32Array.from(scores!.data as Float32Array).buffer)
}

/** Runs records by the runtime and by the engine. Returns whether there was an engine. */
async function compare(ensemble: Ensemble, records = 37): Promise<boolean> {
  const { features } = ensemble
  const { bytes, thresholds } = modelOf(ensemble)
  const chain = await chainOf(bytes)
  try {
    const next = draw(ensemble.seed + 1)
    const rows = Float32Array.from({ length: records * features }, () => {
      const value = thresholds[Math.floor(next() * thresholds.length)] ?? 0
      const kind = next()
      return kind < 0.4 ? value : kind < 0.6 ? before(Math.fround(value)) : kind < 0.95 ? next() * 12 - 6 : Number.NaN
    })
    const expected = await bitsOf(chain, rows, features)
    const own = await chain.useOwnTrees('scores', records, features)
    expect(await bitsOf(chain, rows, features)).toEqual(expected)
    return own
  } finally {
    await chain.release()
  }
}

const shapes = fc.record({
  seed: fc.nat(1e9),
  features: fc.integer({ min: 1, max: 6 }),
  trees: fc.integer({ min: 1, max: 120 }),
  depth: fc.integer({ min: 0, max: 9 }),
  modes: fc.constantFrom(['BRANCH_LEQ'], ['BRANCH_LT'], ['BRANCH_LEQ', 'BRANCH_LT']),
  bases: fc.boolean(),
  tracks: fc.boolean(),
  negative: fc.boolean(),
  shuffled: fc.boolean(),
})

test('regressions, two classes and several: the same bits', { timeout: 120_000 }, async () => {
  const records = fc.constantFrom(1, 7, 8, 37, 500)
  const kinds = fc.constantFrom(
    { sums: 1, classifier: false, transform: 'NONE', aggregate: 'SUM' },
    { sums: 1, classifier: true, transform: 'NONE', aggregate: 'SUM' },
    { sums: 1, classifier: true, transform: 'LOGISTIC', aggregate: 'SUM' },
    { sums: 3, classifier: true, transform: 'NONE', aggregate: 'SUM' },
    { sums: 4, classifier: true, transform: 'SOFTMAX', aggregate: 'SUM' },
    { sums: 3, classifier: true, transform: 'LOGISTIC', aggregate: 'SUM' },
  )
  await fc.assert(
    fc.asyncProperty(shapes, kinds, records, async (shape, kind, many) => {
      expect(await compare({ ...shape, ...kind }, many)).toBe(true)
    }),
    { numRuns: 300, seed: 20261127 },
  )
})

test('behind a scaler, a normalizer or an encoder in the same file: the same bits', { timeout: 120_000 }, async () => {
  const heads = fc.constantFrom('scaler', 'normalizer', 'encoder')
  const kinds = fc.constantFrom({ sums: 1, classifier: false }, { sums: 1, classifier: true }, { sums: 3, classifier: true })
  await fc.assert(
    fc.asyncProperty(shapes, kinds, heads, fc.constantFrom(1, 37, 500), async (shape, kind, head, many) => {
      expect(await compare({ ...plain, ...shape, ...kind, head }, many)).toBe(true)
    }),
    { numRuns: 100, seed: 20261127 },
  )
})

test.each([
  ['trees of float64', { head: 'double' as const }],
  ['trees behind arithmetic', { head: 'arithmetic' as const }],
  ['trees whose values something else needs too', { head: 'shared' as const }],
  ['a mode of another kind', { modes: ['BRANCH_GT'] }],
  ['one such among others', { modes: ['BRANCH_LEQ', 'BRANCH_GTE'], trees: 30 }],
  ['an average', { classifier: false, aggregate: 'AVERAGE' }],
  ['the largest', { classifier: false, aggregate: 'MAX' }],
  ['leaves that add nothing, of a regression,', { classifier: false, sparse: true, trees: 40 }],
  ['leaves that add nothing, of two classes,', { sparse: true, trees: 40 }],
  ['leaves that add nothing, of several classes,', { sums: 3, sparse: true, trees: 40 }],
  ['a transformation of another kind', { transform: 'PROBIT', negative: false, trees: 2 }],
])('%s is left to the runtime', async (_, change) => {
  expect(await compare({ ...plain, ...change })).toBe(false)
})

test('nodes that make no tree are left to the runtime, or refused by it', async () => {
  const { bytes } = modelOf({ ...plain, trees: 1, depth: 1 })
  // Both children of the root are the same leaf.
  const twice = Buffer.from(bytes)
  const list = twice.indexOf('nodes_falsenodeids') + 'nodes_falsenodeids'.length
  expect(twice[list + 1]).toBe(2)
  twice[list + 1] = 1
  const chain = await chainOf(twice)
  expect(await chain.useOwnTrees('scores', 8, 3)).toBe(false)
  await chain.release()
})

test('a leaf without a weight is left to the runtime, however deep it is', async () => {
  const levels = 16
  const places = Array.from({ length: 2 * levels + 1 }, (_, index) => index)
  const branches = places.map((index) => index % 2 === 0 && index < 2 * levels)
  const attributes = {
    nodes_treeids: places.map(() => 0),
    nodes_nodeids: places,
    nodes_featureids: places.map((index) => (branches[index] ? index / 2 : 0)),
    nodes_modes: places.map((index) => (branches[index] ? 'BRANCH_LEQ' : 'LEAF')),
    nodes_values: { floats: places.map((index) => (branches[index] ? 0.5 : 7)) },
    nodes_truenodeids: places.map((index) => (branches[index] ? index + 1 : 0)),
    nodes_falsenodeids: places.map((index) => (branches[index] ? index + 2 : 0)),
    target_treeids: Array.from({ length: levels }, () => 0),
    target_nodeids: Array.from({ length: levels }, (_, level) => 2 * level + 1),
    target_ids: Array.from({ length: levels }, () => 0),
    target_weights: { floats: Array.from({ length: levels }, () => 1) },
    n_targets: 1,
  }
  const chain = await chainOf(
    onnxModel({
      nodes: [{ operator: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', inputs: ['input'], outputs: ['scores'], attributes }],
      inputs: [{ name: 'input', type: 'float32', shape: ['n', levels] }],
      outputs: [{ name: 'scores', type: 'float32', shape: ['n', 1] }],
    }),
  )
  expect(await chain.useOwnTrees('scores', 8, levels)).toBe(false)
  // The runtime gives such a leaf the value of its node.
  expect(await bitsOf(chain, new Float32Array(levels).fill(1), levels)).toEqual(new Int32Array(Float32Array.of(7).buffer))
  await chain.release()
})

test('trees behind inputs of which nobody knows how wide they are are left to the runtime', async () => {
  const chain = await chainOf(treeModel({ place: 1, open: ['one', 'other'] }))
  expect(await chain.useOwnTrees('variable', 8, 5)).toBe(false)
  await chain.release()
})

test("labels that are asked for with the scores are the runtime's, the scores the engine's", async () => {
  const { bytes } = modelOf({ ...plain, trees: 20, negative: false })
  const chain = await chainOf(bytes)
  const rows = Float32Array.from({ length: 30 }, (_, index) => index / 3 - 5)
  const both = async () => {
    const answers = await chain.infer({ input: new Tensor('float32', rows, [10, 3]) }, ['label', 'scores'])
    return answers.map(({ data }) => Array.from(data as ArrayLike<number | bigint>, Number))
  }
  const expected = await both()
  expect(await chain.useOwnTrees('scores', 10, 3)).toBe(true)
  expect(await both()).toEqual(expected)
  await chain.release()
})

test('a model of a fixed batch is tried with just as many records', async () => {
  const { bytes } = modelOf({ ...plain, batch: 3 })
  const chain = await chainOf(bytes)
  expect(await chain.useOwnTrees('scores', 3, 3)).toBe(true)
  await chain.release()
})

test('an engine that gives another bit than the runtime is not used', async () => {
  const trees: TreeEnsemble = {
    input: 'input',
    scores: new Set(['scores']),
    leastFeatures: 1,
    features: Int32Array.of(0, -1, -1),
    thresholds: Float32Array.of(0.5, 1, 2),
    next: Int32Array.of(1, 1, 2),
    missing: Uint8Array.of(0, 0, 0),
    roots: [{ node: 0, depth: 1 }],
    outputs: 1,
    bases: [],
    transform: 'NONE',
  }
  const run = { records: 64, fixed: false }
  const right = (rows: Float32Array) => Promise.resolve(rows.map((value) => (value <= 0.5 ? 1 : 2)))
  expect(await provenEngine(trees, 1, run, right)).toBeDefined()
  expect(await provenEngine(trees, 1, run, async (rows) => (await right(rows)).map((score) => before(score)))).toBeUndefined()
  expect(await provenEngine(trees, 1, run, (rows) => Promise.resolve(rows.map((value) => (value < 0.5 ? 1 : 2))))).toBeUndefined()
  expect(await provenEngine(trees, 1, run, async (rows) => [...(await right(rows))])).toBeUndefined()
  const tracking = { ...trees, missing: Uint8Array.of(1, 0, 0) }
  const aware = async (rows: Float32Array) => rows.map((value) => (value <= 0.5 || Number.isNaN(value) ? 1 : 2))
  expect(await provenEngine(tracking, 1, run, aware)).toBeDefined()
  const wrongWithoutNan = async (rows: Float32Array) => (rows.some(Number.isNaN) ? aware(rows) : right(rows.map(() => 1)))
  expect(await provenEngine(tracking, 1, run, wrongWithoutNan)).toBeUndefined()
  expect(await provenEngine({ ...trees, leastFeatures: 2 }, 1, run, right)).toBeUndefined()
  expect(await provenEngine(trees, 1, { records: 2 ** 31, fixed: false }, right)).toBeUndefined()
})

test('a model says whose engine walks its trees', async () => {
  const file = folder.path('said.onnx')
  await writeFile(file, treeModel({ place: 1, width: 2 }))
  const model = await openModel(file, { task: regression(), features: ['a', 'b'], inputs: 'one-tensor' })
  expect(model.description.notes.at(-1)).toMatch(/walked by Daybreak's own engine/)
  await model.close()
})
