/**
 * An attempt that is not sealed although its run is gone is an orphan: a terminated workflow or a killed local run left it. It is
 * sealed as failed, so that status and report say what became of it.
 */
import { hostname } from 'node:os'
import { isAlive } from '../engine/files/alive.js'
import type { AttemptRecord, AttemptRef } from '../engine/protocol/documents/attempt.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import type { OpenRequest } from '../engine/protocol/steps.js'
import { listAttempts, readAttempt, readManifest } from '../engine/storage/attempts.js'
import type { DayContext } from './dayContext.js'
import { sealDay } from './sealDay.js'

/** Closes the orphans of a date before a new attempt of it begins. */
export async function closeOrphans(context: DayContext, request: OpenRequest): Promise<void> {
  const { home } = context.settings
  const { pipeline, date } = request
  for (const attempt of await listAttempts(home, pipeline, date)) {
    const ref = { pipeline, date, attempt }
    const record = await readAttempt(home, ref)
    if (!record || record.runKey === request.runKey || !isGone(record, request) || (await readManifest(home, ref))) continue
    await sealOrphan(context, ref)
  }
}

/** Seals what a run that is gone left behind. */
export async function sealOrphan(context: DayContext, attempt: AttemptRef): Promise<void> {
  const message = `attempt ${attempt.attempt} of ${attempt.date} ended without a word: its run was terminated or its process killed`
  const { problem } = new DaybreakError('RunTerminated', message)
  await sealDay(context, { attempt, outcome: { verdict: 'failed', problem }, timings: [] })
}

/** Is the run of an attempt surely over? The id of a workflow is held by one run at a time: an earlier run with ours is. */
function isGone(record: AttemptRecord, request: OpenRequest): boolean {
  if (record.temporal) {
    const { temporal } = request
    return temporal !== undefined && record.temporal.workflowId === temporal.workflowId && record.temporal.namespace === temporal.namespace
  }
  return record.process !== undefined && record.process.host === hostname() && !isAlive(record.process.pid)
}
