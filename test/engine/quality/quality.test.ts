import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lowConfidenceShare, meanConfidence, positiveRate, rowCount } from '../../../definition/rules.js'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import type { TableSummary } from '../../../engine/batch/summary.js'
import { allowedRejects } from '../../../engine/protocol/policy.js'
import { applyRules } from '../../../engine/quality/anomalies.js'
import { computeMetrics, metricsFile, metricsOf } from '../../../engine/quality/metrics.js'
import { checkPredictions } from '../../../engine/quality/resultChecks.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const churn = binary({ positive: 1, name: 'churn' })
const limits = { high: 0.8, low: 0.6 }
const table = (changes: Partial<TableSummary> = {}): TableSummary => ({
  records: 11,
  predicted: 10,
  rejected: 1,
  invalid: 1,
  nullCounts: {},
  findings: [],
  ruleRows: {},
  batches: [],
  profile: [],
  scoreSum: 4,
  confidenceSum: 8,
  classCounts: [6, 4],
  highConfidence: 5,
  lowConfidence: 3,
  minScore: 0.1,
  maxScore: 0.9,
  scoreBins: new Array(20).fill(0),
  ...changes,
})

test('a binary task has the keys of the job it replaces, in the words of its task', () => {
  const file = metricsFile(computeMetrics(table(), churn, [0, 1], limits), churn)
  expect(file).toMatchObject({
    total_predictions: 10,
    churn_predictions: 4,
    non_churn_predictions: 6,
    churn_rate: 0.4,
    avg_confidence: 0.8,
    high_confidence_predictions: 5,
    low_confidence_predictions: 3,
    rows_read: 11,
    rows_rejected: 1,
  })
  expect(
    Object.keys(
      metricsFile(
        computeMetrics(table(), binary({ positive: 'yes', name: 'return' }), ['no', 'yes'], limits),
        binary({ positive: 'yes', name: 'return' }),
      ),
    ),
  ).toContain('return_rate')
})

test.each([
  ['binary', churn, [0, 1]],
  ['multiclass', multiclass(), ['a', 'b']],
  ['regression', regression({ name: 'bikes' }), []],
] as const)('the numbers of a %s task come back from their file', (kind, task, classes) => {
  const metrics = computeMetrics(table(), task, classes, limits)
  expect(metricsOf(JSON.parse(JSON.stringify(metricsFile(metrics, task))), { task: kind, taskName: task.name })).toEqual(metrics)
})

test('a day without predictions has no rates, and every rule on them fires', () => {
  const none = computeMetrics(table({ predicted: 0, classCounts: [0, 0] }), churn, [0, 1], limits)
  expect(none).toMatchObject({ positiveRate: null, meanConfidence: null, meanScore: null, histogram: null })
  expect(applyRules([positiveRate({ above: 0.5 })], none, churn)).toMatchObject([{ fired: true, observed: null }])
})

test.each([
  ['exactly the upper limit', positiveRate({ above: 0.4 }), false],
  ['just under it', positiveRate({ above: 0.39 }), true],
  ['exactly the lower limit', positiveRate({ below: 0.4 }), false],
  ['just over it', positiveRate({ below: 0.41 }), true],
  ['confidence at its limit', meanConfidence({ below: 0.8 }), false],
  ['a share of low confidence at its limit', lowConfidenceShare({ above: 0.3 }), false],
  ['a share of low confidence over it', lowConfidenceShare({ above: 0.29 }), true],
  ['rows at their limit', rowCount({ below: 11 }), false],
] as const)('a rule is exact at its edge: %s', (_name, rule, fired) => {
  expect(applyRules([rule], computeMetrics(table(), churn, [0, 1], limits), churn)[0]?.fired).toBe(fired)
})

test('a reject budget is exact at its edge, whatever the numbers', () => {
  expect([allowedRejects(undefined, 10_000), allowedRejects({ maxRatio: 0.01 }, 100), allowedRejects({ maxRatio: 0.01 }, 99)]).toEqual([
    100, 1, 0,
  ])
  expect(allowedRejects({ maxRatio: 0.5, maxRows: 3 }, 100)).toBe(3)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 10_000_000 }), (maxRatio, records) => {
      const allowed = allowedRejects({ maxRatio }, records)
      expect(allowed / records).toBeLessThanOrEqual(maxRatio)
      if (allowed < records) expect((allowed + 1) / records).toBeGreaterThan(maxRatio)
    }),
  )
})

const GOOD = 'id,prediction,probability,score\n1,0,0.75,0.25\n2,1,0.9,0.9\n'

test.each([
  ['as written', GOOD, []],
  ['a row short', GOOD.replace('2,1,0.9,0.9\n', ''), ['records_match']],
  ['another header', GOOD.replace('score', 'scores'), ['file_exists']],
  ['a label the model does not have', GOOD.replace('2,1', '2,7'), ['prediction_values_valid']],
  ['a probability above 1', GOOD.replace('0.75', '1.5'), ['probability_range_valid']],
  ['a probability whose last bit makes it more than 1', GOOD.replace('0.75', '1.0000001'), []],
  ['a probability one bit more', GOOD.replace('0.75', '1.0000002'), ['probability_range_valid']],
  ['a score below 0', GOOD.replace('0.25', '-0.1'), ['probability_range_valid']],
  ['no prediction', GOOD.replace('1,0,', '1,,'), ['prediction_values_valid', 'no_null_predictions']],
  ['no probability', GOOD.replace('0.75', ''), ['no_null_probabilities']],
  ['not a number', GOOD.replace('0.75', 'NaN'), ['probability_range_valid']],
] as const)('the result checks read the file back: %s', async (_name, content, failing) => {
  const file = folder.path('predictions.csv')
  await writeFile(file, content)
  const checks = await checkPredictions({
    files: [file],
    columns: ['id', 'prediction', 'probability', 'score'],
    predicted: 2,
    task: churn,
    classes: [0, 1],
  })
  expect(checks.map(({ name }) => name)).toEqual([
    'file_exists',
    'records_match',
    'prediction_values_valid',
    'probability_range_valid',
    'no_null_predictions',
    'no_null_probabilities',
  ])
  expect(checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(failing)
})

test('a row whose probability and score are both outside is one row', async () => {
  const file = folder.path('predictions.csv')
  await writeFile(file, 'id,prediction,probability,score\n1,1,1.5,1.5\n2,0,2,-1\n3,1,0.9,0.9\n')
  const columns = ['id', 'prediction', 'probability', 'score']
  const checks = await checkPredictions({ files: [file], columns, predicted: 3, task: churn, classes: [0, 1] })
  expect(checks.find(({ name }) => name === 'probability_range_valid')?.observed).toBe('not in 2 rows; the first: 1.5')
})

test('a predictions file that is gone fails its checks instead of breaking them', async () => {
  const checks = await checkPredictions({ files: [folder.path('none.csv')], columns: ['id'], predicted: 2, task: churn, classes: [0, 1] })
  expect(checks.every(({ passed }) => !passed)).toBe(true)
})
