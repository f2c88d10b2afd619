import { expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../definition/index.js'
import { classifies, hasProbability, hasScore, predictionLimits, withPositive } from '../../definition/tasks.js'

test('a binary task predicts positive from one half on, unless told otherwise', () => {
  expect(binary({ positive: 1 })).toEqual({ kind: 'binary', positive: 1, name: 'positive', threshold: 0.5 })
  expect(binary({ positive: 'yes', negative: 'no', name: 'churn', threshold: 0.3 })).toEqual({
    kind: 'binary',
    positive: 'yes',
    negative: 'no',
    name: 'churn',
    threshold: 0.3,
  })
})

test('classes and limits are optional', () => {
  expect(multiclass()).toEqual({ kind: 'multiclass', name: 'class' })
  expect(multiclass({ classes: ['a', 'b'] })).toEqual({ kind: 'multiclass', name: 'class', classes: ['a', 'b'] })
  expect(regression({ min: 0, name: 'rentals' })).toEqual({ kind: 'regression', name: 'rentals', min: 0 })
})

test('the limits of a number and the class that stands out are known without asking for the kind', () => {
  expect(predictionLimits(regression({ min: 0 }))).toMatchObject({ min: 0 })
  expect(predictionLimits(binary({ positive: 1 }))).toEqual({})
  expect(withPositive(binary({ positive: 'yes' }))?.positive).toBe('yes')
  expect(withPositive(multiclass())).toBeUndefined()
})

test.each([
  ['probability', true, true],
  ['logit', true, true],
  ['margin', true, false],
  ['label', false, false],
] as const)('what a classifier with scores of %s has', (scores, score, probability) => {
  for (const task of [binary({ positive: 1, scores }), multiclass({ scores })])
    expect([classifies(task), hasScore(task), hasProbability(task)]).toEqual([true, score, probability])
  expect([classifies(regression()), hasScore(regression()), hasProbability(regression())]).toEqual([false, true, false])
})
