/** A backfill by Temporal is started, followed, and told to begin, pause, resume or stop. */
import { setTimeout as delay } from 'node:timers/promises'
import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client'
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common'
import type { Settings } from '../../engine/loader/settings.js'
import type { BackfillInput, BackfillProgress, BackfillRequest, BackfillResult } from '../../engine/protocol/backfill.js'
import { DaybreakError, type Problem } from '../../engine/protocol/errors.js'
import { backfillIds, taskQueues, WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import { hasSearchAttributes } from '../../worker/searchAttributes.js'
import { type By, backfillProgressQuery } from '../../workflows/messages.js'
import { hasPollers } from './dayWorker.js'
import { ask, SERVER_AWAY_MS, type Server, serverError } from './openServer.js'

/** Starts a backfill. @throws RunConflict when one is going on, WorkerMissing when nobody would take it */
export async function startBackfill(
  server: Server,
  settings: Settings,
  request: BackfillRequest,
  options: Pick<BackfillInput, 'begin' | 'dryRun'>,
): Promise<WorkflowHandle> {
  if (!(await hasPollers(server, settings))) {
    throw new DaybreakError('WorkerMissing', `no worker takes a backfill from the queue "${settings.name}"; nothing was started`, {
      next: 'Start one with daybreak worker, then ask again.',
    })
  }
  const workflowId = backfillIds.make({ name: settings.name, pipeline: request.pipeline })
  const searchAttributes = await hasSearchAttributes(server.connection, server.target.namespace).catch(() => false)
  const input: BackfillInput = { request, ...options, searchAttributes, ...(settings.temporalUi ? { ui: settings.temporalUi } : {}) }
  try {
    return await server.client.workflow.start(WORKFLOW_TYPES.backfill, {
      workflowId,
      taskQueue: taskQueues(settings.name).main,
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      workflowTaskTimeout: '5s',
      staticSummary: `${request.pipeline} ${request.from} to ${request.to} (${request.mode})`,
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw serverError(server, error)
    const going = await backfillProgress(server, server.client.workflow.getHandle(workflowId))
    const range = going ? `: ${going.request.from} to ${going.request.to}, mode ${going.request.mode}` : ''
    throw new DaybreakError('RunConflict', `a backfill of ${request.pipeline} is going on already${range}`, {
      next: `Look with daybreak backfill status ${request.pipeline}; wait for it, or cancel it.`,
    })
  }
}

const FOLLOW_MS = 300
/** When nobody answers for this long, no worker is there. */
const NOBODY_MS = 15_000

/** Asks where a backfill stands. @returns `undefined` when nobody answers in time */
export async function backfillProgress(server: Server, handle: WorkflowHandle): Promise<BackfillProgress | undefined> {
  return await ask(server, handle, backfillProgressQuery)
}

/** Waits for the plan. @throws what makes it impossible; WorkerMissing when nobody makes it */
export async function plannedBackfill(server: Server, settings: Settings, handle: WorkflowHandle): Promise<BackfillProgress> {
  const startedMs = Date.now()
  for (;;) {
    const progress = await backfillProgress(server, handle)
    if (progress && progress.state !== 'planning') return progress
    // A backfill that could not be planned has ended, and says why.
    if ((await handle.describe()).status.name === 'FAILED') await backfillResult(server, handle)
    if (!progress && Date.now() - startedMs > NOBODY_MS) {
      throw new DaybreakError('WorkerMissing', `no worker answers for the queue "${settings.name}"`)
    }
    await delay(FOLLOW_MS)
  }
}

/** Follows to the end, or until `signal` says to stop looking. @returns `undefined` when it stopped looking */
export async function followBackfill(
  server: Server,
  handle: WorkflowHandle,
  onProgress: (progress: BackfillProgress) => void,
  signal: AbortSignal,
): Promise<BackfillResult | undefined> {
  let answeredMs = Date.now()
  while (!signal.aborted) {
    try {
      if ((await handle.describe()).status.name !== 'RUNNING') {
        const progress = await backfillProgress(server, handle)
        if (progress) onProgress(progress)
        return await backfillResult(server, handle)
      }
      answeredMs = Date.now()
      const progress = await backfillProgress(server, handle)
      if (progress && !signal.aborted) onProgress(progress)
    } catch (error) {
      if (error instanceof DaybreakError || Date.now() - answeredMs > SERVER_AWAY_MS) throw serverError(server, error)
    }
    await delay(FOLLOW_MS, undefined, { signal }).catch(() => undefined)
  }
  return undefined
}

/** Waits for the result. @throws the problem that the backfill ended with */
export async function backfillResult(server: Server, handle: WorkflowHandle): Promise<BackfillResult> {
  try {
    return (await handle.result()) as BackfillResult
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw serverError(server, error)
    const { cause } = error
    const [problem] = cause instanceof ApplicationFailure ? ((cause.details ?? []) as Problem[]) : []
    throw problem ? DaybreakError.of(problem) : new DaybreakError('RunTerminated', 'the backfill was terminated or cancelled on the server')
  }
}

/** Finds the backfill of a pipeline, live or ended, as far as the server still knows one. */
export async function lastBackfill(
  server: Server,
  { name }: Pick<Settings, 'name'>,
  pipeline: string,
): Promise<{ readonly handle: WorkflowHandle; readonly running: boolean } | undefined> {
  const handle = server.client.workflow.getHandle(backfillIds.make({ name, pipeline }))
  try {
    return { handle, running: (await handle.describe()).status.name === 'RUNNING' }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw serverError(server, error)
  }
}

/** Tells the backfill that is going on something. @throws UsageInvalid when none is, WorkerMissing when nobody hears it */
export async function updateBackfill<Request extends By>(
  server: Server,
  settings: Settings,
  pipeline: string,
  update: UpdateDefinition<BackfillProgress, [Request]>,
  request: Request,
): Promise<{ handle: WorkflowHandle; progress: BackfillProgress }> {
  const found = await lastBackfill(server, settings, pipeline)
  if (!found?.running) {
    throw new DaybreakError('UsageInvalid', `no backfill of ${pipeline} is going on`, {
      next: `Look with daybreak backfill status ${pipeline}.`,
    })
  }
  const { handle } = found
  await plannedBackfill(server, settings, handle)
  try {
    return { handle, progress: await handle.executeUpdate(update, { args: [request] }) }
  } catch (error) {
    throw serverError(server, error)
  }
}
