import { expect, test } from 'vitest'
import { classShare, lowConfidenceShare, meanConfidence, meanPrediction, positiveRate, rowCount } from '../../definition/index.js'

test('a rule warns unless it is told to fail', () => {
  expect(positiveRate({ above: 0.5 })).toMatchObject({ rule: 'positive-rate', above: 0.5, action: 'warn' })
  expect(positiveRate({ above: 0.5, action: 'fail' }).action).toBe('fail')
})

test.each([
  [positiveRate({ above: 1 }), ['binary']],
  [meanConfidence({ below: 0 }), ['binary', 'multiclass']],
  [lowConfidenceShare({ above: 1 }), ['binary', 'multiclass']],
  [classShare('a', { above: 1 }), ['binary', 'multiclass']],
  [meanPrediction({ above: 1 }), ['regression']],
  [rowCount({ below: 1 }), ['binary', 'multiclass', 'regression']],
] as const)('%j names the tasks it fits', (rule, tasks) => {
  expect(Object.keys(rule.fits)).toEqual(tasks)
})

test('a rule keeps what it is about', () => {
  expect(classShare('gold', { above: 0.9 }).label).toBe('gold')
  expect(lowConfidenceShare({ above: 0.3, limit: 0.55 }).limit).toBe(0.55)
})
