/**
 * Turns a schedule's nominal time into a data date, and declares the steps of a scheduled day around the day itself. Everything here is
 * pure: nothing reads the wall clock.
 */
import { type Day, formatDay } from '../../definition/dates.js'
import type { Schedule } from '../../definition/pipeline.js'
import { calendarOf } from '../../definition/timeZones.js'
import type { AttemptRef } from './documents/attempt.js'

/** Which day the data of a nominal time is about. */
export interface DataDateRule {
  /** IANA name. */
  readonly timeZone: string
  /** Days between the data date and the nominal time's own day in that zone. */
  readonly daysBefore: number
}

/** The rule of a definition's schedule. Defaults: UTC, the previous day. */
export function dataDateRule({ timeZone = 'UTC', dataDate = 'previous-day' }: Schedule): DataDateRule {
  if (typeof dataDate === 'object') return { timeZone, daysBefore: dataDate.daysBefore }
  return { timeZone, daysBefore: dataDate === 'same-day' ? 0 : 1 }
}

/** `previous-day`, `same-day` or `3 days before`: as a definition says it. */
export function dataDateText({ daysBefore }: Pick<DataDateRule, 'daysBefore'>): string {
  return ['same-day', 'previous-day'][daysBefore] ?? `${daysBefore} days before`
}

/** The calendar day of an instant (milliseconds since 1970) in a time zone. @throws {RangeError} when there is no such zone */
export const localDay = (instantMs: number, timeZone: string): Day => calendarOf(timeZone)(instantMs)

/** The data date (`YYYY-MM-DD`) of a nominal time: calendar days, so that summer time makes no difference. */
export function dataDateOf(nominalMs: number, rule: DataDateRule): string {
  return formatDay(localDay(nominalMs, rule.timeZone) - rule.daysBefore)
}

/** Runs that could not start, for an outage or a queue, are still started this long after their time. */
export const CATCH_UP_MS = 3 * 24 * 3_600_000

/** What a schedule hands to each day it starts. */
export interface ScheduledDayInput {
  readonly pipeline: string
  /** As applied: for people, and to tell a difference; when it fires is the schedule's own affair. */
  readonly cron: string
  readonly rule: DataDateRule
  /** Are the search attributes registered? */
  readonly searchAttributes: boolean
  /** Base address of the server's web UI, for the report's link. */
  readonly ui?: string
  /** Description, owner and tags, for the server's UI. */
  readonly about?: string
}

/** What became of a scheduled start. */
export interface ScheduledDayResult {
  readonly date: string
  /** `joined`: a run of the date was going on already. */
  readonly ended: 'run' | 'already-published' | 'joined' | 'terminated'
  readonly verdict?: string
}

/** A run that was terminated on the server never ran its own ending. */
export interface CloseTerminatedRequest {
  readonly pipeline: string
  readonly date: string
  /** Of the run that was terminated. */
  readonly runKey: string
}

/** What a scheduled start needs besides the steps of the day. */
export interface ScheduleSteps {
  /** Here and not in the workflow: the zones' rules change with the version of Node, and a replay must not. */
  dataDate(request: { readonly nominalMs: number; readonly rule: DataDateRule }): Promise<{ readonly date: string }>
  /** Seals as failed what a terminated run left, writes its report; nothing when it left no open attempt. */
  closeTerminated(request: CloseTerminatedRequest): Promise<{ readonly attempt?: AttemptRef; readonly channels: number }>
  /** Tells an outside watcher that somebody is alive. Never throws: a watcher that is away harms nothing. */
  ping(): Promise<'pinged' | 'not-configured' | 'failed'>
}
