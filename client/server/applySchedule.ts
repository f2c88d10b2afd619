/** A pipeline's schedule on the server becomes what its definition asks for. Every difference is told before anything is changed. */
import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client'
import { formatDuration } from '../../definition/durations.js'
import { type AnyPipeline, aboutText } from '../../definition/pipeline.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { launcherIds, scheduleIds, taskQueues, WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import { CATCH_UP_MS, dataDateRule, dataDateText, type ScheduledDayInput } from '../../engine/protocol/schedule.js'
import { registerSearchAttributes } from '../../worker/searchAttributes.js'
import { firingTimes, LOOK_AHEAD_MS, mustFireDaily, wouldFireAt } from './firingTimes.js'
import type { Server } from './openServer.js'
import { describeSchedule, handedInput } from './scheduleState.js'

type Scheduled = Pick<AnyPipeline, 'name' | 'description' | 'owner' | 'tags' | 'schedule'>

/** A field of a schedule that is not as the definition asks for; without `from` there is no schedule yet. */
export interface Difference {
  readonly field: string
  readonly from?: string
  readonly to: string
}

export interface Applied {
  readonly pipeline: string
  readonly created: boolean
  readonly differences: readonly Difference[]
}

/**
 * Makes the server's schedule what the definition asks for. `show` is told every difference before anything is changed.
 * @throws ScheduleUnfit, ScheduleChangedMeanwhile; UsageInvalid when the definition has no schedule
 */
export async function applySchedule(
  server: Server,
  settings: Settings,
  definition: Scheduled,
  show: (differences: readonly Difference[]) => void = () => {},
  dryRun = false,
): Promise<Applied> {
  const { name: pipeline } = definition
  const options = await wantedSchedule(server, settings, definition)
  const times = await wouldFireAt(server, options)
  mustFireDaily(handedInput(options), times)
  const there = await describeSchedule(server, settings, pipeline)
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

/** Makes the schedule that a definition asks for. @throws UsageInvalid when it asks for none */
async function wantedSchedule(server: Server, settings: Settings, definition: Scheduled): Promise<ScheduleOptions> {
  const { name: pipeline, schedule } = definition
  if (!schedule) {
    throw new DaybreakError('UsageInvalid', `the definition of ${pipeline} has no schedule`, { next: 'Add schedule: { cron } to it.' })
  }
  const { name, temporalUi } = settings
  const rule = dataDateRule(schedule)
  const unusable = await registerSearchAttributes(server.connection, server.target.namespace)
  const input: ScheduledDayInput = {
    pipeline,
    cron: schedule.cron,
    rule,
    searchAttributes: unusable === undefined,
    about: aboutText(definition),
    ...(temporalUi ? { ui: temporalUi } : {}),
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

/** A schedule that is there and one that is wanted can be compared by these. */
interface Comparable {
  readonly action: { readonly taskQueue?: string | undefined; readonly workflowType: unknown }
  readonly policies?: { readonly overlap?: string | undefined; readonly catchupWindow?: unknown } | undefined
}

/** A schedule that somebody else made under our id may hand over anything, or nothing. */
const handed = (schedule: Comparable): Partial<ScheduledDayInput> => handedInput(schedule) ?? {}

const FIELDS: readonly (readonly [string, (schedule: Comparable) => string])[] = [
  ['cron', (schedule) => handed(schedule).cron ?? 'unknown'],
  ['time zone', (schedule) => handed(schedule).rule?.timeZone ?? 'unknown'],
  ['data date', (schedule) => dataDateText(handed(schedule).rule ?? { daysBefore: -1 })],
  ['about', (schedule) => handed(schedule).about ?? ''],
  ['search attributes', (schedule) => (handed(schedule).searchAttributes ? 'yes' : 'no')],
  ['web UI', (schedule) => handed(schedule).ui ?? ''],
  ['task queue', ({ action }) => String(action.taskQueue)],
  ['starts', ({ action }) => String(action.workflowType)],
  ['overlap', ({ policies }) => String(policies?.overlap)],
  ['catch-up', ({ policies }) => formatDuration(Number(policies?.catchupWindow))],
]

function allOf(options: ScheduleOptions): readonly Difference[] {
  return FIELDS.map(([field, of]) => ({ field, to: of(options) })).filter(({ to }) => to !== '')
}

async function differencesOf(
  server: Server,
  there: ScheduleDescription,
  options: ScheduleOptions,
  times: readonly number[],
): Promise<readonly Difference[]> {
  const fields = FIELDS.map(([field, of]) => ({ field, from: of(there), to: of(options) })).filter(({ from, to }) => from !== to)
  if (fields.some(({ field }) => field === 'cron' || field === 'time zone')) return fields
  const now = Date.now()
  const fires = await firingTimes(server, options.scheduleId, now, now + LOOK_AHEAD_MS)
  const same = fires.filter((time) => time > times[0]! - 1).join() === times.join()
  return same ? fields : [...fields, { field: 'times', from: 'changed by somebody else', to: handedInput(options).cron }]
}

/** A change by somebody else shows in this. */
function fingerprint({ spec, action, policies, state }: Pick<ScheduleDescription, 'spec' | 'action' | 'policies' | 'state'>): string {
  return JSON.stringify([spec, action, policies, state])
}
