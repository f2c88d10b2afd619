import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../../definition/columns.js'
import { compileDateFormat } from '../../../../definition/dateFormat.js'
import { day } from '../../../../definition/dates.js'
import type { CellValue } from '../../../../engine/table/decode.js'
import { columnBytes, fastColumns } from '../../../../engine/table/fast/fastColumns.js'
import { FastFields } from '../../../../engine/table/fast/fastFields.js'

/** A table of one column, read the fast way; `undefined` where the strict reader must look. */
function readColumn(one: AnyColumns[string], texts: readonly string[]): readonly (CellValue | undefined)[] {
  const capacity = texts.length
  const options = {
    width: 1,
    positions: [0],
    format: { kind: 'csv', delimiter: ';' } as const,
    capacity,
    more: columnBytes({ value: one }, capacity),
    windowBytes: 1 << 20,
  }
  const fields = new FastFields(options)
  const [values] = fastColumns({ value: one }, fields, day('2026-03-03'))
  const length = fields.bytes.write(texts.map((text) => `${text}\n`).join(''), fields.from)
  fields.split(capacity, fields.from, fields.from + length, true, 1)
  values!.decode()
  expect(fields.count).toBe(texts.length)
  return texts.map((_, record) => (fields.careful[record] === 1 ? undefined : values!.value(record)))
}

test('numbers are those of Number(), to the last bit', () => {
  const digits = fc.stringMatching(/^\d{0,20}$/)
  const text = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? '-0' : String(value))),
    fc.tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.', ','), digits).map((parts) => parts.join('')),
    fc.string({ maxLength: 8 }).filter((one) => !/["\r\n;]/.test(one)),
  )
  const texts = fc.sample(
    text.filter((one) => one !== ''),
    { numRuns: 40_000, seed: 3 },
  )
  for (const [decimal, strict] of [
    ['.', /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/],
    [',', /^[+-]?(?:\d+(?:,\d+)?|,\d+)$/],
  ] as const) {
    const found = readColumn(column.number({ decimal }), texts)
    for (const [index, written] of texts.entries()) {
      // What is written with an exponent is left to the strict reader.
      const expected = strict.test(written) ? Number(written.replace(',', '.')) : undefined
      if (!Object.is(found[index], expected)) expect([written, found[index]]).toEqual([written, expected])
    }
  }
})

test('days are those of the strict reader, every day of four centuries and what is none', () => {
  for (const format of ['YYYY-MM-DD', 'DD/MM/YYYY', 'YYYYMMDD', 'MM.DD.YYYY']) {
    const read = compileDateFormat(format)!
    const texts: string[] = []
    for (let year = 1600; year <= 2000; year += 1) {
      for (let month = 0; month <= 13; month += 1) {
        for (const dayOfMonth of [0, 1, 9, 10, 28, 29, 30, 31, 32]) {
          const pad = (value: number, width: number) => String(value).padStart(width, '0')
          texts.push(format.replace('YYYY', pad(year, 4)).replace('MM', pad(month, 2)).replace('DD', pad(dayOfMonth, 2)))
        }
      }
    }
    for (const [index, value] of readColumn(column.date({ format }), texts).entries())
      if (value !== read(texts[index]!)) expect([texts[index], value]).toEqual([texts[index], read(texts[index]!)])
  }
})
