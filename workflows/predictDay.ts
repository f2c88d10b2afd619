/**
 * A day, step by step: the order of the steps stands here, once. The Temporal workflow hands it activities, a local run hands it the
 * same functions in its own process. It decides when and in what order; it reads no file, no clock and no environment itself.
 */
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { MessageKind } from '../engine/protocol/documents/events.js'
import type { StepTiming } from '../engine/protocol/documents/manifest.js'
import { asDaybreakError, DaybreakError } from '../engine/protocol/errors.js'
import { ERRORS } from '../engine/protocol/errorTable.js'
import type {
  Assembled,
  DayOutcome,
  DayPolicy,
  DayProgress,
  DayResult,
  InputFound,
  Inspected,
  Opened,
  OpenRequest,
  Sealed,
  StepName,
  Steps,
} from '../engine/protocol/steps.js'
import { sayStretch, stretchesOf } from '../engine/protocol/stretches.js'
import { type Retries, type RetryRuntime, retried, tellEach } from './retried.js'

/** The order of the steps needs this around it: Temporal's timers and scopes, or their like in one process. */
export interface DayRuntime extends RetryRuntime {
  /** The steps. They throw `DaybreakError`; a cancellation passes through as it is. */
  readonly steps: Steps
  /** The time in milliseconds since 1970, only for timings. */
  now(): number
  /** Looks for the input until it is ready or the time is up. @throws InputMissing */
  waitForInput(attempt: AttemptRef, policy: DayPolicy): Promise<InputFound>
  /** Calls `work` and stops it when its time is up. @throws DeadlineExceeded when the work takes longer */
  withDeadline<T>(ms: number, work: () => Promise<T>): Promise<T>
  /** Calls `work` for 0 … count - 1, some at a time; when one fails the others are stopped. */
  fanOut(count: number, work: (index: number) => Promise<void>): Promise<void>
  /** Calls `act` once, `delayMs` from now, while `work` goes on; never after it has ended. What `act` throws harms nothing. */
  alongside<T>(delayMs: number, act: () => Promise<void>, work: () => Promise<T>): Promise<T>
  /** Calls `work`, which a cancellation of the run does not interrupt. */
  uninterrupted<T>(work: () => Promise<T>): Promise<T>
  onProgress(progress: DayProgress): void
}

type Open = Extract<Opened, { decision: 'run' }>

/** Opening is tried again quickly, because the definition's own retries are not known yet. */
const OPEN_RETRIES = { maximum: 2, delayMs: 2000, backoff: 1 }

/** Runs one data date of one pipeline, from the file to the message. It never throws what the error table knows: the result says it. */
export async function predictDay(request: OpenRequest, runtime: DayRuntime): Promise<DayResult> {
  const day = new RunningDay(runtime)
  const opened = await day.open(request)
  const named = { pipeline: request.pipeline, date: request.date, attempt: opened.attempt.attempt }
  if (opened.decision === 'already-published') {
    return { ...named, verdict: opened.verdict, published: false, alreadyPublished: true, report: opened.report }
  }
  if (opened.decision === 'already-held') {
    return { ...named, verdict: 'held', published: false, alreadyPublished: false, report: opened.report, problem: opened.problem }
  }
  const { outcome, accounts } = await day.work(opened)
  const conclusion = await runtime.uninterrupted(() => day.conclude(opened, outcome))
  return { ...named, alreadyPublished: false, ...(accounts ? { accounts } : {}), ...conclusion }
}

class RunningDay {
  private readonly timings: StepTiming[] = []
  private retries: Retries = OPEN_RETRIES
  private progress: DayProgress = { step: 'open', recordsDone: 0, recordsInAll: 0 }

  constructor(private readonly runtime: DayRuntime) {}

  /** 0. Decide by what is on disk; create the attempt. */
  async open(request: OpenRequest): Promise<Opened> {
    const opened = await this.step('open', () => this.runtime.steps.open(request))
    if (opened.decision === 'run') {
      this.show({ attempt: opened.attempt.attempt, ...(opened.about ? { about: opened.about } : {}) })
    }
    return opened
  }

  /** 1 to 6. Do everything that can say no. */
  async work(opened: Open): Promise<{ outcome: DayOutcome; accounts?: Assembled }> {
    const { attempt, policy } = opened
    this.retries = policy.retries
    let accounts: Assembled | undefined
    try {
      const warnings = await this.watched(opened, () =>
        this.runtime.withDeadline(policy.deadlineMs, async () => {
          if (opened.problem) throw DaybreakError.of(opened.problem)
          const input = await this.step('findInput', () => this.runtime.waitForInput(attempt, policy))
          accounts = await this.score(attempt, input)
          await this.step('checkResult', () => this.runtime.steps.checkResult({ attempt }))
          const anomalies = await this.step('findAnomalies', () => this.runtime.steps.findAnomalies({ attempt }))
          return accounts.warnings + anomalies.fired
        }),
      )
      return { outcome: { verdict: warnings > 0 ? 'warn' : 'pass' }, ...(accounts ? { accounts } : {}) }
    } catch (error) {
      return { outcome: this.outcomeOf(error), ...(accounts ? { accounts } : {}) }
    }
  }

