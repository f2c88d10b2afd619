import { expect, test } from 'vitest'
import { lowConfidenceShare, meanConfidence, positiveRate, rowCount } from '../../../definition/rules.js'
import { applyRules } from '../../../engine/quality/anomalies.js'
import { computeMetrics } from '../../../engine/quality/metrics.js'
import { churn, limits, table } from './scoredDay.js'

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
