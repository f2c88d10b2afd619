/** A day's run is followed to its end: its progress is shown meanwhile, and a run that nobody takes is not waited for. */
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import type { Settings } from '../../engine/loader/settings.js'
import type { DayProgress, DayResult } from '../../engine/protocol/steps.js'
import { dayResult } from './dayResult.js'
import { ANSWER_WITHIN_MS, dayProgress, hasPollers, SOON_MS, workerMissing } from './dayWorker.js'
import { isServerError, type Server } from './openServer.js'

/** A worker that is there takes the first task well within this. */
const NOBODY_MS = 8000
/** A worker that has just started is listed when its first poll has come: that takes this long at most. */
const POLLER_MS = 1500
/** So much time is between two looks at the progress: each takes a worker 10 ms, which a run on the same processors misses. */
const FOLLOW_MS = 1000

/**
 * Follows a run to its end, or until `signal` says to stop looking.
 * @throws WorkerMissing when nobody takes it, ServerUnreachable when the server stays away
 */
export async function followDay(
  server: Server,
  settings: Settings,
  handle: WorkflowHandle,
  onProgress: (progress: DayProgress) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<DayResult> {
  const over = new AbortController()
  const stop = AbortSignal.any([over.signal, signal])
  // The wait for the result is a long call: unless it is cut, closing the connection would wait for it.
  const result = server.client.withAbortSignal(stop, () => dayResult(server, handle, stop))
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
  handle: WorkflowHandle,
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
      const waiting = await isUntaken(handle)
      taken = waiting === false
      const waitedMs = Date.now() - startedMs
      const isProof = async () => waitedMs > POLLER_MS && !(await hasPollers(server, settings).catch(() => true))
      if (waiting && (waitedMs > NOBODY_MS || (await isProof()))) throw workerMissing(settings)
    } else {
      const progress = await dayProgress(server, handle)
      if (progress) [last, answeredMs, pauseMs] = [progress, Date.now(), FOLLOW_MS]
      const silent = Date.now() - answeredMs > ANSWER_WITHIN_MS
      if (!stop.aborted && (progress || silent))
        onProgress(progress ?? { ...last, retrying: 'no worker answers; the run goes on when one is back' })
    }
    // A pause that outlasts the run would keep the process.
    await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

/** Tells whether the first workflow task still waits for a worker; `undefined` when the server does not say now. */
async function isUntaken(handle: WorkflowHandle): Promise<boolean | undefined> {
  try {
    const { raw, historyLength } = await handle.describe()
    return raw.pendingWorkflowTask?.state === 1 && historyLength <= 2
  } catch (error) {
    if (isServerError(error)) return undefined
    throw error
  }
}
