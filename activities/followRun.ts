/** Waits for the run of a date that somebody else started, and says what is on disk then. */
import { setTimeout as delay } from 'node:timers/promises'
import { Context } from '@temporalio/activity'
import { DaybreakError } from '../engine/protocol/errors.js'
import type { DayResult } from '../engine/protocol/steps.js'
import { readDay } from '../engine/storage/dayOnDisk.js'
import type { Step } from './context.js'

const LOOK_EVERY_MS = 1000

export const followRun: Step<{ readonly workflowId: string; readonly pipeline: string; readonly date: string }, DayResult> = async (
  { settings },
  { workflowId, pipeline, date },
  { signal },
) => {
  const run = Context.current().client.workflow.getHandle(workflowId)
  while ((await run.describe()).status.name === 'RUNNING') await delay(LOOK_EVERY_MS, undefined, { signal })
  const { last, publication } = await readDay(settings.home, pipeline, date)
  const manifest = last?.manifest
  if (!manifest) throw new DaybreakError('RunTerminated', `the run of ${date} that somebody else started ended without a word`)
  const { attempt, verdict, problem } = manifest
  const published = publication?.attempt === attempt
  return { pipeline, date, attempt, verdict, published, alreadyPublished: false, ...(problem ? { problem } : {}) }
}
