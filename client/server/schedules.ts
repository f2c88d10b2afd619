/**
 * Schedules on the server: what a definition asks for, what is there, and the difference. The server has the last word on when a
 * cron fires; a cron that misses a day, or fires twice on one, is refused.
 */
import { randomBytes } from 'node:crypto'
import { type ScheduleDescription, ScheduleNotFoundError, type ScheduleOptions } from '@temporalio/client'
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js'
import { formatDay } from '../../definition/dates.js'
import { formatDuration } from '../../definition/durations.js'
import { type AnyPipeline, aboutText } from '../../definition/pipeline.js'
import { cronFiresOn } from '../../engine/loader/cronFields.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { launcherIds, scheduleIds, standInScheduleId, taskQueues, WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import {
  CATCH_UP_MS,
  type DataDateRule,
  dataDateOf,
  dataDateRule,
  dataDateText,
  localDay,
  type ScheduledDayInput,
} from '../../engine/protocol/schedule.js'
import { registerSearchAttributes } from '../../worker/searchAttributes.js'
import { type Server, serverError } from './temporalRun.js'

type Scheduled = Pick<AnyPipeline, 'name' | 'description' | 'owner' | 'tags' | 'schedule'>

/** A field of a schedule that is not as the definition asks for; without `from` there is no schedule yet. */
export interface Difference {
  readonly field: string
  readonly from?: string
  readonly to: string
}

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
  /** Should have started and did not: queued behind a run, or dropped by a pause. */
  readonly waiting: readonly NextRun[]
}

/** So far a cron is looked at for days it misses: both changes of the clock are in it. */
const LOOK_AHEAD_DAYS = 400
const DAY_MS = 86_400_000
const NEXT_RUNS = 5

/** What a definition asks for. @throws UsageInvalid when it has no schedule */
async function wanted(server: Server, settings: Settings, definition: Scheduled): Promise<ScheduleOptions> {
  const { name: pipeline, schedule } = definition
  if (!schedule) {
    throw new DaybreakError('UsageInvalid', `the definition of ${pipeline} has no schedule`, { next: 'Add schedule: { cron } to it.' })
  }
  const { name } = settings
  const rule = dataDateRule(schedule)
  const unusable = await registerSearchAttributes(server.connection, server.target.namespace)
  const input: ScheduledDayInput = {
    pipeline,
    cron: schedule.cron,
    rule,
    searchAttributes: unusable === undefined,
    about: aboutText(definition),
    ...(settings.temporalUi ? { ui: settings.temporalUi } : {}),
  }
  return {
    scheduleId: scheduleIds.make({ name, pipeline }),
    spec: { cronExpressions: [schedule.cron], timezone: rule.timeZone },
    // Days queue; what an outage kept from starting is still started.
    policies: { overlap: 'BUFFER_ALL', catchupWindow: CATCH_UP_MS, pauseOnFailure: false },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPES.scheduledDay,
      workflowId: launcherIds.make({ name, pipeline }),
      taskQueue: taskQueues(name).main,
      args: [input],
      workflowTaskTimeout: '5s',
    },
  }
}

export interface Applied {
  readonly pipeline: string
  readonly created: boolean
  readonly differences: readonly Difference[]
}

/**
 * Makes the server's schedule what the definition asks for. `show` is told every difference before anything is changed.
 * @throws ScheduleUnfit, ScheduleChangedMeanwhile
 */
export async function applySchedule(
  server: Server,
  settings: Settings,
  definition: Scheduled,
  show: (differences: readonly Difference[]) => void = () => {},
  dryRun = false,
): Promise<Applied> {
  const { name: pipeline } = definition
  const options = await wanted(server, settings, definition)
  const times = await probe(server, options)
  refuseUnfit(pipeline, options, times)
  const there = await describe(server, settings, pipeline)
  const differences = there ? await differencesOf(server, there, options, times) : allOf(options)
  show(differences)
  if (differences.length === 0 || dryRun) return { pipeline, created: false, differences }
  const schedules = server.client.schedule
  if (!there) {
    await schedules.create(options)
    return { pipeline, created: true, differences }
  }
  await schedules.getHandle(options.scheduleId).update((now) => {
    if (fingerprint(now) !== fingerprint(there)) {
      throw new DaybreakError('ScheduleChangedMeanwhile', `the schedule of ${pipeline} was changed by somebody else between look and write`)
    }
    return { ...now, spec: options.spec, policies: options.policies!, action: { ...now.action, ...options.action } as never }
  })
  return { pipeline, created: false, differences }
}

