import { expect, test } from 'vitest'
import { asDaybreakError, DaybreakError, placeText } from '../../../engine/protocol/errors.js'
import { ERRORS } from '../../../engine/protocol/errorTable.js'

test('an error says what to do next as the table does, unless the place knows better', () => {
  expect(new DaybreakError('InputMissing', 'x').problem.next).toBe(ERRORS.InputMissing.next)
  expect(new DaybreakError('InputMissing', 'x', { next: 'Look again.' }).problem.next).toBe('Look again.')
})

test('a problem that travels as data comes back as the same problem', () => {
  const error = new DaybreakError('InputRefused', 'it is empty', {
    details: ['one', 'two'],
    excerpt: ['line 1: x'],
    next: 'Deliver it again.',
    place: { file: 'in.csv', line: 1 },
    retryAfterMs: 500,
  }).inStep('inspect')
  const back = DaybreakError.of(JSON.parse(JSON.stringify(error.problem)))
  expect(back.problem).toEqual(error.problem)
  expect(back.message).toBe('it is empty')
})

test('the step that is named first stays', () => {
  expect(new DaybreakError('Unexpected', 'x').inStep('inspect').inStep('seal').problem.step).toBe('inspect')
})

test('whatever is thrown becomes an error of the table, and one of the table stays itself', () => {
  const own = new DaybreakError('HomeUnusable', 'x')
  expect(asDaybreakError(own)).toBe(own)
  const cause = new TypeError('no')
  expect(asDaybreakError(cause)).toMatchObject({ code: 'Unexpected', message: 'no', cause })
  expect(asDaybreakError('a text').code).toBe('Unexpected')
  expect(asDaybreakError(undefined).code).toBe('Unexpected')
})

test('a place reads as an editor shows it, as far as it is known', () => {
  expect(placeText(undefined)).toBe('')
  expect(placeText({ file: 'in.csv' })).toBe('in.csv')
  expect(placeText({ file: 'in.csv', line: 7, column: 'age' })).toBe('in.csv:7 column age')
  expect(placeText({ column: 'age' })).toBe('column age')
})
