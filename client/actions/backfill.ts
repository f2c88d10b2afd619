/**
 * A range of dates is run: the plan is shown first, then the days run, some at a time. A backfill that is going on can be looked at,
 * paused, resumed and cancelled.
 */
import { userInfo } from 'node:os'
import { formatDay } from '../../definition/dates.js'
import {
  ASKS_ABOVE,
  type BackfillDay,
  type BackfillMode,
  type BackfillProgress,
  type BackfillResult,
  backfillCounts,
  backfillDates,
} from '../../engine/protocol/backfill.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { localDay } from '../../engine/protocol/schedule.js'
import { digestSentence } from '../../templates/digest.js'
import { beginUpdate, pauseUpdate, resumeUpdate, stopUpdate } from '../../workflows/messages.js'
import {
  backfillProgress,
  backfillResult,
  followBackfill,
  lastBackfill,
  plannedBackfill,
  startBackfill,
  updateBackfill,
} from '../server/backfills.js'
import type { Server } from '../server/openServer.js'
import { withServer } from '../server/withServer.js'
import { isWanted } from '../terminal/ask.js'
import { onInterrupt } from '../terminal/interrupt.js'
import type { CommonOptions } from '../terminal/options.js'
import { type Output, table } from '../terminal/output.js'
import { makeBackfillProgress } from '../terminal/progress.js'

export interface BackfillOptions extends CommonOptions {
  readonly from: string
  readonly to: string
  readonly mode: BackfillMode
  readonly parallel: number
  readonly order: 'oldest' | 'newest'
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly wait: boolean
}

/** A plan of more lines is shown with equal neighbours as one, so that a year fits on a screen. */
const WHOLE_PLAN = 40

export async function backfillRun(pipeline: string, options: BackfillOptions): Promise<number> {
  // Today is that of the zone furthest ahead, so that no date is refused too early: the worker checks again with the schedule's zone.
  backfillDates(options.from, options.to, formatDay(localDay(Date.now(), 'Pacific/Kiritimati')))
  return await withServer(options, async (server, settings, output) => {
    const { from, to, mode, parallel, order, dryRun = false } = options
    const request = { pipeline, from, to, mode, parallel, order, requestedBy: userInfo().username }
    const handle = await startBackfill(server, settings, request, { begin: false, dryRun })
    const plan = await plannedBackfill(server, settings, handle)
    output.say(planText(plan.days))
    const { planned } = backfillCounts(plan.days)
    if (dryRun || planned === 0) {
      if (!dryRun) await updateBackfill(server, settings, pipeline, stopUpdate, { by: request.requestedBy, days: 'finish' })
      return finish(output, await backfillResult(server, handle))
    }
    if (planned > ASKS_ABOVE && !options.yes && !(await isWanted(`Run ${planned} dates?`))) {
      await updateBackfill(server, settings, pipeline, stopUpdate, { by: request.requestedBy, days: 'finish' })
      if (process.stdin.isTTY) return finish(output, await backfillResult(server, handle))
      throw new DaybreakError(
        'UsageInvalid',
        `${planned} dates are more than ${ASKS_ABOVE}, and there is no terminal to ask on; nothing was started`,
        {
          next: 'Add --yes.',
        },
      )
    }
    await updateBackfill(server, settings, pipeline, beginUpdate, { by: request.requestedBy })
    if (options.wait) return await follow(server, handle, output, pipeline)
    output.answer({ pipeline, workflowId: handle.workflowId, planned }, `Started. ${lookAgain(pipeline)}`)
    return EXIT.done
  })
}

const lookAgain = (pipeline: string) => `Look with: daybreak backfill status ${pipeline}`

async function follow(server: Server, handle: Parameters<typeof followBackfill>[1], output: Output, pipeline: string): Promise<number> {
  const view = makeBackfillProgress(process.stderr)
  const stop = new AbortController()
  const release = onInterrupt(() => stop.abort())
  try {
    const result = await followBackfill(server, handle, (progress) => view.show(progress), stop.signal)
    view.end()
    if (result) return finish(output, result)
    output.answer(
      { pipeline, workflowId: handle.workflowId, followed: false },
      `Not following any more; the backfill goes on. ${lookAgain(pipeline)}`,
    )
    return EXIT.interrupted
  } finally {
    release()
    view.end()
  }
}

