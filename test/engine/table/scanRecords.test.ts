import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_RECORD_BYTES, scanRecord } from '../../../engine/table/scanRecords.js'

test('a record is found alike however the bytes before its end arrive', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n'), maxLength: 40 }), (text) => {
      const bytes = Buffer.from(text)
      const whole = scanRecord(bytes, 0, true, 0x2c)
      for (let length = 0; length < bytes.length; length += 1) {
        const early = scanRecord(bytes.subarray(0, length), 0, false, 0x2c)
        if (early) expect(early).toEqual(whole)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a record about as large as one may be is found alike too', { timeout: 60_000 }, () => {
  const edge = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n'), maxLength: 6 })
  fc.assert(
    fc.property(edge, fc.constantFrom('x', 'x\n'), fc.integer({ min: -8, max: 2 }), edge, (before, filler, room, after) => {
      const bytes = Buffer.from(`${before}${filler.repeat((MAX_RECORD_BYTES + room) / filler.length)}${after}`)
      const whole = scanRecord(bytes, 0, true, 0x2c)
      for (let length = MAX_RECORD_BYTES - 4; length < bytes.length; length += 1) {
        const early = scanRecord(bytes.subarray(0, length), 0, false, 0x2c)
        // A line that goes on behind the window is known to be too large; where it ends is seen later.
        if (early?.next === -1) expect(whole).toMatchObject({ lines: 1, malformed: 'size' })
        else if (early) expect(early).toEqual(whole)
      }
    }),
    { numRuns: 60 },
  )
})
