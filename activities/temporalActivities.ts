/**
 * Steps become Temporal activities here, the one place that knows both sides: heartbeats go out while a step works, a cancellation is its
 * signal, and its error becomes an ApplicationFailure that carries the problem.
 */
import { Context } from '@temporalio/activity'
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common'
import type { BackfillSteps } from '../engine/protocol/backfill.js'
import { asDaybreakError } from '../engine/protocol/errors.js'
import { dayIds, runKey } from '../engine/protocol/ids.js'
import type { ScheduleSteps } from '../engine/protocol/schedule.js'
import type { Steps } from '../engine/protocol/steps.js'
import type { LogEntry, StepContext, StepControl } from './context.js'
import { countStep } from './metrics.js'
import { bindServerSteps } from './serverSteps.js'
import { type Around, bindSteps } from './steps.js'

/** The heartbeat timeout is 5 s, so one beat a second leaves four to lose. */
const HEARTBEAT_MS = 1000

/** Makes activities of all steps. */
export function temporalActivities(context: StepContext): Steps & ScheduleSteps & BackfillSteps {
  const around: Around = (name, call) => asActivity(context, name, call)
  return { ...bindSteps(context, around), ...bindServerSteps(context, around) }
}

async function asActivity<T>(context: StepContext, name: string, call: (control: StepControl) => Promise<T>): Promise<T> {
  const activity = Context.current()
  const of = runOf(activity)
  const startedMs = Date.now()
  let records = 0
  const beat = setInterval(() => activity.heartbeat(records), HEARTBEAT_MS)
  try {
    activity.heartbeat(records)
    const result = await call({
      signal: activity.cancellationSignal,
      onProgress: (more) => {
        records += more
      },
    })
    countStep(activity.metricMeter, { step: name, pipeline: of.pipeline ?? '', seconds: (Date.now() - startedMs) / 1000 }, result)
    return result
  } catch (error) {
    // A stopped step reports how it was stopped: a worker that shuts down is not a failure of the run.
    if (activity.cancellationSignal.aborted) throw activity.cancellationSignal.reason ?? new CancelledFailure('cancelled')
    const failure = toFailure(name, error)
    const code = failure.type ?? ''
    // The server repeats this look; a line for each would drown the others.
    if (code !== 'InputNotReady') {
      const level = code === 'Unexpected' ? 'error' : 'info'
      context.log?.({ level, message: failure.message, ...of, step: name, code })
    }
    throw failure
  } finally {
    clearInterval(beat)
  }
}

/** Says which day an activity belongs to, by the id of its workflow. */
function runOf({ info }: Context): Pick<LogEntry, 'pipeline' | 'date' | 'run'> {
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {}
  const day = dayIds.parse(workflowId)
  return { run: runKey(workflowId, runId), ...(day ? { pipeline: day.pipeline, date: day.date } : {}) }
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
