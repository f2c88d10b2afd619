/** Binds the steps of a day to their context. A Temporal worker and a local run get the same functions. */
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { Notified, NotifyRequest, StepName, Steps } from '../engine/protocol/steps.js'
import { assemble } from './assemble.js'
import { checkResult } from './checkResult.js'
import type { Step, StepContext, StepControl } from './context.js'
import { findAnomalies } from './findAnomalies.js'
import { findInput } from './findInput.js'
import { inspect } from './inspect.js'
import { open } from './open.js'
import { publish } from './publish.js'
import { scorePartition } from './scorePartition.js'
import { seal } from './seal.js'

/** What a day ends with needs pages and charts, a fifth of all there is to load: it is loaded while the day runs. */
const loadViews = async () => ({ ...(await import('./report.js')), ...(await import('./notify.js')) })
const report: Step<{ readonly attempt: AttemptRef }, { readonly report: string }> = async (...call) =>
  await (await loadViews()).report(...call)
const notify: Step<NotifyRequest, Notified> = async (...call) => await (await loadViews()).notify(...call)

const STEPS = { open, findInput, inspect, scorePartition, assemble, checkResult, findAnomalies, seal, publish, report, notify } satisfies {
  [Name in StepName]: Step<Parameters<Steps[Name]>[0], Awaited<ReturnType<Steps[Name]>>>
}

export type Around = <T>(name: string, call: (control: StepControl) => Promise<T>) => Promise<T>

/** Binds steps to their context. `around` gives each call its control, and may wrap what it throws. */
export function bound<T extends object>(steps: { [Name in keyof T]: Step<never, unknown> }, context: StepContext, around: Around): T {
  const bind = ([name, step]: [string, Step<never, unknown>]) => [
    name,
    (request: never) => around(name, (control) => step(context, request, control)),
  ]
  return Object.fromEntries(Object.entries<Step<never, unknown>>(steps).map(bind)) as T
}

/** Binds the steps of a day, and begins to load what the day will end with. */
export function bindSteps(context: StepContext, around: Around): Steps {
  void loadViews().catch(() => undefined)
  return bound<Steps>(STEPS, context, around)
}
