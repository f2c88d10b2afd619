import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileDateFormat, formatsOf } from '../../definition/dateFormat.js'
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

test('nothing but the whole text counts', () => {
  const read = compileDateFormat('DD.MM.YYYY')
  for (const text of ['1.1.2026', '01.01.2026 ', '01x01x2026', '00.01.2026', '01.13.2026', '01.01.0000', '01.01.26'])
    expect(read?.(text)).toBeUndefined()
})

test('forms that would read a text are named, all of them', () => {
  expect(formatsOf('2026-01-02')).toEqual(['YYYY-MM-DD'])
  expect(formatsOf('03/04/2026')).toEqual(['DD/MM/YYYY', 'MM/DD/YYYY', 'D/M/YYYY'])
  expect(formatsOf('13/04/2026')).toEqual(['DD/MM/YYYY', 'D/M/YYYY'])
  expect(formatsOf('n/a')).toEqual([])
})
