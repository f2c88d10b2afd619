/** All the steps, bound to their context: the same functions for a Temporal worker and for a local run. */
import type { BackfillSteps } from '../definition/backfill.js'
import type { ScheduleSteps } from '../definition/schedule.js'
import type { StepName, Steps } from '../definition/steps.js'
import { assemble } from './assemble.js'
import { checkResult } from './checkResult.js'
import { closeTerminated } from './closeTerminated.js'
import { concludeBackfill } from './concludeBackfill.js'
import type { Step, StepContext, StepControl } from './context.js'
import { dataDate } from './dataDate.js'
import { findAnomalies } from './findAnomalies.js'
import { findInput } from './findInput.js'
import { followRun } from './followRun.js'
import { inspect } from './inspect.js'
import { notify } from './notify.js'
import { open } from './open.js'
import { ping } from './ping.js'
import { planBackfill } from './planBackfill.js'
import { publish } from './publish.js'
import { report } from './report.js'
import { scorePartition } from './scorePartition.js'
import { seal } from './seal.js'
import { tellBackfill } from './tellBackfill.js'

const STEPS = { open, findInput, inspect, scorePartition, assemble, checkResult, findAnomalies, seal, publish, report, notify } satisfies {
  [Name in StepName]: Step<Parameters<Steps[Name]>[0], Awaited<ReturnType<Steps[Name]>>>
}

const SCHEDULE_STEPS = { dataDate, closeTerminated, ping }
const BACKFILL_STEPS = { planBackfill, followRun, concludeBackfill, tellBackfill }

export type Around = <T>(name: string, call: (control: StepControl) => Promise<T>) => Promise<T>

/** Binds steps to their context. `around` gives each call its control, and may wrap what it throws. */
function bound<T extends object>(steps: { [Name in keyof T]: Step<never, unknown> }, context: StepContext, around: Around): T {
  const bind = ([name, step]: [string, Step<never, unknown>]) => [
    name,
    (request: never) => around(name, (control) => step(context, request, control)),
  ]
  return Object.fromEntries(Object.entries<Step<never, unknown>>(steps).map(bind)) as T
}

/** The steps of a day. */
export function bindSteps(context: StepContext, around: Around): Steps {
  return bound<Steps>(STEPS, context, around)
}

/** The steps around days, which only a server asks for: those of a schedule and of a backfill. */
export function bindServerSteps(context: StepContext, around: Around): ScheduleSteps & BackfillSteps {
  return { ...bound<ScheduleSteps>(SCHEDULE_STEPS, context, around), ...bound<BackfillSteps>(BACKFILL_STEPS, context, around) }
}
