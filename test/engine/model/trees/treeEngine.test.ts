/** Ensembles of trees by Daybreak's own engine against the ONNX runtime: the same bits, whatever an exporter writes, or the runtime's. */
import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { regression } from '../../../../definition/tasks.js'
import { type Chain, openChain } from '../../../../engine/model/chain.js'
import { Tensor } from '../../../../engine/model/onnx/runtime.js'
import { openModel } from '../../../../engine/model/session.js'
import { provenEngine } from '../../../../engine/model/trees/treeEngine.js'
import { before, type TreeEnsemble } from '../../../../engine/model/trees/treeEnsemble.js'
import { onnxModel, treeModel } from '../../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../../setup/temporaryFolder.js'
import { draw, type Ensemble, modelOf, plain } from './drawnEnsembles.js'

const folder = temporaryFolder()
let files = 0

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
