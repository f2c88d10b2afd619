/** The demo has a part that nobody starts by hand: a day of the schedule, and a week that is filled in afterwards. */
import { setTimeout as delay } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import type { Settings } from '../../engine/loader/settings.js'
import type { BackfillResult } from '../../engine/protocol/backfill.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { dayIds } from '../../engine/protocol/ids.js'
import type { DayResult } from '../../engine/protocol/steps.js'
import { applySchedules } from '../server/applySchedules.js'
import { followBackfill, startBackfill } from '../server/backfills.js'
import { triggerSchedule } from '../server/changeSchedule.js'
import { followDay } from '../server/followDay.js'
import type { Server } from '../server/openServer.js'
import type { SampleProject } from './sampleProject.js'

/** The week before the sample days. */
export const WEEK = { from: '2026-02-23', to: '2026-03-01' } as const
const WEEK_DATES = ['2026-02-23', '2026-02-24', '2026-02-25', '2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01']
const APPEARS_WITHIN_MS = 15_000

/** Applies the definition's schedule and lets it start a run now. */
export async function runSchedule(server: Server, settings: Settings, project: SampleProject): Promise<DayResult> {
  const { refused } = await applySchedules(server, settings, ['churn'], { say: () => {} })
  if (refused[0]) throw refused[0].error
  const { date } = await triggerSchedule(server, settings, 'churn')
  await project.deliver({ date, story: '', kind: 'good' })
  return await followDay(server, settings, await started(server, dayIds.make({ name: settings.name, pipeline: 'churn', date })), () => {})
}

/** Waits for the run that the schedule starts: it takes a moment to appear. */
async function started(server: Server, workflowId: string) {
  const handle = server.client.workflow.getHandle(workflowId)
  const endsMs = Date.now() + APPEARS_WITHIN_MS
  for (;;) {
    try {
      await handle.describe()
      return handle
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
      if (Date.now() > endsMs) throw new DaybreakError('Unexpected', `the schedule was triggered, and ${workflowId} did not start`)
    }
    await delay(100)
  }
}

/** Fills in the week before the sample days. */
export async function runBackfill(server: Server, settings: Settings, project: SampleProject): Promise<BackfillResult> {
  for (const date of WEEK_DATES) await project.deliver({ date, story: '', kind: 'good' })
  const request = { pipeline: 'churn', ...WEEK, mode: 'missing', parallel: 4, order: 'oldest', requestedBy: 'demo' } as const
  const handle = await startBackfill(server, settings, request, { begin: true, dryRun: false })
  const result = await followBackfill(server, handle, () => {}, new AbortController().signal)
  if (!result) throw new DaybreakError('Unexpected', 'the backfill was not followed to its end')
  return result
}
