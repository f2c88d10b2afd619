/**
 * The steps as Temporal activities: heartbeats while a step works, cancellation as its signal, and its error as an
 * ApplicationFailure that carries the problem. The one place that knows both sides.
 */
import { Context } from '@temporalio/activity'
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common'
import type { BackfillSteps } from '../definition/backfill.js'
import { asDaybreakError } from '../definition/errors.js'
import type { ScheduleSteps } from '../definition/schedule.js'
import type { Steps } from '../definition/steps.js'
import type { StepContext, StepControl } from './context.js'
import { bindServerSteps, bindSteps } from './steps.js'

/** Heartbeat timeout is 5 s; one beat a second leaves four to lose. */
const HEARTBEAT_MS = 1000

/** All steps as activities. */
export function temporalActivities(context: StepContext): Steps & ScheduleSteps & BackfillSteps {
  return { ...bindSteps(context, asActivity), ...bindServerSteps(context, asActivity) }
}

async function asActivity<T>(name: string, call: (control: StepControl) => Promise<T>): Promise<T> {
  const activity = Context.current()
  let records = 0
  const beat = setInterval(() => activity.heartbeat(records), HEARTBEAT_MS)
  try {
    activity.heartbeat(records)
    return await call({
      signal: activity.cancellationSignal,
      onProgress: (more) => {
        records += more
      },
    })
  } catch (error) {
    // A stopped step reports how it was stopped: a worker that shuts down is not a failure of the run.
    if (activity.cancellationSignal.aborted) throw activity.cancellationSignal.reason ?? new CancelledFailure('cancelled')
    throw toFailure(name, error)
  } finally {
    clearInterval(beat)
  }
}

/**
 * Everything thrown is final for the server: the order of the steps counts and sleeps itself, so that the server's own attempts
 * count crashes alone. Only the look for the input is repeated by the server, at the pace of its policy.
 */
function toFailure(step: string, error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error
  const { code, problem } = asDaybreakError(error).inStep(step)
  const repeats = code === 'InputNotReady'
  // Lines of the input stay on disk: a history must not have them.
  const { excerpt: _kept, ...carried } = problem
  return ApplicationFailure.create({
    type: code,
    message: problem.message,
    details: [carried],
    nonRetryable: !repeats,
    // What the error table knows is told in report and message; only a defect deserves a warning in the log.
    ...(code === 'Unexpected' ? {} : { category: ApplicationFailureCategory.BENIGN }),
    ...(repeats && problem.retryAfterMs !== undefined ? { nextRetryDelay: problem.retryAfterMs } : {}),
  })
}
