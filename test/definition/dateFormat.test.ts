import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileDateFormat, dateFormatProblem, formatsOf } from '../../definition/dateFormat.js'
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
])('what is wrong with %j is said', (format, said) => {
  expect(dateFormatProblem(format)).toContain(said)
})

test('nothing but the whole text counts', () => {
  const read = compileDateFormat('DD.MM.YYYY')
  for (const text of ['1.1.2026', '01.01.2026 ', '01x01x2026', '00.01.2026', '01.13.2026', '01.01.0000', '01.01.26'])
    expect(read?.(text)).toBeUndefined()
})

test('forms that would read a text are named, all of them', () => {
  expect(formatsOf('2026-01-02')).toEqual(['YYYY-MM-DD'])
  expect(formatsOf('03/04/2026')).toEqual(['DD/MM/YYYY', 'MM/DD/YYYY', 'D/M/YYYY'])
  expect(formatsOf('13/04/2026')).toEqual(['DD/MM/YYYY', 'D/M/YYYY'])
  expect(formatsOf('12/1/2010 8:26')).toEqual(['M/D/YYYY H:mm', 'D/M/YYYY H:mm'])
  expect(formatsOf('n/a')).toEqual([])
})
