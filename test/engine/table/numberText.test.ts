import fc from 'fast-check'
import { expect, test } from 'vitest'
import { float32Text } from '../../../engine/table/numberText.js'

const float32 = fc.integer({ min: 0, max: 0xffffffff }).map((bits) => {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits)
  return view.getFloat32(0)
})

test('every float32 reads back from its text, and no text with fewer digits does', () => {
  fc.assert(
    fc.property(float32.filter(Number.isFinite), (value) => {
      const text = float32Text(value)
      expect(Math.fround(Number(text)) === value).toBe(true)
      const digits = text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length
      if (digits > 1) expect(Math.fround(Number(value.toPrecision(digits - 1))) === value).toBe(false)
    }),
    { numRuns: 20_000 },
  )
})

test.each([
  [0.5, '0.5'],
  [Math.fround(0.1), '0.1'],
  [1, '1'],
  [0, '0'],
  [Math.fround(1 / 3), '0.33333334'],
  [-2, '-2'],
])('%d is written as %s', (value, text) => {
  expect(float32Text(value)).toBe(text)
})
