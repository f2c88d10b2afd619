/**
 * A backfill is a range of data dates. This file says what its modes do with each date and why, and how it is asked for, followed and
 * ended.
 */
import { formatDay } from '../../definition/dates.js'
import { DaybreakError, type Problem } from './errors.js'
import type { Verdict } from './errorTable.js'
import { mustBeDate } from './mustBeDate.js'
import type { DayResult, Notified } from './steps.js'

/**
 * `missing`: dates that never ran. `failed`: dates whose last run did not publish, for whatever reason, and that show nothing.
 * `stale`: published dates whose input, definition or model is another one now. `all`: every date.
 * Only `stale` and `all` replace what is published.
 */
export const BACKFILL_MODES = ['missing', 'failed', 'stale', 'all'] as const
export type BackfillMode = (typeof BACKFILL_MODES)[number]

/** More dates in one backfill are refused: its history would grow too large. */
export const MOST_DATES = 1000
/** More dates than this are asked about before they run. */
export const ASKS_ABOVE = 31
/** More dates at once would only wait for each other. */
export const MOST_PARALLEL = 16

export interface BackfillRequest {
  readonly pipeline: string
  /** First and last data date, both included. */
  readonly from: string
  readonly to: string
  readonly mode: BackfillMode
  /** Dates under way at once. */
  readonly parallel: number
  readonly order: 'oldest' | 'newest'
  readonly requestedBy?: string
}

/** What is known of a date when the plan is made. */
export interface DateFacts {
  /** Does the schedule have a run for it? True without a schedule. */
  readonly scheduled: boolean
  /** The last attempt; its verdict is missing while it is not sealed. */
  readonly last?: { readonly attempt: string; readonly verdict?: Verdict }
  readonly publication?: { readonly number: number; readonly attempt: string }
  /** What differs from the published attempt: `input`, `definition`, `model`. Empty: nothing, or nothing is published. */
  readonly stale: readonly string[]
}

export interface PlannedDate {
  readonly date: string
  readonly action: 'run' | 'skip'
  /** In words. */
  readonly reason: string
  /** Number of the publication that this date may replace; without it nothing is replaced. */
  readonly replaces?: number
}

/** Lists the dates of a range, oldest first. @throws DateInvalid, UsageInvalid for a range that is upside down, too long or not over yet */
export function backfillDates(from: string, to: string, today: string): readonly string[] {
  const [first, last, now] = [mustBeDate(from), mustBeDate(to), mustBeDate(today)]
  if (first > last)
    throw new DaybreakError('UsageInvalid', `the range is upside down: ${from} comes after ${to}`, {
      next: 'Give the earlier date with --from.',
    })
  const count = last - first + 1
  if (count > MOST_DATES) {
    const next = `Split the range: ${MOST_DATES} dates at most.`
    throw new DaybreakError('UsageInvalid', `${from} to ${to} are ${count} dates`, { next })
  }
  if (last > now)
    throw new DaybreakError('UsageInvalid', `${to} is in the future: today is ${today}`, { next: 'End the range with a day that is over.' })
  return Array.from({ length: count }, (_, index) => formatDay(first + index))
}

/** Says what a mode does with a date, and why. */
export function planDate(date: string, mode: BackfillMode, facts: DateFacts): PlannedDate {
  const { last, publication, stale } = facts
  const run = (reason: string): PlannedDate => ({ date, action: 'run', reason, ...(publication ? { replaces: publication.number } : {}) })
  const skip = (reason: string): PlannedDate => ({ date, action: 'skip', reason })
  if (!facts.scheduled && !last) return skip('the schedule has no run for it')
  const published = publication ? `published (${publication.attempt})` : undefined
  const was = last && (last.verdict ?? 'not finished')
  switch (mode) {
    case 'missing':
      return last ? skip(published ?? `ran already: ${was}`) : run('never ran')
    case 'failed':
      if (published) return skip(published)
      if (!last) return skip('never ran')
      return last.verdict === 'held' ? skip('waits for approval') : run(`last run: ${was}`)
    case 'stale':
      if (!published) return skip(last ? `not published: ${was}` : 'never ran')
      return stale.length > 0 ? run(`changed since: ${stale.join(', ')}`) : skip(`${published}, nothing changed`)
    case 'all':
      return run(published ?? (last ? `last run: ${was}` : 'never ran'))
  }
}

