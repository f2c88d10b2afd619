/** A data date is a day of the calendar, written in one way, or it is refused with the text that was given. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { day, formatDay } from '../../../definition/dates.js'
import { mustBeDate } from '../../../engine/protocol/mustBeDate.js'

test('every day of the calendar passes, as the day that it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (number) => {
      const text = formatDay(number)
      expect(mustBeDate(text)).toBe(day(text))
    }),
  )
})

test.each(['', 'today', '2026-02-29', '2026-13-01', '2026-1-1', ' 2026-01-01', '2026-01-01T00:00'])('"%s" is refused', (text) => {
  expect(() => mustBeDate(text)).toThrow(expect.objectContaining({ code: 'DateInvalid', message: `"${text}" is not a calendar day` }))
})
