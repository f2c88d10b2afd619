import { describe, expect, it } from 'vitest'
import type { BackfillResult } from '../../engine/protocol/backfill.js'
import { digestSentence, renderDigest } from '../../templates/digest.js'
import { textOf } from '../setup/htmlText.js'

type Days = BackfillResult['days']

const day = (date: string, state: string, more: object = {}) =>
  ({ date, action: 'run', reason: 'never ran', state, ...more }) as Days[number]
const published = (date: string) => day(date, 'pass', { published: true })

const result = (days: Days, changes: Partial<BackfillResult> = {}): BackfillResult => ({
  id: 'b1',
  request: { pipeline: 'churn', from: '2026-03-01', to: '2026-03-09', mode: 'missing', parallel: 2, order: 'oldest', requestedBy: 'ada' },
  days,
  startedAt: '2026-03-10T06:00:00.000Z',
  endedAt: '2026-03-10T06:04:10.000Z',
  ended: 'done',
  ...changes,
})

const render = (one: BackfillResult) => renderDigest({ result: one, key: 'the key', indexPath: '/out/churn/reports/index.html' })

describe('the digest of a backfill', () => {
  it('counts what became of its days', () => {
    const days = [published('2026-03-01'), day('2026-03-02', 'failed'), day('2026-03-03', 'input-missing'), day('2026-03-04', 'skipped')]
    expect(digestSentence(result(days))).toBe('1 of 3 days published, 1 failed, 1 input missing, in 4m 10s.')
    const stopped = result([published('2026-03-01'), day('2026-03-02', 'not-started')], { ended: 'stopped', stoppedBy: 'bob' })
    expect(digestSentence(stopped)).toBe('1 of 2 days published, 1 not started, stopped by bob, in 4m 10s.')
  })

  it('names the first days that were not published, how many more there are, and the command for them', () => {
    const failed = Array.from({ length: 7 }, (_, index) => day(`2026-03-0${index + 1}`, 'failed', { problem: `no ${index}` }))
    const { text, html, subject } = render(result(failed))
    expect(subject).toBe('[BACKFILL] churn 2026-03-01 to 2026-03-09: 0 of 7 days published, 7 failed, in 4m 10s')
    for (const form of [text, textOf(html)]) {
      expect(form).toContain('2026-03-05: failed, no 4')
      expect(form).not.toContain('2026-03-06: failed')
      expect(form).toContain('and 2 more findings')
      expect(form).toContain('daybreak backfill churn --from 2026-03-01 --to 2026-03-09 --mode failed')
      expect(form).toContain('asked for by ada')
    }
  })

  it('of days that are all published asks for nothing', () => {
    const { text } = render(result([published('2026-03-01'), published('2026-03-02')]))
    expect(text).toContain('2 of 2 days published')
    expect(text).not.toMatch(/Not published|What to do/)
  })
})
