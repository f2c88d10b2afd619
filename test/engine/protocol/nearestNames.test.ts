/** The names that somebody may have meant: near enough, nearest first, and never at the price of a long wait. */
import { expect, test } from 'vitest'
import { didYouMean, nearestNames, OF_TWO_AUTHORS } from '../../../engine/protocol/nearestNames.js'

test('the nearest name comes first, and names far away not at all', () => {
  expect(nearestNames('churn2', ['bikes', 'churn', 'churn23', 'chur'])).toEqual(['churn', 'churn23', 'chur'])
  expect(nearestNames('titanic', ['bikes', 'churn'])).toEqual([])
})

test('case does not count, and short names must be nearer', () => {
  expect(nearestNames('AGE', ['age'])).toEqual(['age'])
  expect(nearestNames('abc', ['axy', 'abd'])).toEqual(['abd'])
})

test('names of two authors may differ by a third of their letters', () => {
  expect(nearestNames('purchase_history', ['purchasehistories'])).toEqual([])
  expect(nearestNames('purchase_history', ['purchasehistories'], OF_TWO_AUTHORS)).toEqual(['purchasehistories'])
  expect(nearestNames('purchase_history', ['income'], OF_TWO_AUTHORS)).toEqual([])
})

test('says what may have been meant, or nothing', () => {
  expect(didYouMean('shedule', ['schedule'])).toBe('; did you mean "schedule"?')
  expect(didYouMean('x'.repeat(1_000_000), ['schedule'])).toBe('')
  expect(didYouMean('schedule', ['x'.repeat(1_000_000)])).toBe('')
})
