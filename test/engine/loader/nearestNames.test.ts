import { expect, test } from 'vitest'
import { didYouMean, nearestNames } from '../../../engine/loader/nearestNames.js'

test('the nearest name comes first, and names far away not at all', () => {
  expect(nearestNames('churn2', ['bikes', 'churn', 'churn23', 'chur'])).toEqual(['churn', 'churn23', 'chur'])
  expect(nearestNames('titanic', ['bikes', 'churn'])).toEqual([])
})

test('case does not count, and short names must be nearer', () => {
  expect(nearestNames('AGE', ['age'])).toEqual(['age'])
  expect(nearestNames('abc', ['axy', 'abd'])).toEqual(['abd'])
})

test('says what may have been meant, or nothing', () => {
  expect(didYouMean('shedule', ['schedule'])).toBe('; did you mean "schedule"?')
  expect(didYouMean('x'.repeat(1_000_000), ['schedule'])).toBe('')
})
