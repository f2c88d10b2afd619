import { expect, test } from 'vitest'
import { candidatesFor, isDate, isNumeric, literal, reads, takes, written } from '../../../engine/input/columnCandidates.js'

const codes = (text: string, kind: Parameters<typeof candidatesFor>[1] = 'cell') =>
  candidatesFor(text, kind).map(({ column: { kind: one, decimal, thousands, format } }) =>
    [one, decimal, thousands, format].filter((part) => part !== undefined).join(' '),
  )

test('all declarations that read a value are tried, narrow ones first', () => {
  expect(codes('0.234')).toEqual(['number', 'number ,', 'number  ', "number '"])
  expect(codes('1.234')).toEqual(['integer , .', 'number', 'number ,', 'number  ', "number '", 'number , .'])
  expect(codes('13/02/2026')).toEqual(['date DD/MM/YYYY', 'date D/M/YYYY'])
  expect(codes('true')).toEqual(['boolean'])
  expect(codes('some text')).toEqual([])
})

test('values of JSON are what their types say: numbers without marks, days in texts', () => {
  expect(codes('1.234', 'number')).toEqual(['number'])
  expect(codes('1.234', 'text')).toEqual([])
  expect(codes('20260302', 'number')).toEqual(['integer', 'number'])
  expect(codes('20260302', 'text')).toEqual(['date YYYYMMDD'])
  expect(codes('true', 'boolean')).toEqual(['boolean'])
  const [number] = candidatesFor('7', 'cell')
  expect((['cell', 'number', 'text', 'boolean'] as const).map((kind) => takes(number!, kind))).toEqual([true, true, false, false])
  expect([isNumeric(number!), isDate(number!)]).toEqual([true, false])
})

test('the range of what was read is kept for each column by itself', () => {
  const [first, second] = [candidatesFor('5', 'cell')[0]!, candidatesFor('5', 'cell')[0]!]
  for (const text of ['5', ' -7 ', '30']) expect(reads(first, text)).toBe(true)
  expect(reads(first, 'x')).toBe(false)
  expect([first.least, first.most, second.least]).toEqual([-7, 30, Number.POSITIVE_INFINITY])
})

test('no text ends the code that it stands in', () => {
  expect(written('category', { nullable: true }, literal(["it's", '\u2028', '"\\']))).toBe(
    "column.category(['it\\'s', '\\u2028', '\"\\\\'], { nullable: true })",
  )
  expect(written('integer', {})).toBe('column.integer()')
})
