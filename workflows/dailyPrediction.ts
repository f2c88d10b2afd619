/**
 * The daily prediction is a Temporal workflow: a day's steps are activities, with timers, scopes and messages around them. A crash costs
 * seconds and no retry: what a step throws is final for the server, whose own attempts count crashes alone.
 */
import { ApplicationFailureCategory, RetryState } from '@temporalio/common'
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  TimeoutFailure,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import { formatDuration } from '../definition/durations.js'
import type { AttemptRef, RunKind } from '../engine/protocol/documents/attempt.js'
import { asDaybreakError, DaybreakError, type Problem } from '../engine/protocol/errors.js'
import { ERRORS } from '../engine/protocol/errorTable.js'
import { runKey, SEARCH_ATTRIBUTES, taskQueues } from '../engine/protocol/ids.js'
import {
  type DayPolicy,
  type DayProgress,
  type DayRequest,
  type DayResult,
  type InputFound,
  STEP_TITLES,
  type StepName,
  type Steps,
} from '../engine/protocol/steps.js'
import { inWindow } from './inWindow.js'
import { type ArrivedAnswer, arrivedUpdate, dayProgressQuery } from './messages.js'
import { type DayRuntime, predictDay } from './predictDay.js'
import { explained, HEARTBEAT_TIMEOUT, stepActivities } from './stepActivities.js'

export interface DailyPredictionInput {
  readonly request: DayRequest
  /** Are the search attributes registered? An unregistered one would stop the run. */
  readonly searchAttributes: boolean
  /** Base address of the server's web UI, for the report's link. */
  readonly ui?: string
}

/** So many stretches of partitions are under way at once: more than any worker has threads, few enough for a small history. */
const FAN_OUT = 16

export async function dailyPrediction({ request, searchAttributes, ui }: DailyPredictionInput): Promise<DayResult> {
  let progress: DayProgress = { step: 'open', recordsDone: 0, recordsInAll: 0 }
  const waiting: Waiting = {}
  setHandler(dayProgressQuery, () => progress)
  setHandler(arrivedUpdate, () => lookNow(waiting))

  const { workflowId, runId, firstExecutionRunId, namespace } = workflowInfo()
  const runtime = temporalRuntime(request, waiting, (next) => {
    progress = next
    if (next.about) setCurrentDetails(next.about)
  })
  try {
    const temporal = { namespace, workflowId, runId, ...(ui ? { ui } : {}) }
    const result = await predictDay({ ...request, runKey: runKey(workflowId, firstExecutionRunId), temporal }, runtime)
    if (searchAttributes) upsertSearchAttributes({ [SEARCH_ATTRIBUTES.verdict]: [result.verdict] })
    setCurrentDetails(`${progress.about ?? ''}\n\n**${result.verdict}** ${result.problem?.message ?? ''}`)
    return endAs(result)
  } catch (error) {
    if (isCancellation(error) || error instanceof ApplicationFailure) throw error
    // The attempt could not even be opened, so there is no report, and the failure says it all.
    const { problem } = asDaybreakError(error)
    const { pipeline, date } = request
    throw failure(problem, { pipeline, date, verdict: ERRORS[problem.code].verdict, published: false, alreadyPublished: false, problem })
  }
}

/** Published and refused runs complete; failed and missing ones fail, cancelled ones end as cancelled. */
function endAs(result: DayResult): DayResult {
  if (result.verdict === 'cancelled') {
    // A cancelled workflow has no result of its own, and a query would need a worker that is there.
    upsertMemo({ result })
    throw new CancelledFailure(result.problem?.message ?? 'cancelled')
  }
  if (result.verdict === 'failed' || result.verdict === 'input-missing') {
    throw failure(result.problem ?? new DaybreakError('Unexpected', 'the run failed without a reason').problem, result)
  }
  return result
}

function failure(problem: Problem, result: DayResult): ApplicationFailure {
  return ApplicationFailure.create({
    type: problem.code,
    message: problem.message,
    details: [result],
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  })
}

/** Messages must know this of the wait for the input. */
interface Waiting {
  attempt?: AttemptRef
  found?: InputFound
}

