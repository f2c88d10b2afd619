/** A day by Temporal: start or join its workflow, follow it, and say what became of it. Also: the file arrived, and cancel. */
import { setTimeout as delay } from 'node:timers/promises'
import {
  Client,
  type Connection,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError, ERRORS } from '../../engine/protocol/errors.js'
import { dayIds, taskQueues, WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import type { DayProgress, DayRequest, DayResult } from '../../engine/protocol/steps.js'
import { hasSearchAttributes } from '../../worker/searchAttributes.js'
import { connectClient, type TemporalTarget } from '../../worker/temporalConnection.js'
import { dayStart } from '../../workflows/dayStart.js'
import { type ArrivedAnswer, arrivedUpdate, dayProgressQuery } from '../../workflows/messages.js'

type DayHandle = WorkflowHandle

/** A worker that is there takes the first task well within this. */
const NOBODY_MS = 8000

/** A worker that has just started is listed when its first poll has come: that takes this long at most. */
const POLLER_MS = 1500
/** Time between two looks for a first answer. */
const SOON_MS = 300
/** Time between two looks at the progress: each takes a worker 10 ms, which a run on the same processors misses. */
const FOLLOW_MS = 1000
/** A query of a run whose worker is gone would take 30 s. */
const QUERY_TIMEOUT_MS = 2000
/** A worker that has not answered in this time is not there: it may have to read the run's history first. */
const ANSWER_WITHIN_MS = 8000
/** A server that is away this long is not waited for; the run goes on without us. */
const SERVER_AWAY_MS = 15_000

export interface Server {
  readonly client: Client
  readonly connection: Connection
  readonly target: TemporalTarget
  close(): Promise<void>
}

/** Connects to the server. @throws ServerUnreachable */
export async function openServer(target: TemporalTarget): Promise<Server> {
  // The client's own retries wait in timers that throw, uncaught, once the connection is closed. Who follows a run tries again itself.
  const connectionOptions = { ...target.connectionOptions, interceptors: [] }
  const connection = await connectClient({ ...target, connectionOptions })
  return { client: new Client({ connection, namespace: target.namespace }), connection, target, close: () => connection.close() }
}

/** Starts the run, or joins the one that is going. @throws RunConflict when that one cannot be what was asked for */
export async function startDay(server: Server, settings: Settings, request: DayRequest): Promise<{ handle: DayHandle; joined: boolean }> {
  const searchAttributes = await hasSearchAttributes(server.connection, server.target.namespace).catch(() => false)
  const options = dayStart(settings.name, { request, searchAttributes, ...(settings.temporalUi ? { ui: settings.temporalUi } : {}) })
  try {
    const handle = await server.client.workflow.start(WORKFLOW_TYPES.day, { ...options, workflowIdConflictPolicy: 'FAIL' })
    return { handle, joined: false }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw serverError(server, error)
    const handle = server.client.workflow.getHandle(options.workflowId)
    if (request.input !== undefined || request.rerun) {
      throw new DaybreakError(
        'RunConflict',
        `${request.pipeline} ${request.date} is running already, and joining it would not ${request.rerun ? 'rerun it' : 'use your --input'}`,
      )
    }
    return { handle, joined: true }
  }
}

/** Does anybody poll the queue? Nobody at all is proof; a worker that died stays listed for a minute. */
export async function hasPollers(server: Server, settings: Pick<Settings, 'name'>): Promise<boolean> {
  const { pollers } = await server.client.workflowService.describeTaskQueue({
    namespace: server.target.namespace,
    taskQueue: { name: taskQueues(settings.name).main },
    taskQueueType: 1,
  })
  return (pollers?.length ?? 0) > 0
}

/**
 * Follows a run to its end, or until `signal` says to stop looking.
 * @throws WorkerMissing when nobody takes it, ServerUnreachable when the server stays away
 */
export async function followDay(
  server: Server,
  settings: Settings,
  handle: DayHandle,
  onProgress: (progress: DayProgress) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<DayResult> {
  const over = new AbortController()
  const stop = AbortSignal.any([over.signal, signal])
  // The wait for the result is a long call: unless it is cut, closing the connection would wait for it.
  const result = server.client.withAbortSignal(stop, () => awaitResult(server, handle, stop))
  result.catch(() => undefined)
  try {
    return await Promise.race([result, watch(server, settings, handle, onProgress, stop).then(() => result)])
  } finally {
    over.abort()
  }
}

/** Shows progress until it is told to stop; throws when nobody takes the run. */
async function watch(
  server: Server,
  settings: Settings,
  handle: DayHandle,
  onProgress: (progress: DayProgress) => void,
  stop: AbortSignal,
): Promise<void> {
  const startedMs = Date.now()
  let taken = false
  let answeredMs = startedMs
  let last: DayProgress = { step: 'open', recordsDone: 0, recordsInAll: 0 }
  let pauseMs = SOON_MS
  while (!stop.aborted) {
    if (!taken) {
      const waiting = await untaken(handle)
      taken = waiting === false
      const waitedMs = Date.now() - startedMs
      const isProof = async () => waitedMs > POLLER_MS && !(await hasPollers(server, settings).catch(() => true))
      if (waiting && (waitedMs > NOBODY_MS || (await isProof()))) throw workerMissing(settings)
    } else {
      const progress = await queryProgress(server, handle)
      if (progress) [last, answeredMs, pauseMs] = [progress, Date.now(), FOLLOW_MS]
      const silent = Date.now() - answeredMs > ANSWER_WITHIN_MS
      if (!stop.aborted && (progress || silent))
        onProgress(progress ?? { ...last, retrying: 'no worker answers; the run goes on when one is back' })
    }
    // A pause that outlasts the run would keep the process.
    await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

/** Is the first workflow task still waiting for a worker? `undefined`: the server does not say now. */
async function untaken(handle: DayHandle): Promise<boolean | undefined> {
  try {
    const { raw, historyLength } = await handle.describe()
    return raw.pendingWorkflowTask?.state === 1 && historyLength <= 2
  } catch (error) {
    if (isServerError(error)) return undefined
    throw error
  }
}

function workerMissing({ name }: Settings): DaybreakError {
  return new DaybreakError('WorkerMissing', `no worker takes the run from the queue "${name}"; it stays queued`)
}

/** Where the run stands; `undefined` when nobody answers in time, for whatever reason. */
export async function queryProgress(server: Server, handle: DayHandle): Promise<DayProgress | undefined> {
  const query = () => handle.query(dayProgressQuery)
  return await server.client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, query).catch(() => undefined)
}

/** The result of a run that has ended, however it ended. */
export async function dayResult(server: Server, handle: DayHandle): Promise<DayResult> {
  return await awaitResult(server, handle, new AbortController().signal)
}

async function awaitResult(server: Server, handle: DayHandle, stop: AbortSignal): Promise<DayResult> {
  let awayMs: number | undefined
  for (;;) {
    try {
      return (await handle.result()) as DayResult
    } catch (error) {
      if (error instanceof WorkflowFailedError) return await endedAs(handle, error)
      if (!isServerError(error) || stop.aborted) throw error
      awayMs ??= Date.now()
      if (Date.now() - awayMs > SERVER_AWAY_MS) throw serverError(server, error)
      await delay(1000)
    }
  }
}

/** The result of a run that ended as failed, cancelled or terminated. */
async function endedAs(handle: DayHandle, { cause }: WorkflowFailedError): Promise<DayResult> {
  const { pipeline = '', date = '' } = dayIds.parse(handle.workflowId) ?? {}
  if (cause instanceof ApplicationFailure) {
    const [result] = (cause.details ?? []) as DayResult[]
    return result ?? unpublished(pipeline, date, new DaybreakError('Unexpected', cause.message))
  }
  if (cause instanceof CancelledFailure) {
    const { memo } = await handle.describe()
    return (memo?.result as DayResult | undefined) ?? unpublished(pipeline, date, new DaybreakError('Cancelled', 'the run was cancelled'))
  }
  const what =
    cause instanceof TerminatedFailure ? 'the run was terminated on the server' : (cause?.message ?? 'the run ended without a result')
  return unpublished(pipeline, date, new DaybreakError('RunTerminated', what))
}

function unpublished(pipeline: string, date: string, { problem }: DaybreakError): DayResult {
  return { pipeline, date, verdict: ERRORS[problem.code].verdict, published: false, alreadyPublished: false, problem }
}

/** Tells a waiting run that its file is there. */
export async function tellArrived(server: Server, settings: Settings, pipeline: string, date: string): Promise<ArrivedAnswer> {
  const handle = await runningDay(server, settings, pipeline, date)
  if (!(await answers(server, settings, handle))) throw workerMissing(settings)
  try {
    return await handle.executeUpdate(arrivedUpdate)
  } catch (error) {
    throw serverError(server, error)
  }
}

/** Asks a run to stop; it seals its attempt and tells the team first. @throws WorkerMissing when it has to wait for a worker to do so */
export async function cancelDay(server: Server, settings: Settings, pipeline: string, date: string): Promise<DayHandle> {
  const handle = await runningDay(server, settings, pipeline, date)
  // Asked first: a run that is just ending may not answer.
  const there = await answers(server, settings, handle)
  await handle.cancel()
  if (!there) throw workerMissing(settings)
  return handle
}

async function runningDay(server: Server, settings: Settings, pipeline: string, date: string): Promise<DayHandle> {
  const handle = server.client.workflow.getHandle(dayIds.make({ name: settings.name, pipeline, date }))
  const running = await handle.describe().then(
    ({ status }) => status.name === 'RUNNING',
    (error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return false
      throw serverError(server, error)
    },
  )
  if (!running)
    throw new DaybreakError('UsageInvalid', `no run of ${pipeline} ${date} is going on`, {
      next: 'Look with daybreak status; start one with daybreak run.',
    })
  return handle
}

/** Is a worker there for this run? One that died stays listed for a minute: only an answer is proof. */
async function answers(server: Server, settings: Settings, handle: DayHandle): Promise<boolean> {
  if (!(await hasPollers(server, settings))) return false
  const endsMs = Date.now() + ANSWER_WITHIN_MS
  while (Date.now() < endsMs) {
    if (await queryProgress(server, handle)) return true
    await delay(SOON_MS)
  }
  return false
}

/** Is the connection or the server to blame? The client wraps what gRPC says in an error of its own. */
function isServerError(error: unknown): error is Error {
  return isGrpcServiceError(error) || error instanceof ServiceError
}

/** An error of the connection as one of ours. */
export function serverError(server: Pick<Server, 'target'>, error: unknown): unknown {
  if (!isServerError(error)) return error
  const said = error instanceof ServiceError ? error.cause : error
  return new DaybreakError(
    'ServerUnreachable',
    `the Temporal server at ${server.target.address} does not answer: ${isGrpcServiceError(said) ? said.details : error.message}`,
    {
      cause: error,
      next: 'A run that was started goes on by itself once the server is back. Look with daybreak status.',
    },
  )
}
