import { expect, test } from 'vitest'
import { type Column, column } from '../../../definition/columns.js'
import { keyText } from '../../../engine/table/keyText.js'

test.each<[string, Column<unknown>, readonly string[], string]>([
  ['whole numbers', column.integer(), ['1', '01', '+1', '1.0', '1e0'], '1'],
  ['negative ones', column.integer(), ['-7', '-07', '-7.0', '-70e-1'], '-7'],
  ['zero', column.integer(), ['0', '-0', '00', '0.0'], '0'],
  ['whole numbers of another locale', column.integer({ decimal: ',', thousands: '.' }), ['1234', '1.234', '1.234,0'], '1234'],
  ['numbers', column.number(), ['1.5', '1.50', '15e-1'], '1.5'],
  ['days', column.date({ format: 'D/M/YYYY' }), ['3/2/2026', '03/02/2026'], '20487'],
  ['texts that are trimmed', column.text({ trim: true }), ['k1', ' k1 ', '\tk1'], 'k1'],
  ['spellings of true', column.boolean(), ['true', '1', 'TRUE'], 'true'],
])('%s are compared by their value', (_name, declared, cells, value) => {
  expect(cells.map(keyText(declared, 0))).toEqual(cells.map(() => value))
})

test('texts that are not trimmed keep their spaces; a blank is no key', () => {
  const text = keyText(column.text({ nullValues: ['NA'] }), 0)
  expect(['k1', ' k1', '01', '', '  ', 'NA'].map(text)).toEqual(['k1', ' k1', '01', '', '', ''])
})

test('a cell that is no value of its column is compared as it stands', () => {
  const text = keyText(column.integer({ trim: true }), 0)
  expect(['x1', ' x1', '1.5', '2'].map(text)).toEqual(['x1', 'x1', '1.5', '2'])
})