async function lookNow(waiting: Waiting): Promise<ArrivedAnswer> {
  if (!waiting.attempt) return { found: false, message: 'the run does not wait for its input' }
  try {
    const found = await activities().findInput({ attempt: waiting.attempt, arrived: true, last: false })
    waiting.found = found
    return { found: true, message: `${found.path} is there, ${found.bytes} bytes` }
  } catch (error) {
    if (isCancellation(error)) throw error
    return { found: false, message: asDaybreakError(error).message }
  }
}

function temporalRuntime(request: DayRequest, waiting: Waiting, onProgress: DayRuntime['onProgress']): DayRuntime {
  return {
    steps: activities(request.kind),
    now: () => Date.now(),
    sleep: (ms) => sleep(ms),
    waitForInput: (attempt, policy) => waitForInput(waiting, attempt, policy),
    withDeadline,
    alongside,
    fanOut: (count, work) =>
      CancellationScope.cancellable(() => {
        const scope = CancellationScope.current()
        return inWindow(count, FAN_OUT, work, () => scope.cancel())
      }),
    uninterrupted: (work) => CancellationScope.nonCancellable(work),
    isCancellation,
    onProgress,
  }
}

/**
 * The server repeats the look at the pace of `poll`, without a worker slot held in between. It gives up one interval before the
 * time is over: then we wait for the rest and look once more. A run whose worker was away meanwhile gets that last look too.
 */
async function waitForInput(waiting: Waiting, attempt: AttemptRef, policy: DayPolicy): Promise<InputFound> {
  const endsMs = Date.now() + policy.timeoutMs
  waiting.attempt = attempt
  try {
    return await CancellationScope.cancellable(async () => {
      const told = condition(() => waiting.found !== undefined).then(() => waiting.found as InputFound)
      const found = await Promise.race([told, polled(attempt, policy, endsMs)])
      CancellationScope.current().cancel()
      return found
    })
  } finally {
    delete waiting.attempt
  }
}

async function polled(attempt: AttemptRef, policy: DayPolicy, endsMs: number): Promise<InputFound> {
  const looks = proxyActivities<Pick<Steps, 'findInput'>>({
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: policy.timeoutMs,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: policy.pollMs, backoffCoefficient: 1 },
  })
  try {
    return await looks.findInput({ attempt, arrived: false, last: false })
  } catch (error) {
    if (isCancellation(error) || !isTimeUp(error)) throw explained('findInput', error)
  }
  const restMs = endsMs - Date.now()
  if (restMs > 0) await sleep(restMs)
  return await activities().findInput({ attempt, arrived: false, last: true })
}

function isTimeUp(error: unknown): boolean {
  return error instanceof ActivityFailure && (error.retryState === RetryState.TIMEOUT || error.cause instanceof TimeoutFailure)
}

async function withDeadline<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let expired = false
  const scope = new CancellationScope({ cancellable: true })
  const timer = new CancellationScope({ cancellable: true })
  const ticking = timer.run(async () => {
    await sleep(ms)
    expired = true
    scope.cancel()
  })
  // The timer is cancelled once the work is done, which is how every run ends but the late one.
  ticking.catch(() => undefined)
  try {
    return await scope.run(work)
  } catch (error) {
    if (expired && isCancellation(error)) throw new DaybreakError('DeadlineExceeded', `the run did not end within ${formatDuration(ms)}`)
    throw error
  } finally {
    timer.cancel()
  }
}

async function alongside<T>(delayMs: number, act: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope({ cancellable: true })
  const acting = scope.run(async () => {
    await sleep(delayMs)
    await act()
  })
  const settled = acting.catch(() => undefined)
  try {
    return await work()
  } finally {
    scope.cancel()
    await settled
  }
}

/**
 * Makes activities of the steps: light ones run on the workflow's own queue, partitions on a scoring queue. Backfilled days have one
 * of their own, with a slot less, so that a live day always finds one free.
 */
function activities(kind: RunKind = 'manual'): Steps {
  const { scoring, backfillScoring } = taskQueues(workflowInfo().taskQueue)
  return {
    ...stepActivities<Steps>(Object.keys(STEP_TITLES) as StepName[]),
    ...stepActivities<Pick<Steps, 'scorePartition'>>(['scorePartition'], kind === 'backfill' ? backfillScoring : scoring),
  }
}
