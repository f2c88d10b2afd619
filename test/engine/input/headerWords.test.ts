import { expect, test } from 'vitest'
import { isName, isUnit, saysName, saysNothing } from '../../../engine/input/headerWords.js'

test.each(['EUR', '[kg]', '(in %)', '€', 'km/h', 'YYYY-MM-DD', 'hh:mm:ss', 'float64', 'VARCHAR', ' days '])(
  '%j is a unit, a type or a form',
  (cell) => {
    expect(isUnit(cell)).toBe(true)
  },
)

test.each(['', 'a', 'c1', 'NaN', 'n/a', 'unknown', 'None', '12', '2026-03-02', 'Berlin', 'm/x'])('%j is none', (cell) => {
  expect(isUnit(cell)).toBe(false)
})

test('a name is known in any case, with any spaces; a description says it among other words', () => {
  expect(isName('Customer ID', ['customer_id'])).toBe(true)
  expect(isName('customer', ['customer_id'])).toBe(false)
  expect(saysName('Top speed (in km/h)', ['top_speed'])).toBe(true)
  expect(saysName('The year', ['ye'])).toBe(false)
})

test('blanks and dashes say nothing', () => {
  expect(['', ' ', '-', '--', '—', '.'].every(saysNothing)).toBe(true)
  expect(saysNothing('0')).toBe(false)
})