  /** A run that is still going at its time for it is announced as late, once, naming the step it stands in. */
  private async watched<T>({ attempt, policy }: Open, work: () => Promise<T>): Promise<T> {
    const { lateAtMs } = policy
    if (lateAtMs === undefined) return await work()
    const warn = () => this.tell(attempt, 'late', policy.channels.late, this.progress.step)
    return await this.runtime.alongside(Math.max(0, lateAtMs - this.runtime.now()), warn, work)
  }

  /** 2 to 4. Start once more when the workers were upgraded in between: parts of two versions are never mixed. */
  private async score(attempt: AttemptRef, input: InputFound, again = true): Promise<Assembled> {
    try {
      const plan = await this.step('inspect', () => this.runtime.steps.inspect({ attempt, input }))
      await this.predict(attempt, plan)
      return await this.step('assemble', () => this.runtime.steps.assemble({ attempt }))
    } catch (error) {
      if (!again || !(error instanceof DaybreakError) || error.code !== 'CodeChanged') throw error
      return await this.score(attempt, input, false)
    }
  }

  /** 3. Score all stretches of partitions, some at a time; what became of the records is on disk, and only counts come back. */
  private async predict(attempt: AttemptRef, plan: Inspected): Promise<void> {
    let recordsDone = 0
    await this.step(
      'scorePartition',
      () => {
        this.show({ recordsInAll: plan.records })
        return this.runtime.fanOut(stretchesOf(plan), async (stretch) => {
          const request = sayStretch({ attempt, stretch })
          const { records } = await this.retried('scorePartition', () => this.runtime.steps.scorePartition(request))
          recordsDone += records
          this.show({ recordsDone })
        })
      },
      'once',
    )
  }

  /** 7 and 8. Seal, publish what may be published, report and tell, whatever the outcome. */
  async conclude({ attempt, policy }: Open, outcome: DayOutcome): Promise<Omit<DayResult, 'pipeline' | 'date' | 'alreadyPublished'>> {
    const { steps } = this.runtime
    let result: Omit<DayResult, 'pipeline' | 'date' | 'alreadyPublished'> = { ...outcome, published: false }
    let sealed: Sealed | undefined
    try {
      sealed = await this.step('seal', () => steps.seal({ attempt, outcome, timings: this.timings }))
      if (sealed.resultsDigest) result = { ...result, resultsDigest: sealed.resultsDigest }
      if (outcome.verdict === 'pass' || outcome.verdict === 'warn') {
        const { predictions } = await this.step('publish', () => steps.publish({ attempt }))
        result = { ...result, published: true, predictions }
      }
    } catch (error) {
      result = { ...result, ...this.outcomeOf(error) }
    }
    if (!sealed) return result
    try {
      const { report } = await this.step('report', () => steps.report({ attempt }))
      result = { ...result, report }
      const ownWords = result.published || sealed.message === 'missing' || sealed.message === 'held'
      const message = ownWords ? sealed.message : 'failure'
      const channels = policy.channels[message]
      this.show({ step: 'notify' })
      await this.tell(attempt, message, channels)
      if (channels > 0) await this.step('report', () => steps.report({ attempt }))
    } catch (error) {
      // The numbers stand as they are; what kept the report from being written is said with them.
      result = { ...result, problem: result.problem ?? this.outcomeOf(error).problem ?? asDaybreakError(error).problem }
    }
    return result
  }

  private async tell(attempt: AttemptRef, message: MessageKind, channels: number, step?: StepName): Promise<void> {
    const request = { attempt, message, ...(step ? { step } : {}) }
    await tellEach(this.runtime, this.retries, channels, (channel, last) => this.runtime.steps.notify({ ...request, channel, last }))
  }

  private outcomeOf(error: unknown): DayOutcome {
    const { step } = this.progress
    const known =
      this.runtime.isCancellation(error) && !(error instanceof DaybreakError)
        ? new DaybreakError('Cancelled', `the run was cancelled in step ${step}`)
        : asDaybreakError(error)
    known.inStep(step)
    return { verdict: ERRORS[known.code].verdict, problem: known.problem }
  }

  private async step<T>(step: StepName, call: () => Promise<T>, tries: 'retried' | 'once' = 'retried'): Promise<T> {
    this.show({ step })
    const startedMs = this.runtime.now()
    let retries = 0
    try {
      return await (tries === 'once' ? call() : this.retried(step, call, () => (retries += 1)))
    } finally {
      this.timings.push({ step, startedAt: new Date(startedMs).toISOString(), ms: this.runtime.now() - startedMs, retries })
    }
  }

  private async retried<T>(step: StepName, call: () => Promise<T>, onRetry: () => void = () => {}): Promise<T> {
    return await retried(this.runtime, this.retries, step, call, ({ message }) => {
      onRetry()
      this.show({ retrying: message })
    })
  }

  private show(change: Partial<DayProgress>): void {
    const { retrying: _settled, ...current } = this.progress
    this.progress = { ...current, ...change }
    this.runtime.onProgress(this.progress)
  }
}
