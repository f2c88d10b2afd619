import fc from 'fast-check'
import { expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { ColumnEvidence } from '../../../engine/input/inferColumns.js'
import { compileDecoder } from '../../../engine/table/decode.js'

function inferred(values: readonly string[], texts = true) {
  const seen = new ColumnEvidence()
  for (const value of values) seen.add(value, texts)
  return seen.infer()
}

const cells = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('', ' ', '?', 'NA', '0', '-0', '007', '1e3', '1,5', '1.234,5', '1,234', ' 7', 'true', 'false', 'x', 'nan', '+1'),
  fc.constantFrom('2026-03-01', '01/02/2026', '1/2/2026', '31.12.2025', '2026-03-01 10:00:00', '12345678901234567890'),
)

test('whatever a column holds, what is inferred of it reads every value', () => {
  fc.assert(
    fc.property(fc.array(cells, { maxLength: 12 }), (values) => {
      const { declared } = inferred(values)
      const decoder = compileDecoder({ value: declared }, { value: 0 }, day('2026-03-03'), {})
      const row = decoder.newRow()
      for (const value of values) expect(decoder.decode([value], row)).toEqual([])
    }),
    { numRuns: 1000 },
  )
})

test.each<[readonly string[], string]>([
  [['1', '2', '30'], 'column.integer()'],
  [['1', '2.5'], 'column.number()'],
  [['1', ''], 'column.integer({ nullable: true })'],
  [['1', '?', 'NA'], "column.integer({ nullable: true, nullValues: ['?', 'NA'] })"],
  [['007', '012'], 'column.text()'],
  [['2026-03-01', '2026-03-02'], 'column.date()'],
  [['31/12/2025'], "column.date({ format: 'DD/MM/YYYY' })"],
  [['true', 'false'], 'column.boolean()'],
  [["it's", "it's", "it's"], "column.category(['it\\'s'])"],
  [[], 'column.text({ nullable: true })'],
])('%j is %s', (values, code) => {
  expect(inferred(values).code).toBe(code)
})

test('a text that could be a number is one in a table, and a text in JSON', () => {
  expect(inferred(['1', '2']).code).toBe('column.integer()')
  expect(inferred(['1', '2'], false).code).toBe('column.text()')
})

test('a column is unique while no value stands twice and none is blank', () => {
  expect([inferred(['a', 'b']), inferred(['a', 'a']), inferred(['a', '']), inferred([])].map(({ unique }) => unique)).toEqual([
    true,
    false,
    false,
    false,
  ])
})
