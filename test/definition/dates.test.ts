import fc from 'fast-check'
import { expect, test } from 'vitest'
import { day, expandDate, formatDay, parseDay, weekday } from '../../definition/dates.js'

test('every day of years 1 to 9999 survives the way to text and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: day('0001-01-01'), max: day('9999-12-31') }), (value) => {
      expect(parseDay(formatDay(value))).toBe(value)
    }),
  )
})

test('agrees with the platform on days since 1970-01-01', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      const text = date.toISOString().slice(0, 10)
      expect(day(text)).toBe(Math.floor(date.getTime() / 86_400_000))
      expect(weekday(day(text))).toBe(date.getUTCDay() || 7)
    }),
  )
})

test.each(['2026-02-30', '2025-02-29', '2026-13-01', '2026-00-10', '2026-1-1', '20260101', '', '2026-01-01T00:00:00'])(
  'refuses %j',
  (text) => {
    expect(parseDay(text)).toBeUndefined()
    expect(() => day(text)).toThrow(/not a calendar day/)
  },
)

test('fills both spellings of the data date into a path', () => {
  expect(expandDate('in/{yyyymmdd}/c_{date}.csv', '2026-03-01')).toBe('in/20260301/c_2026-03-01.csv')
})
