import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileDateFormat, dateFormatProblem, formatsOf, hasOffset } from '../../definition/dateFormat.js'
import { civilFromDay, day } from '../../definition/dates.js'

const pad = (value: number, digits: number) => String(value).padStart(digits, '0')

test('every day of the calendar is read back in every form', () => {
  const days = fc.integer({ min: day('0001-01-01'), max: day('9999-12-31') })
  fc.assert(
    fc.property(days, fc.constantFrom('.', '/', '-', ' ', '(', '|', ''), (value, mark) => {
      const { year, month, dayOfMonth } = civilFromDay(value)
      const written = [pad(dayOfMonth, 2), pad(month, 2), pad(year, 4)].join(mark)
      expect(compileDateFormat(`DD${mark}MM${mark}YYYY`)?.(written)).toBe(value)
      if (mark !== '') expect(compileDateFormat(`YYYY${mark}M${mark}D`)?.([pad(year, 4), month, dayOfMonth].join(mark))).toBe(value)
    }),
  )
})

test.each(['', 'YYYY', 'YYYY-MM', 'MM/DD', 'YYYY-MM-DD DD', 'YYYY-MMM-MM-DD', 'year-month-day'])('%j is no form of a day', (format) => {
  expect(compileDateFormat(format)).toBeUndefined()
})

test.each([
  ['M/D/YYYY H:mm', '12/1/2010 8:26', '2010-12-01'],
  ['M/D/YYYY H:mm', '12/1/2010 18:26', '2010-12-01'],
  ['D.M.YY', '1.12.68', '2068-12-01'],
  ['D.M.YY', '1.12.69', '1969-12-01'],
  ['MM/DD/YYYY hh:mm:ss A', '02/01/2026 12:00:59 AM', '2026-02-01'],
  ['MM/DD/YYYY h:mmA', '02/01/2026 1:30pm', '2026-02-01'],
  ['YYYY-MM-DDTHH:mm:ss.SSSZ', '2026-02-01T03:04:05.678Z', '2026-02-01'],
  ['YYYY-MM-DD HH:mm:ss.SSSSSS UTC', '2026-02-01 03:04:05.678901 UTC', '2026-02-01'],
  ['DD-MMM-YYYY', '01-FEB-2026', '2026-02-01'],
  ['DD-MMM-YYYY', '01-feb-2026', '2026-02-01'],
  ['YYYY年M月D日', '2026年2月1日', '2026-02-01'],
])('by %j %j is a day', (format, text, expected) => {
  expect(compileDateFormat(format)?.(text)).toBe(day(expected))
})

test.each([
  ['M/D/YYYY H:mm', '12/1/2010 24:26'],
  ['M/D/YYYY h:mm A', '12/1/2010 13:26 PM'],
  ['M/D/YYYY h:mm A', '12/1/2010 0:26 AM'],
  ['DD-MMM-YYYY', '01-Fex-2026'],
  ['YYYY-MM-DDTHH:mm:ss', '2026-02-01t03:04:05'],
  ['DD.MM.YY', '01.02.2026'],
])('by %j %j is none', (format, text) => {
  expect(compileDateFormat(format)?.(text)).toBeUndefined()
})

test.each([
  ['DD/MM/YYYY HH:MM', 'each once'],
  ['dd/MM/yyyy', 'a letter d that is no part'],
  ['YYYY-MM-DD h:mm a', 'a letter a that is no part'],
  ['YYYY-MM-DD H:m', 'a letter m that is no part'],
  ['%Y-%m-%d', 'a letter Y that is no part'],
  ['YYYY-MM-DDXXX', 'an offset and no hour'],
  ['YYYY-MM-DD hh:mmXXX', 'hours to 12 without A'],
  ['YYYY-MM-DD h:mmXX', 'hours to 12 without A'],
  ['YYYY-MM-DD HH:mm XX XXX', 'each once'],
  ['YYYY-MM-DD HH:mm x', 'a letter x that is no part'],
])('what is wrong with %j is said', (format, said) => {
  expect(dateFormatProblem(format)).toContain(said)
})

test('nothing but the whole text counts', () => {
  const read = compileDateFormat('DD.MM.YYYY')
  for (const text of ['1.1.2026', '01.01.2026 ', '01x01x2026', '00.01.2026', '01.13.2026', '01.01.0000', '01.01.26'])
    expect(read?.(text)).toBeUndefined()
})

