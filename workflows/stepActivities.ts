/** Steps are called as activities from here, which has their timeouts, the budget for crashes, and what a failure behind Temporal means. */
import type { Duration } from '@temporalio/common'
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow'
import { DaybreakError, type Problem } from '../engine/protocol/errors.js'
import { ERRORS, type ErrorCode } from '../engine/protocol/errorTable.js'
import { installationOf } from '../engine/protocol/ids.js'

/** A lost worker is noticed after this; it is why a crash costs seconds. */
export const HEARTBEAT_TIMEOUT: Duration = '5s'

/** The server tries so often: five workers may die of one step before the run gives up. Only the wait looks again for what is not there. */
const CRASH_BUDGET = {
  initialInterval: '1s',
  backoffCoefficient: 1,
  maximumAttempts: 5,
  nonRetryableErrorTypes: ['InputNotReady' satisfies ErrorCode],
}

/** No step takes longer. A worker that is gone is noticed by its heartbeats, not by this. */
const STEP_LIMIT: Duration = '24h'

/** Makes activities of the names given; they throw `DaybreakError`. Without a queue they run on the workflow's own. */
export function stepActivities<T extends object>(names: readonly (keyof T & string)[], taskQueue?: string): T {
  const proxies = proxyActivities<Record<string, (request: unknown) => Promise<unknown>>>({
    startToCloseTimeout: STEP_LIMIT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: CRASH_BUDGET,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...(taskQueue ? { taskQueue } : {}),
  })
  const bind = (name: string) => {
    const step = async (request: unknown) => {
      try {
        return await proxies[name]!(request)
      } catch (error) {
        throw explained(name, error)
      }
    }
    return [name, step]
  }
  return Object.fromEntries(names.map(bind)) as T
}

/** Makes an activity's failure the problem that it carries; a cancellation stays as it is. */
export function explained(step: string, error: unknown): unknown {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) return error
  const { cause } = error
  if (cause instanceof ApplicationFailure && cause.type && cause.type in ERRORS) {
    const [problem] = (cause.details ?? []) as Problem[]
    return problem ? DaybreakError.of(problem) : new DaybreakError(cause.type as ErrorCode, cause.message).inStep(step)
  }
  if (cause instanceof TimeoutFailure) {
    const times = CRASH_BUDGET.maximumAttempts
    return new DaybreakError('WorkerKeepsDying', `step ${step} took ${times} workers with it: each stopped answering while it ran`).inStep(
      step,
    )
  }
  return new DaybreakError('Unexpected', cause?.message ?? error.message).inStep(step)
}

/** The name of the installation that this workflow belongs to. */
export function installationName(): string {
  return installationOf(workflowInfo().workflowId)
}