function finish(output: Output, result: BackfillResult): number {
  const counts = backfillCounts(result.days)
  output.answer({ ...result, counts }, backfillResultText(result))
  if (result.ended === 'stopped') return EXIT.cancelled
  return counts.failed > 0 ? EXIT.failed : EXIT.done
}

function backfillResultText(result: BackfillResult): string {
  const { ended, days, request } = result
  if (ended === 'dry-run') return 'Dry run: nothing was started.'
  if (ended === 'not-begun') return backfillCounts(days).planned === 0 ? 'Nothing to do.' : 'Nothing was started.'
  const failed = days.filter(({ state, published }) => !published && state !== 'skipped')
  const rows = failed.map(({ date, state, problem = '' }) => [date, state, problem])
  return [
    `${request.pipeline}: ${digestSentence(result)}`,
    ...(rows.length > 0 ? [table(['date', 'verdict', 'why'], rows)] : []),
    ...(failed.some(({ state }) => state !== 'not-started')
      ? [`Once mended: daybreak backfill ${request.pipeline} --from ${request.from} --to ${request.to} --mode failed`]
      : []),
  ].join('\n')
}

/** Each date has a line with its reason; in a long plan neighbours with the same reason share one. */
function planText(days: readonly BackfillDay[]): string {
  const groups: BackfillDay[][] = []
  for (const day of days) {
    const before = groups.at(-1)
    const [first] = before ?? []
    const same = days.length > WHOLE_PLAN && first?.state === day.state && first.reason === day.reason
    if (same) before!.push(day)
    else groups.push([day])
  }
  const rows = groups.map((group) => {
    const [first, last] = [group[0]!, group.at(-1)!]
    const dates = group.length === 1 ? first.date : `${first.date} … ${last.date} (${group.length} dates)`
    return [dates, first.state === 'skipped' ? 'skip' : 'run', first.reason]
  })
  return table(['date', 'plan', 'why'], rows)
}

export async function backfillStatus(pipeline: string, options: CommonOptions): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const found = await lastBackfill(server, settings, pipeline)
    if (!found) {
      output.answer({ pipeline, state: 'none' }, `The server knows no backfill of ${pipeline}.`)
      return EXIT.done
    }
    if (!found.running) return finish(output, await backfillResult(server, found.handle))
    const progress = await backfillProgress(server, found.handle)
    if (!progress) throw new DaybreakError('WorkerMissing', 'a backfill is going on, but no worker answers')
    answerProgress(output, progress)
    return EXIT.done
  })
}

function answerProgress(output: Output, progress: BackfillProgress): void {
  const { state, request, days } = progress
  const counts = backfillCounts(days)
  const running = days.filter((day) => day.state === 'running').map(({ date }) => date)
  const text = [
    `${request.pipeline} ${request.from} to ${request.to} (${request.mode}): ${state}, ${counts.done} of ${counts.planned} days, ${counts.failed} not published`,
    ...(running.length > 0 ? [`  running: ${running.join(', ')}`] : []),
  ].join('\n')
  output.answer({ ...progress, counts }, text)
}

const teller = (update: typeof pauseUpdate) => async (pipeline: string, options: CommonOptions) =>
  await withServer(options, async (server, settings, output) => {
    const { progress } = await updateBackfill(server, settings, pipeline, update, { by: userInfo().username })
    answerProgress(output, progress)
    return EXIT.done
  })

/** Days under way go on; no further one starts. */
export const backfillPause = teller(pauseUpdate)
export const backfillResume = teller(resumeUpdate)

export async function backfillCancel(pipeline: string, options: CommonOptions & { readonly days: 'finish' | 'cancel' }): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const { handle } = await updateBackfill(server, settings, pipeline, stopUpdate, { by: userInfo().username, days: options.days })
    const code = await follow(server, handle, output, pipeline)
    return code === EXIT.cancelled ? EXIT.done : code
  })
}
