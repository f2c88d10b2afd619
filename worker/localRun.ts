/** A day is run without a server: the same steps in the same order, in this process. */
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { bindSteps } from '../activities/steps.js'
import { formatDuration } from '../definition/durations.js'
import { ScoringPool } from '../engine/batch/scoringPool.js'
import { dismissBundler } from '../engine/loader/bundler.js'
import { codeFingerprint } from '../engine/loader/codeFingerprint.js'
import type { Settings } from '../engine/loader/settings.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { asDaybreakError, DaybreakError } from '../engine/protocol/errors.js'
import type { DayPolicy, DayProgress, DayRequest, DayResult, InputFound, Steps } from '../engine/protocol/steps.js'
import { inWindow } from '../workflows/inWindow.js'
import { type DayRuntime, predictDay } from '../workflows/predictDay.js'

export interface LocalRunOptions {
  readonly settings: Settings
  /** It is closed when the run has ended. @default one of its own */
  readonly pool?: ScoringPool
  /** Aborts the run: the attempt is sealed as cancelled, then the promise settles. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: DayProgress) => void
}

/** Runs one data date in this process. */
export async function runLocally(request: DayRequest, options: LocalRunOptions): Promise<DayResult> {
  const { pool = new ScoringPool(options.settings.threads) } = options
  pool.warm()
  try {
    const runtime = new LocalRuntime({ settings: options.settings, pool, code: codeFingerprint() }, options)
    // A process has one run at a moment, so the two name it.
    const runKey = `local/${hostname()}/${process.pid}/${Date.now()}`
    return await predictDay({ ...request, runKey }, runtime)
  } finally {
    await pool.close()
  }
}

class LocalRuntime implements DayRuntime {
  readonly steps: Steps
  /** This stops the steps now: the user's signal, or a scope's own; while the run concludes nothing does. */
  private signal: AbortSignal
  private progress: DayProgress = { step: 'open', recordsDone: 0, recordsInAll: 0 }

  constructor(
    context: Parameters<typeof bindSteps>[0],
    private readonly options: LocalRunOptions,
  ) {
    this.signal = options.signal
    this.steps = bindSteps(context, async (name, call) => {
      const { signal } = this
      if (signal.aborted) throw interrupted()
      const result = await call({ signal, onProgress: (records) => this.scored(records) })
      // A process has one run, and its definition is bundled now: nobody needs the bundler any more.
      if (name === 'open') await dismissBundler()
      return result
    })
  }

  now(): number {
    return Date.now()
  }

  async sleep(ms: number): Promise<void> {
    const { signal } = this
    await delay(ms, undefined, { signal }).catch(() => {
      throw interrupted()
    })
  }

  async waitForInput(attempt: AttemptRef, policy: DayPolicy): Promise<InputFound> {
    const endsMs = Date.now() + policy.timeoutMs
    for (;;) {
      const last = Date.now() >= endsMs
      try {
        return await this.steps.findInput({ attempt, arrived: false, last })
      } catch (error) {
        const { code, problem } = asDaybreakError(error)
        if (code !== 'InputNotReady') throw error
        this.options.onProgress({ ...this.progress, retrying: problem.message })
        await this.sleep(Math.min(problem.retryAfterMs ?? policy.pollMs, Math.max(0, endsMs - Date.now())))
      }
    }
  }

  async withDeadline<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const expired = AbortSignal.timeout(timerMs(ms))
    try {
      return await this.within(AbortSignal.any([this.options.signal, expired]), work)
    } catch (error) {
      if (expired.aborted && this.isCancellation(error))
        throw new DaybreakError('DeadlineExceeded', `the run did not end within ${formatDuration(ms)}`)
      throw error
    }
  }

  async alongside<T>(delayMs: number, act: () => Promise<void>, work: () => Promise<T>): Promise<T> {
    let acting: Promise<void> = Promise.resolve()
    const timer = setTimeout(() => {
      acting = act().catch(() => undefined)
    }, timerMs(delayMs))
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      await acting
    }
  }

  async fanOut(count: number, work: (index: number) => Promise<void>): Promise<void> {
    const failed = new AbortController()
    const width = this.options.settings.threads + 1
    await this.within(AbortSignal.any([this.signal, failed.signal]), () => inWindow(count, width, work, () => failed.abort()))
  }

  async uninterrupted<T>(work: () => Promise<T>): Promise<T> {
    return await this.within(new AbortController().signal, work)
  }

  isCancellation(error: unknown): boolean {
    return error instanceof DaybreakError && error.code === 'Interrupted'
  }

  onProgress(progress: DayProgress): void {
    this.progress = { ...progress, recordsDone: Math.max(progress.recordsDone, this.progress.recordsDone) }
    this.options.onProgress(this.progress)
  }

  private scored(records: number): void {
    this.progress = { ...this.progress, recordsDone: this.progress.recordsDone + records }
    this.options.onProgress(this.progress)
  }

  private async within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const outer = this.signal
    this.signal = signal
    try {
      return await work()
    } finally {
      this.signal = outer
    }
  }
}

function interrupted(): DaybreakError {
  return new DaybreakError('Interrupted', 'the run was interrupted')
}

/** A timer of Node takes at most 2^31 - 1 ms, nearly 25 days. */
function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1)
}
