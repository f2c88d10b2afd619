/** All the steps, bound to their context: the same functions for a Temporal worker and for a local run. */
import type { StepName, Steps } from '../definition/steps.js'
import { assemble } from './assemble.js'
import { checkResult } from './checkResult.js'
import type { Step, StepContext, StepControl } from './context.js'
import { findAnomalies } from './findAnomalies.js'
import { findInput } from './findInput.js'
import { inspect } from './inspect.js'
import { notify } from './notify.js'
import { open } from './open.js'
import { publish } from './publish.js'
import { report } from './report.js'
import { scorePartition } from './scorePartition.js'
import { seal } from './seal.js'

const STEPS = { open, findInput, inspect, scorePartition, assemble, checkResult, findAnomalies, seal, publish, report, notify } satisfies {
  [Name in StepName]: Step<Parameters<Steps[Name]>[0], Awaited<ReturnType<Steps[Name]>>>
}

export const STEP_NAMES = Object.keys(STEPS) as readonly StepName[]

/** Binds the steps. `around` gives each call its control, and may wrap what it throws. */
export function bindSteps(
  context: StepContext,
  around: <T>(name: StepName, call: (control: StepControl) => Promise<T>) => Promise<T>,
): Steps {
  const bind = (name: StepName) => {
    const step = STEPS[name] as Step<never, unknown>
    return [name, (request: never) => around(name, (control) => step(context, request, control))]
  }
  return Object.fromEntries(STEP_NAMES.map(bind)) as Steps
}
