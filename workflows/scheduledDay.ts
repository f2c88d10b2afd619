/**
 * A schedule starts this workflow. It finds the data date of its nominal time, starts the day's own run and waits for it, so that days
 * queue. It is apart from the day because the server stamps its id with the time, and the id of a day must be its date alone.
 */
import { defineSearchAttributeKey, WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  sleep,
  startChild,
  TerminatedFailure,
  workflowInfo,
} from '@temporalio/workflow'
import { runKey, WORKFLOW_TYPES } from '../engine/protocol/ids.js'
import type { ScheduledDayInput, ScheduledDayResult, ScheduleSteps } from '../engine/protocol/schedule.js'
import type { DayRequest, DayResult, Steps } from '../engine/protocol/steps.js'
import type { dailyPrediction } from './dailyPrediction.js'
import { dayStart } from './dayStart.js'
import { MESSAGE_RETRIES, tellEach } from './retried.js'
import { installationName, stepActivities } from './stepActivities.js'

/** The server sets this to the time that the schedule meant, whatever the clock said when it started. */
const NOMINAL = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME')

type Activities = ScheduleSteps & Pick<Steps, 'notify' | 'report'>

export async function scheduledDay(input: ScheduledDayInput): Promise<ScheduledDayResult> {
  const { pipeline, rule, about } = input
  const steps = stepActivities<Activities>(['dataDate', 'closeTerminated', 'ping', 'notify', 'report'])
  const nominal = nominalTime()
  const { date } = await steps.dataDate({ nominalMs: nominal.getTime(), rule })
  setCurrentDetails(`${about ?? pipeline}\n\ndata date **${date}**`)
  const result = await runDay(steps, input, { pipeline, date, kind: 'scheduled', rerun: false, nominal: nominal.toISOString() })
  await steps.ping()
  return result
}

/** Without a schedule, when somebody starts it by hand, the start itself is the time. */
function nominalTime(): Date {
  const { typedSearchAttributes, searchAttributes, startTime } = workflowInfo()
  const [untyped] = searchAttributes.TemporalScheduledStartTime ?? []
  return typedSearchAttributes.get(NOMINAL) ?? (untyped === undefined ? startTime : new Date(untyped as string | Date))
}

async function runDay(steps: Activities, input: ScheduledDayInput, request: DayRequest): Promise<ScheduledDayResult> {
  const { date } = request
  const { searchAttributes, ui } = input
  let day: ChildWorkflowHandle<typeof dailyPrediction>
  try {
    const options = dayStart(installationName(), { request, searchAttributes, ...(ui ? { ui } : {}) })
    // Whatever becomes of us, the day goes on to its own end.
    day = await startChild<typeof dailyPrediction>(WORKFLOW_TYPES.day, {
      ...options,
      parentClosePolicy: 'ABANDON',
      cancellationType: 'ABANDON',
    })
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { date, ended: 'joined' }
    throw error
  }
  try {
    const { verdict, alreadyPublished } = await day.result()
    return { date, ended: alreadyPublished ? 'already-published' : 'run', verdict }
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure) || CancellationScope.current().consideredCancelled) throw error
    if (!(error.cause instanceof TerminatedFailure)) return { date, ended: 'run', verdict: verdictOf(error) }
    await tellTerminated(steps, request, runKey(day.workflowId, day.firstExecutionRunId))
    return { date, ended: 'terminated', verdict: 'failed' }
  }
}

function verdictOf(error: ChildWorkflowFailure): string {
  if (isCancellation(error)) return 'cancelled'
  const [result] = error.cause instanceof ApplicationFailure ? ((error.cause.details ?? []) as DayResult[]) : []
  return result?.verdict ?? 'failed'
}

/** Somebody terminated the run, which then could not report: so we do. */
async function tellTerminated(steps: Activities, { pipeline, date }: DayRequest, terminated: string): Promise<void> {
  const { attempt, channels } = await steps.closeTerminated({ pipeline, date, runKey: terminated })
  if (!attempt || channels === 0) return
  const runtime = { sleep: (ms: number) => sleep(ms), isCancellation }
  await tellEach(runtime, MESSAGE_RETRIES, channels, (channel, last) => steps.notify({ attempt, message: 'failure', channel, last }))
  await steps.report({ attempt })
}
