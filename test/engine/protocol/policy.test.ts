import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowedBy, rejectLimits, runPolicy } from '../../../engine/protocol/policy.js'

test('a reject budget is exact at its edge, whatever the numbers', () => {
  expect([allowedBy(rejectLimits(undefined), 10_000), allowedBy({ maxRatio: 0.01 }, 100), allowedBy({ maxRatio: 0.01 }, 99)]).toEqual([
    100, 1, 0,
  ])
  expect(allowedBy({ maxRatio: 0.5, maxRows: 3 }, 100)).toBe(3)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 10_000_000 }), (maxRatio, records) => {
      const allowed = allowedBy({ maxRatio }, records)
      expect(allowed / records).toBeLessThanOrEqual(maxRatio)
      if (allowed < records) expect((allowed + 1) / records).toBeGreaterThan(maxRatio)
    }),
  )
})

describe('the policy of a run', () => {
  const late = { input: {}, lateAfter: '2h', notify: { failure: [{ channel: 'email' }] } } as const
  const at = (time: string) => Date.parse(`2026-11-23T${time}Z`)

  test('is late from its nominal time, a run by hand from its start', () => {
    const scheduled = { kind: 'scheduled', nominal: '2026-11-23T06:00:00Z', startedAt: '2026-11-23T11:00:00Z' } as const
    expect(runPolicy(late, scheduled).lateAtMs).toBe(at('08:00:00'))
    expect(runPolicy(late, { kind: 'manual', startedAt: '2026-11-23T11:00:00Z' }).lateAtMs).toBe(at('13:00:00'))
    expect(runPolicy(late, scheduled).channels.late).toBe(1)
  })

  test('of a backfill is never late and tells nobody; nor is a day late that is older than any catch-up', () => {
    const backfill = runPolicy(late, { kind: 'backfill', startedAt: '2026-11-23T11:00:00Z' })
    expect(backfill.lateAtMs).toBeUndefined()
    expect(Object.values(backfill.channels)).toEqual([0, 0, 0, 0, 0, 0])
    expect(
      runPolicy(late, { kind: 'scheduled', nominal: '2026-11-19T06:00:00Z', startedAt: '2026-11-23T11:00:00Z' }).lateAtMs,
    ).toBeUndefined()
  })
})
