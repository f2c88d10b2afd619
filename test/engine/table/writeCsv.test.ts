import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine, spreadsheetRaw, spreadsheetSafe } from '../../../engine/table/writeCsv.js'

test('any cells come back from their line as csv-parse reads it', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', "'", 'ü', '='), maxLength: 8 })
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
      expect(parse(csvLine(cells), { record_delimiter: '\n' })).toEqual([cells])
    }),
  )
})

test('a line is never empty, not even that of one blank cell', () => {
  expect(csvLine([''])).toBe('""\n')
})

test.each(['=1+1', '+1', '-1', '@x', '\tx'])('a spreadsheet takes %j for text', (cell) => {
  expect(spreadsheetSafe(cell)).toBe(`'${cell}`)
})

test('what was made text can be had back, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("'", '=', '-', 'a', '\t') }), (cell) => {
      expect(spreadsheetRaw(spreadsheetSafe(cell))).toBe(cell)
    }),
  )
})

test('what is no formula stays as it is', () => {
  expect(spreadsheetSafe('a=1')).toBe('a=1')
})
