/**
 * A backfill makes its plan, waits to be told to begin, runs the days of a range some at a time, and ends with one digest. One bad day
 * does not stop the others; a day that runs already is joined. A backfill can be paused, and stopped in two ways.
 */
import { ApplicationFailureCategory, WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'
import {
  type BackfillDay,
  type BackfillInput,
  type BackfillProgress,
  type BackfillResult,
  type BackfillSteps,
  backfillCounts,
  type PlannedDate,
} from '../engine/protocol/backfill.js'
import { asDaybreakError } from '../engine/protocol/errors.js'
import { ERRORS, type Verdict } from '../engine/protocol/errorTable.js'
import { dayIds, WORKFLOW_TYPES } from '../engine/protocol/ids.js'
import type { DayRequest, DayResult } from '../engine/protocol/steps.js'
import type { dailyPrediction } from './dailyPrediction.js'
import { dayStart } from './dayStart.js'
import { inWindow } from './inWindow.js'
import { backfillProgressQuery, beginUpdate, pauseUpdate, resumeUpdate, type StopRequest, stopUpdate } from './messages.js'
import { MESSAGE_RETRIES, tellEach } from './retried.js'
import { installationName, stepActivities } from './stepActivities.js'

/** A plan that nobody confirms in this time is dropped. */
const ASKED_FOR = '10m'

/** It is below the default of 3, so that a live day goes first where a server heeds priorities. */
const PRIORITY = { priorityKey: 4 }

export async function backfill(input: BackfillInput): Promise<BackfillResult> {
  return await new Backfill(input).run()
}

class Backfill {
  private readonly steps = stepActivities<BackfillSteps>(['planBackfill', 'followRun', 'concludeBackfill', 'tellBackfill'])
  private readonly days: BackfillDay[] = []
  private readonly scope = new CancellationScope({ cancellable: true })
  private planned: readonly PlannedDate[] | undefined
  private begun: boolean
  private paused = false
  private stoppedBy: string | undefined
  private startedAt: string | undefined
  private ended = false

  constructor(private readonly input: BackfillInput) {
    this.begun = input.begin
    setHandler(backfillProgressQuery, () => this.progress())
    setHandler(beginUpdate, () => this.change(() => (this.begun = true)))
    setHandler(pauseUpdate, () => this.change(() => (this.paused = true)))
    setHandler(resumeUpdate, () => this.change(() => (this.paused = false)))
    setHandler(stopUpdate, ({ by, days }) => this.change(() => this.stop(by, days)))
  }

  async run(): Promise<BackfillResult> {
    const plan = await this.plan()
    if (this.input.dryRun) return this.result('dry-run')
    if (!(await this.isBegun())) return this.result('not-begun')
    const toRun = plan.filter(({ action }) => action === 'run')
    if (toRun.length > 0) this.startedAt = new Date().toISOString()
    try {
      await this.scope.run(() =>
        inWindow(
          toRun.length,
          this.input.request.parallel,
          (index) => this.day(toRun[index]!),
          () => {},
        ),
      )
    } catch (error) {
      if (!isCancellation(error)) throw error
    }
    const cancelled = CancellationScope.current().consideredCancelled
    if (cancelled) this.stoppedBy ??= 'the server'
    const result = this.result(this.stoppedBy === undefined ? 'done' : 'stopped')
    await CancellationScope.nonCancellable(() => this.conclude(result))
    return result
  }

  private async plan(): Promise<readonly PlannedDate[]> {
    try {
      this.planned = await this.steps.planBackfill(this.input.request)
    } catch (error) {
      if (isCancellation(error)) throw error
      const { problem } = asDaybreakError(error)
      throw ApplicationFailure.create({
        type: problem.code,
        message: problem.message,
        details: [problem],
        nonRetryable: true,
        category: ApplicationFailureCategory.BENIGN,
      })
    }
    this.days.push(
      ...this.planned.map(({ date, reason, action }) => ({ date, reason, state: action === 'run' ? 'waiting' : 'skipped' }) as const),
    )
    return this.planned
  }

  private async isBegun(): Promise<boolean> {
    await condition(() => this.begun || this.stoppedBy !== undefined, ASKED_FOR)
    return this.begun && this.stoppedBy === undefined
  }

  /** Runs one date to whatever end, and never throws for what became of it. */
  private async day(planned: PlannedDate): Promise<void> {
    const { date } = planned
    await condition(() => !this.paused || this.stoppedBy !== undefined)
    if (this.stoppedBy !== undefined) return this.show(date, { state: 'not-started' })
    this.show(date, { state: 'running' })
    const startedMs = Date.now()
    const outcome = await this.outcome(planned)
    this.show(date, { ...outcome, ms: Date.now() - startedMs })
  }

  private async outcome({ date, replaces }: PlannedDate): Promise<Partial<BackfillDay>> {
    const { request, searchAttributes, ui } = this.input
    const { pipeline, requestedBy } = request
    const day: DayRequest = {
      pipeline,
      date,
      kind: 'backfill',
      rerun: replaces !== undefined,
      ...(replaces === undefined ? {} : { replaces }),
      ...(requestedBy ? { requestedBy } : {}),
    }
    const options = dayStart(installationName(), { request: day, searchAttributes, ...(ui ? { ui } : {}) })
    try {
      const child = await startChild<typeof dailyPrediction>(WORKFLOW_TYPES.day, {
        ...options,
        priority: PRIORITY,
        parentClosePolicy: 'ABANDON',
        // A cancelled day seals its attempt and writes its report before we go on.
        cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      })
      return outcomeOf(await child.result())
    } catch (error) {
      if (error instanceof ChildWorkflowFailure) return failedOutcome(error)
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return { state: isCancellation(error) ? 'not-started' : 'failed' }
      return await this.join(date)
    }
  }

  /** Somebody else runs the date, so it is waited for and not doubled. */
  private async join(date: string): Promise<Partial<BackfillDay>> {
    this.show(date, { joined: true })
    try {
      const { pipeline } = this.input.request
      const workflowId = dayIds.make({ name: installationName(), pipeline, date })
      return outcomeOf(await this.steps.followRun({ workflowId, pipeline, date }))
    } catch (error) {
      // The run is not ours, so stopping us does not stop it.
      if (isCancellation(error)) return { state: 'not-started' }
      return { state: 'failed', problem: asDaybreakError(error).message }
    }
  }

  private async conclude(result: BackfillResult): Promise<void> {
    const { pipeline } = result.request
    const { message, channels } = await this.steps.concludeBackfill(result)
    const runtime = { sleep: (ms: number) => sleep(ms), isCancellation }
    await tellEach(runtime, MESSAGE_RETRIES, channels, (channel, last) =>
      this.steps.tellBackfill({ pipeline, id: result.id, message, channel, last }),
    )
  }

  private stop(by: string, days: StopRequest['days']): void {
    this.stoppedBy ??= by
    if (days === 'cancel') this.scope.cancel()
  }

  private change(change: () => unknown): BackfillProgress {
    change()
    return this.progress()
  }

  private show(date: string, change: Partial<BackfillDay>): void {
    const place = this.days.findIndex((day) => day.date === date)
    this.days[place] = { ...this.days[place]!, ...change }
    const { done, planned, failed } = backfillCounts(this.days)
    setCurrentDetails(`${done} of ${planned} days, ${failed} not published`)
  }

  private progress(): BackfillProgress {
    const { request } = this.input
    return { request, state: this.state(), days: [...this.days], ...(this.startedAt ? { startedAt: this.startedAt } : {}) }
  }

  private state(): BackfillProgress['state'] {
    if (this.ended) return 'ended'
    if (!this.planned) return 'planning'
    if (this.stoppedBy !== undefined) return 'stopping'
    if (!this.begun) return 'asking'
    return this.paused ? 'paused' : 'running'
  }

  private result(ended: BackfillResult['ended']): BackfillResult {
    this.ended = true
    return {
      id: workflowInfo().firstExecutionRunId,
      request: this.input.request,
      ended,
      ...(this.stoppedBy === undefined ? {} : { stoppedBy: this.stoppedBy }),
      ...(this.startedAt ? { startedAt: this.startedAt } : {}),
      endedAt: new Date().toISOString(),
      days: this.days.map((day) => (day.state === 'waiting' && ended === 'stopped' ? { ...day, state: 'not-started' } : day)),
    }
  }
}

function outcomeOf({ verdict, attempt, published, alreadyPublished, problem }: DayResult): Partial<BackfillDay> {
  return {
    state: verdict,
    published: published || alreadyPublished,
    ...(attempt ? { attempt } : {}),
    ...(problem && !published ? { problem: problem.message } : {}),
  }
}

/** A day that failed carries its result; one that was cancelled or terminated does not. */
function failedOutcome(error: ChildWorkflowFailure): Partial<BackfillDay> {
  const { cause } = error
  const [result] = cause instanceof ApplicationFailure ? ((cause.details ?? []) as DayResult[]) : []
  if (result) return outcomeOf(result)
  const code = isCancellation(error) ? 'Cancelled' : 'RunTerminated'
  const state: Verdict = ERRORS[code].verdict
  return { state, problem: ERRORS[code].title }
}
