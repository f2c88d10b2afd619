import { expect, test } from 'vitest'
import { type Column, column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import { cellValue } from '../../../engine/table/cellValue.js'

test.each<[string, Column<unknown>, string, unknown]>([
  ['a number', column.number(), '1.50', 1.5],
  ['a number of another country', column.number({ decimal: ',' }), '1,5', 1.5],
  ['a whole number', column.integer(), '007', 7],
  ['a day, by its usual name', column.date({ format: 'DD.MM.YYYY' }), '03.02.2026', '2026-02-03'],
  ['true', column.boolean({ true: ['ja'], false: ['nein'] }), 'ja', true],
  ['a text, as it stands', column.text(), ' x ', ' x '],
  ['a text without the spaces that trim takes away', column.text({ trim: true }), ' x ', 'x'],
  ['a category', column.category(['a', 'b']), 'b', 'b'],
  ['a blank number', column.number({ nullable: true }), '', null],
  ['a spelling of blank', column.number({ nullable: true, nullValues: ['?'] }), '?', null],
  ['a blank text', column.text({ nullable: true }), '', null],
  ['a text that stands for a blank', column.text({ nullable: true, nullValues: ['NA'] }), 'NA', null],
  ['a blank text where there is none', column.text(), ' ', ''],
])('%s', (_name, declared, cell, value) => {
  expect(cellValue(declared, day('2026-03-03'))(cell)).toBe(value)
})

test('a cell has its own value, whatever came before it', () => {
  const read = cellValue(column.number({ nullable: true }), day('2026-03-03'))
  expect(['1', '', '2'].map(read)).toEqual([1, null, 2])
})
