import { expect, test } from 'vitest'
import { asWords, shortened, upperFirst, visibleText } from '../../../engine/protocol/text.js'

test('what a reader would not see is written out; letters of any script stay', () => {
  expect(visibleText('a\nb\u0000\u202e\u200b\ud800')).toBe('a\\u000ab\\u0000\\u202e\\u200b\\ud800')
  expect(visibleText('Zoë 東京 🌅')).toBe('Zoë 東京 🌅')
})

test('a value is shown whole up to 80 characters, then cut with its length said', () => {
  expect(shortened('x'.repeat(80))).toBe('x'.repeat(80))
  expect(shortened('x'.repeat(81))).toBe(`${'x'.repeat(80)}… (81 characters)`)
})

test('a key is read as words, with a capital where a sentence begins', () => {
  expect(upperFirst(asWords('late_payment_fee'))).toBe('Late payment fee')
  expect(upperFirst('𐐨')).toBe('𐐀')
  expect(upperFirst('')).toBe('')
})