/** What somebody's change would show in. */
function fingerprint({
  spec,
  action,
  policies,
  state,
}: Omit<ScheduleDescription, 'raw' | 'info' | 'memo' | 'scheduleId' | 'searchAttributes' | 'typedSearchAttributes'>): string {
  return JSON.stringify([spec, action, policies, state])
}

/** When the wanted schedule would fire, asked of a paused stand-in that is gone afterwards. */
async function probe(server: Server, options: ScheduleOptions): Promise<readonly number[]> {
  const scheduleId = standInScheduleId(options.scheduleId, randomBytes(4).toString('hex'))
  const stand = await server.client.schedule
    .create({ ...options, scheduleId, state: { paused: true, note: 'asks when it would fire' } })
    .catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw serverError(server, error)
      throw new DaybreakError('ScheduleUnfit', `the server does not take the schedule: ${error.message}`)
    })
  try {
    const now = Date.now()
    // Two days first: a cron that fires every minute must not list a year.
    const soon = await matchingTimes(server, scheduleId, now, now + 2 * DAY_MS)
    return soon.length > 3 ? soon : await matchingTimes(server, scheduleId, now, now + LOOK_AHEAD_DAYS * DAY_MS)
  } finally {
    await stand.delete()
  }
}

/** Nominal times in a span, as the server computes them. */
async function matchingTimes(server: Server, scheduleId: string, fromMs: number, toMs: number): Promise<readonly number[]> {
  const { startTime } = await server.client.workflowService.listScheduleMatchingTimes({
    namespace: server.target.namespace,
    scheduleId,
    startTime: msToTs(fromMs),
    endTime: msToTs(toMs),
  })
  return (startTime ?? []).map((time) => tsToMs(time))
}

function inputOf(options: Pick<ScheduleOptions, 'action'>): ScheduledDayInput {
  return (options.action as { args?: unknown[] }).args?.[0] as ScheduledDayInput
}

/** @throws ScheduleUnfit naming the first days that the cron misses or meets twice */
function refuseUnfit(pipeline: string, options: ScheduleOptions, times: readonly number[]): void {
  const { cron, rule } = inputOf(options)
  const days = times.map((time) => localDay(time, rule.timeZone))
  const twice = days.find((day, index) => days[index - 1] === day)
  const next = 'Choose one time a day, outside 00:00 to 03:59 where clocks change, or the zone UTC.'
  if (twice !== undefined) {
    throw new DaybreakError('ScheduleUnfit', `"${cron}" (${rule.timeZone}) of ${pipeline} fires more than once on ${formatDay(twice)}`, {
      next,
    })
  }
  const fired = new Set(days)
  const today = localDay(Date.now(), rule.timeZone)
  for (let day = today + 1; day < today + LOOK_AHEAD_DAYS - 1; day += 1) {
    if (!cronFiresOn(cron, day) || fired.has(day)) continue
    throw new DaybreakError(
      'ScheduleUnfit',
      `"${cron}" (${rule.timeZone}) of ${pipeline} does not fire on ${formatDay(day)}: that time is skipped there`,
      {
        next,
      },
    )
  }
}

const FIELDS: readonly (readonly [string, (options: Pick<ScheduleDescription, 'policies' | 'action'>) => string])[] = [
  ['cron', (options) => inputOf(options as never)?.cron ?? 'unknown'],
  ['time zone', (options) => inputOf(options as never)?.rule?.timeZone ?? 'unknown'],
  ['data date', (options) => dataDateText(inputOf(options as never)?.rule ?? { daysBefore: -1 })],
  ['about', (options) => inputOf(options as never)?.about ?? ''],
  ['search attributes', (options) => (inputOf(options as never)?.searchAttributes ? 'yes' : 'no')],
  ['web UI', (options) => inputOf(options as never)?.ui ?? ''],
  ['task queue', ({ action }) => String(action.taskQueue)],
  ['starts', ({ action }) => String(action.workflowType)],
  ['overlap', ({ policies }) => String(policies.overlap)],
  ['catch-up', ({ policies }) => formatDuration(Number(policies.catchupWindow))],
]

function allOf(options: ScheduleOptions): readonly Difference[] {
  return FIELDS.map(([field, of]) => ({ field, to: of(options as never) })).filter(({ to }) => to !== '')
}

