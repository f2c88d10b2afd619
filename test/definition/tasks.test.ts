import { expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../definition/index.js'

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
