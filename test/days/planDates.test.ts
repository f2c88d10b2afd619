import { expect, test } from 'vitest'
import { planDates } from '../../days/planDates.js'
import type { BackfillRequest, PlannedDate } from '../../engine/protocol/backfill.js'
import { publishAttempt } from '../../engine/storage/publications.js'
import { how, sealed } from '../engine/storage/sealedAttempts.js'
import { smallDay } from './smallDay.js'

const { define, context } = smallDay()
const range: BackfillRequest = { pipeline: 'churn', from: '2026-03-01', to: '2026-03-05', mode: 'missing', parallel: 1, order: 'oldest' }
const runs = (plan: readonly PlannedDate[]) => plan.filter(({ action }) => action === 'run').map(({ date }) => date)

/** The 1st never ran; the 2nd is published, the 3rd failed, the 4th waits for a decision, the 5th may not be approved any more. */
async function days(fingerprint: string) {
  const { home } = context().settings
  const published = await sealed(home, 'run 2', 'a', { date: '2026-03-02', fingerprints: { definition: fingerprint, code: 'c' } })
  await publishAttempt(home, published, { seen: 0, ...how })
  await sealed(home, 'run 3', 'b', { date: '2026-03-03', verdict: 'failed' })
  await sealed(home, 'run 4', 'c', { date: '2026-03-04', verdict: 'held' })
  await sealed(home, 'run 5', 'd', { date: '2026-03-05', verdict: 'held', holdExpiresAt: '2026-03-06T00:00:00.000Z' })
}

test('each mode runs what it is for, and says why of every date', async () => {
  const { compiled } = await define()
  await days(compiled.fingerprint)
  const plan = (changes: Partial<BackfillRequest>) => planDates(context().settings, { ...range, ...changes })
  const missing = await plan({})
  expect(runs(missing)).toEqual(['2026-03-01'])
  expect(missing.map(({ reason }) => reason)).toEqual([
    'never ran',
    'published (a001)',
    'ran already: failed',
    'ran already: held',
    'ran already: refused',
  ])
  expect(runs(await plan({ mode: 'failed' }))).toEqual(['2026-03-03', '2026-03-05'])
  expect(runs(await plan({ mode: 'stale' }))).toEqual([])
  expect(runs(await plan({ mode: 'all', order: 'newest' }))).toEqual(['2026-03-05', '2026-03-04', '2026-03-03', '2026-03-02', '2026-03-01'])
})

test('a published date whose definition is another one now is stale, and the plan names the publication that it may replace', async () => {
  await define()
  await days('another')
  const plan = await planDates(context().settings, { ...range, mode: 'stale' })
  expect(plan.filter(({ action }) => action === 'run')).toEqual([
    { date: '2026-03-02', action: 'run', reason: 'changed since: definition', replaces: 1 },
  ])
})

test('a day on which the schedule has no run is skipped; a range that is not over is refused', async () => {
  await define("schedule: { cron: '0 6 * * 1', dataDate: 'same-day' }")
  const plan = await planDates(context().settings, range)
  expect(runs(plan)).toEqual(['2026-03-02'])
  expect(plan[0]?.reason).toBe('the schedule has no run for it')
  await expect(planDates(context().settings, { ...range, to: '9999-01-01', from: '9998-12-31' })).rejects.toMatchObject({
    code: 'UsageInvalid',
  })
})