async function differencesOf(
  server: Server,
  there: ScheduleDescription,
  options: ScheduleOptions,
  times: readonly number[],
): Promise<readonly Difference[]> {
  const fields = FIELDS.map(([field, of]) => ({ field, from: of(there), to: of(options as never) })).filter(({ from, to }) => from !== to)
  if (fields.some(({ field }) => field === 'cron' || field === 'time zone')) return fields
  const now = Date.now()
  const fires = await matchingTimes(server, options.scheduleId, now, now + LOOK_AHEAD_DAYS * DAY_MS)
  const same = fires.filter((time) => time > times[0]! - 1).join() === times.join()
  return same ? fields : [...fields, { field: 'times', from: 'changed by somebody else', to: inputOf(options).cron }]
}

async function describe(server: Server, { name }: Pick<Settings, 'name'>, pipeline: string): Promise<ScheduleDescription | undefined> {
  try {
    return await server.client.schedule.getHandle(scheduleIds.make({ name, pipeline })).describe()
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined
    throw serverError(server, error)
  }
}

/** A pipeline's schedule as it is on the server; `undefined` when there is none. */
export async function scheduleState(
  server: Server,
  settings: Pick<Settings, 'name'>,
  pipeline: string,
): Promise<ScheduleState | undefined> {
  const there = await describe(server, settings, pipeline)
  if (!there) return undefined
  const { cron, rule } = inputOf(there as never)
  const { createdAt, recentActions } = there.info
  const id = scheduleIds.make({ name: settings.name, pipeline })
  const now = Date.now()
  const coming = await matchingTimes(server, id, now, now + LOOK_AHEAD_DAYS * DAY_MS)
  const past = await matchingTimes(server, id, createdAt.getTime(), now)
  const started = recentActions.map(({ scheduledAt }) => scheduledAt.getTime())
  // A start by hand is no firing: only what the schedule itself started says how far it came.
  const lastFired = Math.max(0, ...started.filter((time) => past.includes(time)))
  const runs = (times: readonly number[]) => times.map((time) => nextRun(time, rule))
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

function nextRun(timeMs: number, rule: DataDateRule): NextRun {
  return { at: new Date(timeMs).toISOString(), date: dataDateOf(timeMs, rule) }
}

/** Names of the pipelines that have a schedule on the server. */
export async function scheduledPipelines(server: Server, settings: Pick<Settings, 'name'>): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { scheduleId } of server.client.schedule.list()) {
    const parts = scheduleIds.parse(scheduleId)
    if (parts?.name === settings.name) names.push(parts.pipeline)
  }
  return names.sort()
}

/** Pauses or resumes. Answers the state before. @throws ScheduleMissing */
export async function setPaused(
  server: Server,
  settings: Settings,
  pipeline: string,
  paused: boolean,
  note: string,
): Promise<ScheduleState> {
  const before = await mustHave(server, settings, pipeline)
  if (before.paused === paused) return before
  const handle = server.client.schedule.getHandle(scheduleIds.make({ name: settings.name, pipeline }))
  await (paused ? handle.pause(note) : handle.unpause(note))
  return before
}

/** Starts a run now, behind what is queued. Answers the data date it means. @throws ScheduleMissing */
export async function triggerSchedule(server: Server, settings: Settings, pipeline: string): Promise<NextRun> {
  const { timeZone } = await mustHave(server, settings, pipeline)
  const there = await describe(server, settings, pipeline)
  const { rule } = inputOf(there as never)
  await server.client.schedule.getHandle(scheduleIds.make({ name: settings.name, pipeline })).trigger('BUFFER_ALL')
  return nextRun(Date.now(), { ...rule, timeZone })
}

/** Removes the schedule; runs under way go on. Answers whether there was one. */
export async function removeSchedule(server: Server, settings: Pick<Settings, 'name'>, pipeline: string): Promise<boolean> {
  if (!(await describe(server, settings, pipeline))) return false
  await server.client.schedule.getHandle(scheduleIds.make({ name: settings.name, pipeline })).delete()
  return true
}

async function mustHave(server: Server, settings: Pick<Settings, 'name'>, pipeline: string): Promise<ScheduleState> {
  const state = await scheduleState(server, settings, pipeline)
  if (!state) throw new DaybreakError('ScheduleMissing', `${pipeline} has no schedule on the server`)
  return state
}