test.each([
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00+02:00', undefined, '2026-03-01'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00+02:00', 'Europe/Helsinki', '2026-03-02'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00Z', undefined, '2026-03-02'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00-00:00', undefined, '2026-03-02'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00Z', 'America/New_York', '2026-03-01'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T23:30:00-05:00', undefined, '2026-03-03'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T23:30:00-05:00', 'Asia/Kathmandu', '2026-03-03'],
  ['YYYY-MM-DDTHH:mm:ss.SSSXXX', '2026-03-02T18:14:59.999Z', 'Asia/Kathmandu', '2026-03-02'],
  ['YYYY-MM-DDTHH:mm:ss.SSSXXX', '2026-03-02T18:15:00.000Z', 'Asia/Kathmandu', '2026-03-03'],
  // Summer time: midnight in Berlin is 23:00 UTC in winter, 22:00 in summer.
  ['YYYY-MM-DDTHH:mm:ssXX', '2026-03-28T22:30:00+0000', 'Europe/Berlin', '2026-03-28'],
  ['YYYY-MM-DDTHH:mm:ssXX', '2026-03-29T22:30:00+0000', 'Europe/Berlin', '2026-03-30'],
  ['YYYY-MM-DD HH:mm:ssX', '2026-03-02 01:00:00+02', undefined, '2026-03-01'],
  ['YYYY-MM-DD HH:mm:ssX', '2026-03-02 01:00:00-0330', 'UTC', '2026-03-02'],
  ['YYYY-MM-DD HH:mm:ss.SSSSSSX', '2026-03-02 01:00:00.123456+02', 'UTC', '2026-03-01'],
  ['M/D/YYYY h:mm:ss A XXX', '3/2/2026 12:30:00 AM +01:00', 'UTC', '2026-03-01'],
  ['M/D/YYYY h:mm:ss A XXX', '3/2/2026 12:30:00 PM +01:00', 'UTC', '2026-03-02'],
  ['M/D/YYYY h:mm:ss A XXX', '3/2/2026 11:30:00 PM -01:00', 'UTC', '2026-03-03'],
  // Clocks were set back at 00:01, so that the day before went on.
  ['YYYY-MM-DDTHH:mm:ssXXX', '2007-11-04T02:30:30Z', 'America/St_Johns', '2007-11-04'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2007-11-04T02:31:30Z', 'America/St_Johns', '2007-11-03'],
  // A day that was left out.
  ['YYYY-MM-DDTHH:mm:ssXXX', '2011-12-30T09:59:59Z', 'Pacific/Apia', '2011-12-29'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31'],
  ['YYYY-MM-DDTHH:mm:ss.SSSSSSSSSXXX', '0001-01-02T00:00:00.000000000+18:00', 'UTC', '0001-01-01'],
])('by %j %j is, in the zone %j, on %s', (format, text, timeZone, expected) => {
  for (const _ of [1, 2]) expect(compileDateFormat(format, timeZone)?.(text)).toBe(day(expected))
})

test.each([
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00+0200'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00+02'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00z'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00+19:00'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-03-02T00:30:00+02:60'],
  ['YYYY-MM-DDTHH:mm:ssXX', '2026-03-02T00:30:00+02:00'],
  ['YYYY-MM-DDTHH:mm:ssX', '2026-03-02T00:30:00+02:00'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '2026-02-30T00:30:00+02:00'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '0001-01-01T00:30:00+02:00'],
  ['YYYY-MM-DDTHH:mm:ssXXX', '9999-12-31T23:30:00-02:00'],
])('by %j %j is no instant of a day', (format, text) => {
  expect(compileDateFormat(format)?.(text)).toBeUndefined()
})

test('any instant, however its offset is written, is on the day that the calendar of the zone has', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'Africa/Monrovia', 'Australia/Lord_Howe']
  const readers = new Map(zones.map((zone) => [zone, compileDateFormat('YYYY-MM-DDTHH:mm:ssXXX', zone)]))
  const instants = fc.integer({ min: Date.parse('1880-01-01') / 1000, max: Date.parse('2100-01-01') / 1000 })
  fc.assert(
    fc.property(instants, fc.integer({ min: -18 * 60, max: 18 * 60 }), fc.constantFrom(...zones), (instant, offset, zone) => {
      const local = new Date((instant + offset * 60) * 1000).toISOString().slice(0, 19)
      const written = `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60), 2)}:${pad(Math.abs(offset) % 60, 2)}`
      const shown = new Date(instant * 1000).toLocaleDateString('sv', { timeZone: zone })
      expect(readers.get(zone)?.(local + written)).toBe(day(shown))
    }),
    { numRuns: 3000 },
  )
})

test('whether a format has an offset', () => {
  expect(['YYYY-MM-DDTHH:mm:ssXXX', 'YYYY-MM-DD HHX', 'YYYY-MM-DDTHH:mm:ssZ', 'YYYY-MM-DD'].map(hasOffset)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('forms that would read a text are named, all of them', () => {
  expect(formatsOf('2026-01-02')).toEqual(['YYYY-MM-DD'])
  expect(formatsOf('03/04/2026')).toEqual(['DD/MM/YYYY', 'MM/DD/YYYY', 'D/M/YYYY'])
  expect(formatsOf('3/2/2026 1:05 PM')).toEqual(['M/D/YYYY h:mm A'])
  expect(formatsOf('2026-03-02T01:05:00+02:00')).toEqual(['YYYY-MM-DDTHH:mm:ssXXX'])
  expect(formatsOf('2026-03-02T01:05:00.123Z')).toEqual(['YYYY-MM-DDTHH:mm:ss.SSSXXX'])
  expect(formatsOf('2026-03-02 01:05:00+02')).toEqual(['YYYY-MM-DD HH:mm:ssX'])
  expect(formatsOf('13/04/2026')).toEqual(['DD/MM/YYYY', 'D/M/YYYY'])
  expect(formatsOf('12/1/2010 8:26')).toEqual(['M/D/YYYY H:mm', 'D/M/YYYY H:mm'])
  expect(formatsOf('n/a')).toEqual([])
})
