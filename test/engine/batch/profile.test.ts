import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addProfiles, binRange, ProfileCounts } from '../../../engine/batch/profile.js'
import type { MicroBatch } from '../../../engine/model/microBatch.js'

const SIZE = 8

/** Slots of two features: one in a tensor of float32, one that is asked for. */
function slots() {
  const tensor = new Float32Array(2 * SIZE)
  const other = new Float64Array(SIZE)
  const batch = {
    direct: (feature: number) => (feature === 0 ? { values: tensor, width: 2, offset: 1 } : undefined),
    number: (slot: number, feature: number) => (feature === 1 ? other[slot] : undefined),
  }
  const score = new Float32Array(SIZE)
  return { tensor, other, score, counts: new ProfileCounts(batch as unknown as MicroBatch, ['a', 'b', 'text'], score) }
}

const number = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 1, 0.5, -3.75, 1e-42, Number.NaN))
const rows = fc.array(fc.record({ a: number, b: number, score: fc.float({ min: 0, max: 1, noNaN: true }), skipped: fc.boolean() }), {
  maxLength: 40,
})

test('counts every number of a predicted record in the one bin that holds it, whatever the partitions', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: SIZE }), (all, size) => {
      const { tensor, other, score, counts } = slots()
      const parts = []
      for (let from = 0; from < all.length; from += size) {
        const block = all.slice(from, from + size)
        block.forEach((row, slot) => {
          tensor[2 * slot + 1] = row.a
          other[slot] = row.b
          score[slot] = row.score
        })
        counts.add(
          0,
          block.length,
          Uint8Array.from(block, ({ skipped }) => Number(skipped)),
        )
        parts.push(counts.take())
      }
      const merged = addProfiles(parts)
      expect(merged.map(({ name }) => name)).toEqual(all.length === 0 ? [] : ['a', 'b', 'score'])
      for (const { name, count, missing, bins } of merged) {
        const values = all.filter(({ skipped }) => !skipped).map((row) => Math.fround(row[name as 'a' | 'b' | 'score']))
        const known = values.filter((value) => !Number.isNaN(value))
        expect([count, missing]).toEqual([known.length, values.length - known.length])
        for (const [bin, many] of bins) {
          const [least, most] = binRange(bin)
          const within = known.filter(
            (value) => value >= least && value <= most && (value !== 0 || Object.is(least, 0) === Object.is(value, 0)),
          )
          expect(within).toHaveLength(many)
        }
        expect(bins.reduce((sum, [, many]) => sum + many, 0)).toBe(count)
      }
    }),
    { numRuns: 400 },
  )
})

test('a bin is a quarter of an octave', () => {
  for (let bin = 4; bin < 0x3fb; bin += 1) {
    const [least, most] = binRange(bin)
    expect(binRange(bin + 1)[0]).toBeGreaterThan(most)
    expect(most / least).toBeLessThan(1.2501)
    expect(binRange(bin + 1024)).toEqual([-most, -least])
  }
})
