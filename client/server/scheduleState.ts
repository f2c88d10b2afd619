/** A pipeline's schedule is read from the server: what it fires next, what it started, and what it did not. Nothing is changed. */
import { type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { scheduleIds } from '../../engine/protocol/ids.js'
import { type DataDateRule, dataDateOf, dataDateText, type ScheduledDayInput } from '../../engine/protocol/schedule.js'
import { firingTimes, LOOK_AHEAD_MS } from './firingTimes.js'
import { type Server, serverError } from './openServer.js'

export interface NextRun {
  /** Nominal time, ISO 8601, UTC. */
  readonly at: string
  readonly date: string
}

export interface ScheduleState {
  readonly pipeline: string
  readonly createdAt: string
  readonly paused: boolean
  readonly note?: string
  readonly cron: string
  readonly timeZone: string
  readonly dataDate: string
  readonly next: readonly NextRun[]
  /** Fired and started, newest last. */
  readonly recent: readonly NextRun[]
  /** These should have started and did not: they are queued behind a run, or a pause has dropped them. */
  readonly waiting: readonly NextRun[]
}

const NEXT_RUNS = 5

/** @returns `undefined` when there is no schedule */
export async function scheduleState(
  server: Server,
  settings: Pick<Settings, 'name'>,
  pipeline: string,
): Promise<ScheduleState | undefined> {
  const there = await describeSchedule(server, settings, pipeline)
  if (!there) return undefined
  const { cron, rule } = handedInput(there)
  const { createdAt, recentActions } = there.info
  const now = Date.now()
  const coming = await firingTimes(server, there.scheduleId, now, now + LOOK_AHEAD_MS)
  const past = await firingTimes(server, there.scheduleId, createdAt.getTime(), now)
  const started = recentActions.map(({ scheduledAt }) => scheduledAt.getTime())
  // A start by hand is no firing: only what the schedule itself started says how far it came.
  const lastFired = Math.max(0, ...started.filter((time) => past.includes(time)))
  const runs = (times: readonly number[]) => times.map((time) => runAt(time, rule))
  return {
    pipeline,
    createdAt: createdAt.toISOString(),
    paused: there.state.paused === true,
    ...(there.state.note ? { note: there.state.note } : {}),
    cron,
    timeZone: rule.timeZone,
    dataDate: dataDateText(rule),
    next: runs(coming.slice(0, NEXT_RUNS)),
    recent: runs(started),
    waiting: runs(past.filter((time) => time > lastFired && !started.includes(time))),
  }
}

/** Lists the pipelines that have a schedule on the server. */
export async function scheduledPipelines(server: Server, settings: Pick<Settings, 'name'>): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { scheduleId } of server.client.schedule.list()) {
    const parts = scheduleIds.parse(scheduleId)
    if (parts?.name === settings.name) names.push(parts.pipeline)
  }
  return names.sort()
}

/** Gives the schedule as the server describes it; `undefined` when there is none. */
export async function describeSchedule(
  server: Server,
  { name }: Pick<Settings, 'name'>,
  pipeline: string,
): Promise<ScheduleDescription | undefined> {
  try {
    return await server.client.schedule.getHandle(scheduleIds.make({ name, pipeline })).describe()
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined
    throw serverError(server, error)
  }
}

export function scheduleMissing(pipeline: string): DaybreakError {
  return new DaybreakError('ScheduleMissing', `${pipeline} has no schedule on the server`)
}

/** Gives what a schedule hands to each day it starts, as it was written there. */
export function handedInput({ action }: { readonly action: object }): ScheduledDayInput {
  return (action as { args?: unknown[] }).args?.[0] as ScheduledDayInput
}

/** Makes the run of a nominal time. */
export function runAt(timeMs: number, rule: DataDateRule): NextRun {
  return { at: new Date(timeMs).toISOString(), date: dataDateOf(timeMs, rule) }
}
