/**
 * Daybreak's own engine is right when it gives the bits of the ONNX runtime, whatever an exporter writes; where it might not, the runtime
 * has the word.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { before } from '../../../../engine/model/trees/layOutTrees.js'
import { provenEngine } from '../../../../engine/model/trees/treeEngine.js'
import type { TreeEnsemble } from '../../../../engine/model/trees/treeEnsemble.js'
import { comparedTrees, shapes } from './comparedTrees.js'

const { compare } = comparedTrees()

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