/** A date of a backfill as it stands. */
export interface BackfillDay {
  readonly date: string
  readonly reason: string
  readonly state: 'waiting' | 'running' | 'skipped' | 'not-started' | Verdict
  /** A run that somebody else had started was waited for. */
  readonly joined?: boolean
  readonly attempt?: string
  readonly published?: boolean
  /** From its start to its end. */
  readonly ms?: number
  /** Why it did not publish, in one sentence. */
  readonly problem?: string
}

export interface BackfillProgress {
  readonly request: BackfillRequest
  /** `asking`: the plan is there, and nothing starts before somebody says so. */
  readonly state: 'planning' | 'asking' | 'running' | 'paused' | 'stopping' | 'ended'
  readonly days: readonly BackfillDay[]
  /** ISO 8601, UTC: when the first date was started. */
  readonly startedAt?: string
}

/** What became of a backfill: its answer, and the file `<home>/<pipeline>/backfills/<id>.json`. */
export interface BackfillResult {
  readonly id: string
  readonly request: BackfillRequest
  /** `dry-run` and `not-begun`: nothing was started. */
  readonly ended: 'done' | 'stopped' | 'dry-run' | 'not-begun'
  /** Who stopped it. */
  readonly stoppedBy?: string
  readonly startedAt?: string
  readonly endedAt: string
  readonly days: readonly BackfillDay[]
  /** The plan could not be made. */
  readonly problem?: Problem
}

/** Counts a backfill's dates, for digest and command line. */
export function backfillCounts(days: readonly BackfillDay[]) {
  const count = (is: (day: BackfillDay) => boolean) => days.filter(is).length
  const skipped = count(({ state }) => state === 'skipped')
  const notStarted = count(({ state }) => state === 'not-started' || state === 'waiting')
  const running = count(({ state }) => state === 'running')
  const published = count(({ published }) => published === true)
  const done = days.length - skipped - notStarted - running
  return { planned: days.length - skipped, skipped, notStarted, running, done, published, failed: done - published }
}

export interface BackfillInput {
  readonly request: BackfillRequest
  /** Start without being asked. Otherwise the `begin` update does. */
  readonly begin: boolean
  /** Only make the plan. */
  readonly dryRun: boolean
  readonly searchAttributes: boolean
  readonly ui?: string
}

/** By which kind of message the team is told of it, and through how many channels. */
export interface BackfillConcluded {
  readonly message: 'success' | 'failure'
  readonly channels: number
}

export interface TellBackfillRequest {
  readonly pipeline: string
  readonly id: string
  readonly message: 'success' | 'failure'
  /** Index into the channels of this kind of message. */
  readonly channel: number
  /** The last try: write down that the channel is broken. */
  readonly last: boolean
}

/** What a backfill needs besides the days themselves. */
export interface BackfillSteps {
  /** A reason per date, in the order asked for. @throws what makes the request or the definition unusable */
  planBackfill(request: BackfillRequest): Promise<readonly PlannedDate[]>
  /** Waits for a run that somebody else started. */
  followRun(request: { readonly workflowId: string; readonly pipeline: string; readonly date: string }): Promise<DayResult>
  /** Writes the record and the index page; answers how the team is told. */
  concludeBackfill(result: BackfillResult): Promise<BackfillConcluded>
  /** Sends the digest to one channel, once. */
  tellBackfill(request: TellBackfillRequest): Promise<Notified>
}
