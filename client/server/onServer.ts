/** What a Temporal server knows of the days: what runs and where it stands, backfills, schedules, and how runs ended. */
import type { DayStatus } from '../../days/dayStatus.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import type { DayProgress } from '../../engine/protocol/steps.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import { backfillWorkflowId } from './backfills.js'
import { scheduleState } from './schedules.js'
import { dayResult, dayWorkflowId, openServer, queryProgress, type Server } from './temporalRun.js'

/** Results are read run by run: the newest of them. */
const MOST_RESULTS = 50

export interface ServerView {
  /** By `<pipeline>/<date>`; `undefined`: nobody answers for it. */
  readonly running: ReadonlyMap<string, DayProgress | undefined>
  /** Pipelines with a backfill going on. */
  readonly backfills: ReadonlySet<string>
  /** The latest data date whose run the schedule has fired; `undefined` without a schedule. */
  latestDate(pipeline: string): Promise<string | undefined>
  /** How runs ended, for where the output is not to be seen. */
  endedDays(): Promise<readonly DayStatus[]>
  close(): Promise<void>
}

/** `undefined` when no server answers. */
export async function serverView(settings: Settings): Promise<ServerView | undefined> {
  let server: Server
  try {
    server = await openServer(temporalTarget(process.env))
  } catch (error) {
    if (error instanceof DaybreakError && error.code === 'ServerUnreachable') return undefined
    throw error
  }
  const days = dayWorkflowId(settings, '', '').replace(/\/+$/, '/')
  const backfills = backfillWorkflowId(settings, '')
  const running = new Map<string, DayProgress | undefined>()
  const filling = new Set<string>()
  for await (const { workflowId } of server.client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
    if (workflowId.startsWith(backfills)) filling.add(workflowId.slice(backfills.length))
    if (workflowId.startsWith(days))
      running.set(workflowId.slice(days.length), await queryProgress(server, server.client.workflow.getHandle(workflowId)))
  }
  return {
    running,
    backfills: filling,
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
    endedDays: () => endedDays(server, days),
    close: () => server.close(),
  }
}

async function endedDays(server: Server, prefix: string): Promise<readonly DayStatus[]> {
  const days = new Map<string, DayStatus>()
  const query = "WorkflowType = 'dailyPrediction' AND ExecutionStatus != 'Running'"
  for await (const { workflowId, runId } of server.client.workflow.list({ query })) {
    const name = workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : ''
    // Newest first: the last word on a date comes first.
    if (!name || days.has(name) || days.size >= MOST_RESULTS) continue
    const { pipeline, date, verdict, attempt, published, alreadyPublished, accounts, report, problem } = await dayResult(
      server,
      server.client.workflow.getHandle(workflowId, runId),
    )
    days.set(name, {
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
