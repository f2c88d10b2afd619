import { expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import { computeMetrics, metricsFile, metricsOf } from '../../../engine/quality/metrics.js'
import { churn, limits, table } from './scoredDay.js'

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
