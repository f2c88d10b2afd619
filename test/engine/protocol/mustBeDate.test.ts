import { expect, test } from 'vitest'
import { formatDay } from '../../../definition/dates.js'
import { mustBeDate } from '../../../engine/protocol/mustBeDate.js'

test('a day of the calendar is that day', () => {
  expect(formatDay(mustBeDate('2024-02-29'))).toBe('2024-02-29')
})

test.each(['2026-02-29', '2026-2-1', '20260201', '', 'today', ' 2026-02-01', '2026-02-01T00:00:00Z', '../2026-02-01'])(
  '%j is no day, and is told as it was given',
  (text) => {
    expect(() => mustBeDate(text)).toThrow(expect.objectContaining({ code: 'DateInvalid', message: `"${text}" is not a calendar day` }))
  },
)
