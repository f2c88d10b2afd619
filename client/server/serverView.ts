/** A Temporal server is asked what it knows of the days: what runs and where it stands, backfills, schedules, and how runs ended. */
import type { DayStatus } from '../../days/dayStatus.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { backfillIds, dayIds, WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import type { DayProgress } from '../../engine/protocol/steps.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import { dayResult } from './dayResult.js'
import { dayProgress } from './dayWorker.js'
import { openServer, type Server } from './openServer.js'
import { scheduleState } from './scheduleState.js'

/** Results are read run by run, which takes a call each: so many of the newest are enough to see how things went. */
const MOST_RESULTS = 50

/** A run that is going on. */
export interface LiveDay {
  readonly pipeline: string
  readonly date: string
  /** `undefined` when nobody answers for it. */
  readonly progress: DayProgress | undefined
}

export interface ServerView {
  readonly running: readonly LiveDay[]
  /** Pipelines with a backfill going on. */
  readonly backfills: ReadonlySet<string>
  /** The latest data date whose run the schedule has fired; `undefined` without a schedule. */
  latestDate(pipeline: string): Promise<string | undefined>
  /** Tells how runs ended, for a place from which the output cannot be seen. */
  endedDays(): Promise<readonly DayStatus[]>
  close(): Promise<void>
}

/** @returns `undefined` when no server answers */
export async function serverView(settings: Settings): Promise<ServerView | undefined> {
  let server: Server
  try {
    server = await openServer(temporalTarget(process.env))
  } catch (error) {
    if (error instanceof DaybreakError && error.code === 'ServerUnreachable') return undefined
    throw error
  }
  const running: LiveDay[] = []
  const backfills = new Set<string>()
  for await (const { workflowId } of server.client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
    const backfill = backfillIds.parse(workflowId)
    if (backfill?.name === settings.name) backfills.add(backfill.pipeline)
    const day = dayIds.parse(workflowId)
    if (day?.name !== settings.name) continue
    const { pipeline, date } = day
    running.push({ pipeline, date, progress: await dayProgress(server, server.client.workflow.getHandle(workflowId)) })
  }
  return {
    running,
    backfills,
    latestDate: async (pipeline) => {
      const state = await scheduleState(server, settings, pipeline)
      return (
        state &&
        [...state.recent, ...state.waiting]
          .map(({ date }) => date)
          .sort()
          .at(-1)
      )
    },
    endedDays: () => endedDays(server, settings),
    close: () => server.close(),
  }
}

async function endedDays(server: Server, settings: Settings): Promise<readonly DayStatus[]> {
  const days = new Map<string, DayStatus>()
  const query = `WorkflowType = '${WORKFLOW_TYPES.day}' AND ExecutionStatus != 'Running'`
  for await (const { workflowId, runId } of server.client.workflow.list({ query })) {
    // The server lists the newest first, so the last word on a date comes first.
    if (dayIds.parse(workflowId)?.name !== settings.name || days.has(workflowId) || days.size >= MOST_RESULTS) continue
    const { pipeline, date, verdict, attempt, published, alreadyPublished, accounts, report, problem } = await dayResult(
      server,
      server.client.workflow.getHandle(workflowId, runId),
    )
    days.set(workflowId, {
      pipeline,
      date,
      state: verdict,
      ...(attempt ? { attempt } : {}),
      ...(attempt && (published || alreadyPublished) ? { published: attempt } : {}),
      ...(accounts ? { rows: accounts.read, rejected: accounts.rejected } : {}),
      ...(problem ? { headline: problem.message } : {}),
      ...(report ? { report } : {}),
      messages: [],
    })
  }
  return [...days.values()]
}
