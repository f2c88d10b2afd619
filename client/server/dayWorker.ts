/** Whether a worker is there for a day's run is found out here. The server does not say so itself: who polls tells it, and who answers. */
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { taskQueues } from '../../engine/protocol/ids.js'
import type { DayProgress } from '../../engine/protocol/steps.js'
import { dayProgressQuery } from '../../workflows/messages.js'
import { ask, type Server } from './openServer.js'

/** A worker that has not answered in this time is not there: it may have to read the run's history first. */
export const ANSWER_WITHIN_MS = 8000
/** So much time is between two looks for a first answer. */
export const SOON_MS = 300

/** Tells whether anybody polls the queue. Nobody at all is proof; a worker that died stays listed for a minute. */
export async function hasPollers(server: Server, settings: Pick<Settings, 'name'>): Promise<boolean> {
  const { pollers } = await server.client.workflowService.describeTaskQueue({
    namespace: server.target.namespace,
    taskQueue: { name: taskQueues(settings.name).main },
    taskQueueType: 1,
  })
  return (pollers?.length ?? 0) > 0
}

/** Tells whether a worker answers for this run. One that died stays listed for a minute, so only an answer is proof. */
export async function isAnswered(server: Server, settings: Settings, handle: WorkflowHandle): Promise<boolean> {
  if (!(await hasPollers(server, settings))) return false
  const endsMs = Date.now() + ANSWER_WITHIN_MS
  while (Date.now() < endsMs) {
    if (await dayProgress(server, handle)) return true
    await delay(SOON_MS)
  }
  return false
}

/** Asks where the run stands. @returns `undefined` when nobody answers in time, for whatever reason */
export async function dayProgress(server: Server, handle: WorkflowHandle): Promise<DayProgress | undefined> {
  return await ask(server, handle, dayProgressQuery)
}

export function workerMissing({ name }: Settings): DaybreakError {
  return new DaybreakError('WorkerMissing', `no worker takes the run from the queue "${taskQueues(name).main}"; it stays queued`)
}
