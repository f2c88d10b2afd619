import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Duration, durationMs, formatDuration, parseDuration } from '../../definition/durations.js'

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['1d', 86_400_000],
  ['0s', 0],
] as const)('%s is %d ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

test.each(['', '5', 'm', '-5m', '5 m', '5M', '1e3s', '.5h', '5.h', '5m ', '5m30s', 'Infinitys'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
  expect(() => durationMs(text as Duration)).toThrow(/is not a duration such as 30s, 5m, 2h or 1d/)
})

test.each([
  [80, '80ms'],
  [2400, '2.4s'],
  [9000, '9s'],
  [12_345, '12s'],
  [300_000, '5m'],
  [3_900_000, '1h 5m'],
  [90_061_000, '1d 1h'],
])('%d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('whole numbers of any unit come back as they were written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'), (count, unit) => {
      const unitMs = durationMs(`1${unit}` as Duration)
      expect(durationMs(`${count}${unit}` as Duration)).toBe(count * unitMs)
    }),
  )
})
