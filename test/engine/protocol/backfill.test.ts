import { describe, expect, test } from 'vitest'
import { backfillCounts, backfillDates, type DateFacts, planDate } from '../../../engine/protocol/backfill.js'

const NEVER: DateFacts = { scheduled: true, stale: [] }
const FAILED: DateFacts = { ...NEVER, last: { attempt: 'a001', verdict: 'failed' } }
const PUBLISHED: DateFacts = { ...NEVER, last: { attempt: 'a001', verdict: 'pass' }, publication: { number: 1, attempt: 'a001' } }
const STALE: DateFacts = { ...PUBLISHED, stale: ['input', 'model'] }
const RERUN_FAILED: DateFacts = { ...PUBLISHED, last: { attempt: 'a002', verdict: 'failed' } }
const HELD: DateFacts = { ...NEVER, last: { attempt: 'a001', verdict: 'held' } }
const UNFINISHED: DateFacts = { ...NEVER, last: { attempt: 'a001' } }
const WEEKEND: DateFacts = { ...NEVER, scheduled: false }

const plan = (mode: Parameters<typeof planDate>[1], facts: DateFacts) => {
  const { action, reason, replaces } = planDate('2026-03-01', mode, facts)
  return [action, reason, replaces]
}

describe('a plan', () => {
  test('of missing dates runs what never ran, and replaces nothing', () => {
    expect(plan('missing', NEVER)).toEqual(['run', 'never ran', undefined])
    expect(plan('missing', FAILED)).toEqual(['skip', 'ran already: failed', undefined])
    expect(plan('missing', STALE)).toEqual(['skip', 'published (a001)', undefined])
  })

  test('of failed dates runs what shows nothing, and leaves what waits for approval', () => {
    expect(plan('failed', FAILED)).toEqual(['run', 'last run: failed', undefined])
    expect(plan('failed', UNFINISHED)).toEqual(['run', 'last run: not finished', undefined])
    expect(plan('failed', RERUN_FAILED)).toEqual(['skip', 'published (a001)', undefined])
    expect(plan('failed', HELD)).toEqual(['skip', 'waits for approval', undefined])
    expect(plan('failed', NEVER)).toEqual(['skip', 'never ran', undefined])
  })

  test('of stale dates replaces the very publication that changed', () => {
    expect(plan('stale', STALE)).toEqual(['run', 'changed since: input, model', 1])
    expect(plan('stale', PUBLISHED)).toEqual(['skip', 'published (a001), nothing changed', undefined])
    expect(plan('stale', FAILED)).toEqual(['skip', 'not published: failed', undefined])
  })

  test('of all dates runs all, but for days that the schedule does not have', () => {
    expect(plan('all', PUBLISHED)).toEqual(['run', 'published (a001)', 1])
    expect(plan('all', FAILED)).toEqual(['run', 'last run: failed', undefined])
    expect(plan('all', WEEKEND)).toEqual(['skip', 'the schedule has no run for it', undefined])
    expect(plan('all', { ...FAILED, scheduled: false })).toEqual(['run', 'last run: failed', undefined])
  })
})

test('a range has both its ends, up to today', () => {
  expect(backfillDates('2028-02-28', '2028-03-01', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01'])
  expect(() => backfillDates('2026-03-02', '2026-03-01', '2026-11-23')).toThrow('upside down')
  expect(() => backfillDates('2026-03-01', '2026-03-02', '2026-03-01')).toThrow('in the future')
  expect(() => backfillDates('2020-01-01', '2022-09-27', '2026-11-23')).toThrow('1001 dates')
  expect(backfillDates('2020-01-01', '2022-09-26', '2026-11-23')).toHaveLength(1000)
  expect(() => backfillDates('2026-02-29', '2026-03-02', '2026-11-23')).toThrow('no calendar day'.replace('no', 'not a'))
})

test('counts tell what was planned, done, published and left', () => {
  const day = (state: string, published = false) => ({ date: '2026-03-01', reason: '', state, published }) as never
  expect(backfillCounts([day('pass', true), day('failed'), day('skipped'), day('not-started'), day('running')])).toEqual({
    planned: 4,
    skipped: 1,
    notStarted: 1,
    running: 1,
    done: 2,
    published: 1,
    failed: 1,
  })
})
