import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Column, column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import { compileDecoder } from '../../../engine/table/decode.js'

function decode(described: Column<unknown>, cell: string) {
  const nulls: Record<string, number> = {}
  const decoder = compileDecoder({ value: described }, { value: 0 }, day('2026-11-23'), nulls)
  const row = decoder.newRow()
  const [problem] = decoder.decode([cell], row)
  return problem ? { rule: problem.rule, reason: problem.reason } : row.value
}

test.each<[string, Column<unknown>, string, unknown]>([
  ['a number', column.number(), '-12.50', -12.5],
  ['an exponent', column.number(), '9.34E-05', 9.34e-5],
  ['a fraction without a whole', column.number(), '.5', 0.5],
  ['a point without a fraction', column.number(), '5.', { rule: 'number.invalid', reason: 'value "5." is not a number' }],
  ['text', column.number(), 'n/a', { rule: 'number.invalid', reason: 'value "n/a" is not a number' }],
  ['hexadecimal', column.number(), '0x1F', expect.objectContaining({ rule: 'number.invalid' })],
  ['Infinity', column.number(), 'Infinity', expect.objectContaining({ rule: 'number.invalid' })],
  ['too large', column.number(), '1e400', expect.objectContaining({ reason: 'value "1e400" is too large for a number' })],
  ['thousands', column.number(), '1,500.00', expect.objectContaining({ reason: expect.stringContaining('thousands separators') })],
  ['a decimal comma', column.number(), '1,5', expect.objectContaining({ reason: expect.stringContaining('decimal comma') })],
  ['a declared decimal comma', column.number({ decimal: ',' }), '-1,5e2', -150],
  [
    'a point where a comma is declared',
    column.number({ decimal: ',' }),
    '1.5',
    { rule: 'number.invalid', reason: 'value "1.5" is not a number: it has a decimal point (decimal: \'.\' would accept it)' },
  ],
  [
    'spaces around a declared comma',
    column.number({ decimal: ',' }),
    ' 1,5',
    expect.objectContaining({ reason: expect.stringContaining('trim: true') }),
  ],
  ...['0.234', '00.234', '0.001', '-0.234', '012.345'].map((cell): [string, Column<unknown>, string, unknown] => [
    `a group of thousands that begins with zero, ${cell}`,
    column.number({ decimal: ',', thousands: '.' }),
    cell,
    expect.objectContaining({ rule: 'number.invalid', reason: expect.stringContaining('it has a decimal point') }),
  ]),
  ['the same with commas', column.integer({ thousands: ',' }), '0,234', expect.objectContaining({ rule: 'integer.invalid' })],
  ['a group that begins with another digit', column.number({ decimal: ',', thousands: '.' }), '10.234', 10_234],
  ['zero alone, where thousands are declared', column.number({ decimal: ',', thousands: '.' }), '0,5', 0.5],
  ['declared thousands', column.number({ thousands: ',' }), '1,500,000.25', 1_500_000.25],
  ['thousands that need not be there', column.number({ thousands: ',' }), '1500', 1500],
  ['thousands in wrong groups', column.number({ thousands: ',' }), '15,00', expect.objectContaining({ rule: 'number.invalid' })],
  ['points and a comma', column.number({ decimal: ',', thousands: '.' }), '1.234.567,8', 1_234_567.8],
  ['a narrow space', column.number({ decimal: ',', thousands: ' ' }), '12\u202f345,5', 12_345.5],
  ['an apostrophe', column.integer({ thousands: "'" }), "12'345", 12_345],
  ['a mark alone', column.number({ decimal: ',' }), ',', expect.objectContaining({ rule: 'number.invalid' })],
  ['a fraction alone', column.number({ decimal: ',' }), ',5', 0.5],
  ['a declared form of day', column.date({ format: 'DD/MM/YYYY' }), '03/01/1970', 2],
  ['a month by name', column.date({ format: 'D-MMM-YYYY' }), '3-Jan-1970', 2],
  ['a time that is left out', column.date({ format: 'YYYY-MM-DD HH:mm:ss' }), '1970-01-03 23:59:59', 2],
  [
    'a time that is none',
    column.date({ format: 'YYYY-MM-DD HH:mm' }),
    '1970-01-03 24:00',
    expect.objectContaining({ rule: 'date.invalid' }),
  ],
  ['a day that is none', column.date({ format: 'DD/MM/YYYY' }), '31/02/2026', expect.objectContaining({ rule: 'date.invalid' })],
  [
    'a day in another form',
    column.date(),
    '03/01/1970',
    expect.objectContaining({ reason: expect.stringContaining("format: 'DD/MM/YYYY' would read it") }),
  ],
  ['spaces', column.number(), ' 1', expect.objectContaining({ reason: expect.stringContaining('trim: true') })],
  ['spaces, trimmed', column.number({ trim: true }), ' 1 ', 1],
  ['the least', column.number({ min: 0 }), '0', 0],
  ['below the least', column.number({ min: 0 }), '-0.1', { rule: 'number.min', reason: 'value "-0.1" is below 0' }],
  ['the most', column.number({ max: 120 }), '120', 120],
  ['above the most', column.number({ max: 120 }), '121', { rule: 'number.max', reason: 'value "121" is above 120' }],
  ['a whole number with a fraction of zero', column.integer(), '3.0', 3],
  ['a fraction', column.integer(), '3.5', expect.objectContaining({ rule: 'integer.invalid' })],
  [
    'beyond the safe integers',
    column.integer(),
    '9007199254740993',
    { rule: 'integer.invalid', reason: expect.stringContaining('is too large: whole numbers are exact up to 9007199254740991') },
  ],
  ['blank', column.number(), '', { rule: 'null', reason: 'value is blank' }],
  ['white space', column.number({ nullable: true }), '  ', null],
  ['a null value', column.number({ nullable: true, nullValues: ['?'] }), '?', null],
  ['a day', column.date(), '1970-01-02', 1],
  ['no day', column.date(), '2026-02-30', expect.objectContaining({ rule: 'date.invalid' })],
  ['the data date', column.date({ max: 'data-date' }), '2026-11-23', day('2026-11-23')],
  [
    'after the data date',
    column.date({ max: 'data-date' }),
    '2026-11-24',
    { rule: 'date.max', reason: 'value "2026-11-24" is after the data date 2026-11-23' },
  ],
  ['before the first day', column.date({ min: '2020-01-01' }), '2019-12-31', expect.objectContaining({ rule: 'date.min' })],
  ['leading zeros', column.text(), '00042', '00042'],
  ['long text', column.text({ maxLength: 3 }), 'abcd', expect.objectContaining({ rule: 'text.length' })],
  ['true', column.boolean({ true: ['Yes'], false: ['No'] }), 'Yes', true],
  ['neither', column.boolean({ true: ['Yes'], false: ['No'] }), 'yes', expect.objectContaining({ rule: 'boolean.invalid' })],
  ['a category', column.category(['S', 'C']), 'C', 'C'],
  ['an unknown category', column.category(['S', 'C']), 'X', { rule: 'category.unknown', reason: 'value "X" is not one of S, C' }],
  ['control characters', column.number(), 'a\u202eb', { rule: 'number.invalid', reason: 'value "a\\\\u202eb" is not a number' }],
])('%s', (_name, described, cell, expected) => {
  expect(decode(described, cell)).toEqual(expected)
})

test('a megabyte of digits is judged at once', { timeout: 5000 }, () => {
  expect(decode(column.number(), `${'1'.repeat(1 << 20)}x`)).toMatchObject({ rule: 'number.invalid' })
})

test('every finite number that JavaScript prints is read back as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(decode(column.number(), String(value))).toBe(Object.is(value, -0) ? 0 : value)
    }),
  )
})

test('all problems of a row are told, and blanks are counted by column', () => {
  const nulls: Record<string, number> = {}
  const columns = { a: column.number(), b: column.number({ nullable: true }), c: column.text() }
  const decoder = compileDecoder(columns, { a: 0, b: 1, c: 2 }, 0, nulls)
  const problems = decoder.decode(['x', '', ''], decoder.newRow())
  expect(problems.map(({ column: name, rule }) => [name, rule])).toEqual([
    ['a', 'number.invalid'],
    ['c', 'null'],
  ])
  expect(nulls).toEqual({ a: 0, b: 1, c: 1 })
})
