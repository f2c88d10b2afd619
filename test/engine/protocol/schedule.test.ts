/** A data date is a calendar day in a zone, whatever the clocks do there. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { day, formatDay } from '../../../definition/dates.js'
import { dataDateOf, dataDateRule, dataDateText, localDay } from '../../../engine/protocol/schedule.js'

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Australia/Lord_Howe', 'America/St_Johns']

describe('the data date', () => {
  test.each([
    ['UTC', 1, '2026-11-23T06:00:00Z', '2026-11-22'],
    ['UTC', 0, '2026-11-23T00:00:00Z', '2026-11-23'],
    // 23:30 UTC is the next day in Berlin, and the same day in New York.
    ['Europe/Berlin', 1, '2026-11-22T23:30:00Z', '2026-11-22'],
    ['America/New_York', 1, '2026-11-22T23:30:00Z', '2026-11-21'],
    ['Pacific/Apia', 3, '2026-03-04T17:00:00Z', '2026-03-02'],
    // Both changes of the clock: 6:00 in Berlin is 4:00 UTC from then on, and 5:00 after the other.
    ['Europe/Berlin', 1, '2027-03-28T04:00:00Z', '2027-03-27'],
    ['Europe/Berlin', 1, '2026-10-25T05:00:00Z', '2026-10-24'],
    ['UTC', 1, '2028-03-01T06:00:00Z', '2028-02-29'],
  ])('in %s, %d days before %s, is %s', (timeZone, daysBefore, nominal, date) => {
    expect(dataDateOf(Date.parse(nominal), { timeZone, daysBefore })).toBe(date)
  })

  test('of one firing a local day is another date each day, without a gap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: 10_000, max: 30_000 }),
        fc.integer({ min: 0, max: 5 }),
        (timeZone, start, daysBefore) => {
          const noons = Array.from({ length: 30 }, (_, index) => (start + index) * 86_400_000 + 43_200_000)
          const dates = noons.map((noon) => day(dataDateOf(noon, { timeZone, daysBefore })))
          expect(dates.map((date, index) => date - index)).toEqual(dates.map(() => dates[0]))
          expect(dates[0]).toBe(localDay(noons[0]!, timeZone) - daysBefore)
        },
      ),
    )
  })

  test('has the defaults of a definition, and their words', () => {
    expect(dataDateRule({ cron: '0 6 * * *' })).toEqual({ timeZone: 'UTC', daysBefore: 1 })
    expect(dataDateRule({ cron: '0 6 * * *', timeZone: 'Asia/Kolkata', dataDate: 'same-day' })).toEqual({
      timeZone: 'Asia/Kolkata',
      daysBefore: 0,
    })
    expect([0, 1, 3].map((daysBefore) => dataDateText({ daysBefore }))).toEqual(['same-day', 'previous-day', '3 days before'])
    expect(formatDay(localDay(0, 'America/New_York'))).toBe('1969-12-31')
  })
})
