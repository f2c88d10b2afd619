/** A day's run can be told two things while it goes on: that its input has arrived, and that it should stop. */
import { type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { dayIds } from '../../engine/protocol/ids.js'
import { type ArrivedAnswer, arrivedUpdate } from '../../workflows/messages.js'
import { isAnswered, workerMissing } from './dayWorker.js'
import { type Server, serverError } from './openServer.js'

/** Tells a waiting run that its file is there. @throws WorkerMissing when nobody hears it */
export async function tellArrived(server: Server, settings: Settings, pipeline: string, date: string): Promise<ArrivedAnswer> {
  const handle = await liveHandle(server, settings, pipeline, date)
  if (!(await isAnswered(server, settings, handle))) throw workerMissing(settings)
  try {
    return await handle.executeUpdate(arrivedUpdate)
  } catch (error) {
    throw serverError(server, error)
  }
}

/** Asks a run to stop; it seals its attempt and tells the team first. @throws WorkerMissing when it has to wait for a worker to do so */
export async function cancelDay(server: Server, settings: Settings, pipeline: string, date: string): Promise<WorkflowHandle> {
  const handle = await liveHandle(server, settings, pipeline, date)
  // The worker is asked first: a run that is just ending may not answer.
  const there = await isAnswered(server, settings, handle)
  await handle.cancel()
  if (!there) throw workerMissing(settings)
  return handle
}

/** @throws UsageInvalid when no run of the date is going on */
async function liveHandle(server: Server, settings: Settings, pipeline: string, date: string): Promise<WorkflowHandle> {
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
