/** A schedule that is there is paused, resumed, triggered or removed. What it asks for is not touched. */
import type { Settings } from '../../engine/loader/settings.js'
import { scheduleIds } from '../../engine/protocol/ids.js'
import type { Server } from './openServer.js'
import { describeSchedule, handedInput, type NextRun, runAt, type ScheduleState, scheduleMissing, scheduleState } from './scheduleState.js'

/** Pauses or resumes. @returns the state before @throws ScheduleMissing */
export async function setPaused(
  server: Server,
  settings: Settings,
  pipeline: string,
  paused: boolean,
  note: string,
): Promise<ScheduleState> {
  const before = await scheduleState(server, settings, pipeline)
  if (!before) throw scheduleMissing(pipeline)
  if (before.paused === paused) return before
  const schedule = handleOf(server, settings, pipeline)
  await (paused ? schedule.pause(note) : schedule.unpause(note))
  return before
}

/** Starts a run now, behind what is queued. @returns the data date that it means @throws ScheduleMissing */
export async function triggerSchedule(server: Server, settings: Settings, pipeline: string): Promise<NextRun> {
  const there = await describeSchedule(server, settings, pipeline)
  if (!there) throw scheduleMissing(pipeline)
  await handleOf(server, settings, pipeline).trigger('BUFFER_ALL')
  return runAt(Date.now(), handedInput(there).rule)
}

/** Removes the schedule; runs under way go on. @returns whether there was one */
export async function removeSchedule(server: Server, settings: Pick<Settings, 'name'>, pipeline: string): Promise<boolean> {
  if (!(await describeSchedule(server, settings, pipeline))) return false
  await handleOf(server, settings, pipeline).delete()
  return true
}

function handleOf(server: Server, { name }: Pick<Settings, 'name'>, pipeline: string) {
  return server.client.schedule.getHandle(scheduleIds.make({ name, pipeline }))
}
