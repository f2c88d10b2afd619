/** What can heal is tried again, as a definition's `retries` says: as often and with the same waits by Temporal and in one process. */
import { DaybreakError, type Problem } from '../engine/protocol/errors.js'
import { ERRORS } from '../engine/protocol/errorTable.js'
import type { DayPolicy } from '../engine/protocol/steps.js'

export type Retries = DayPolicy['retries']

/** A message that no definition's retries are at hand for is sent with these: a digest of many days, or word of a run that is gone. */
export const MESSAGE_RETRIES: Retries = { maximum: 2, delayMs: 60_000, backoff: 1 }

/** Waiting takes Temporal's timers, or their like in one process. */
export interface RetryRuntime {
  sleep(ms: number): Promise<void>
  isCancellation(error: unknown): boolean
}

/** Calls again what can heal; what cannot fails at once. The error names the step. */
export async function retried<T>(
  runtime: RetryRuntime,
  retries: Retries,
  step: string,
  call: (last: boolean) => Promise<T>,
  onRetry: (problem: Problem) => void = () => {},
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call(tries >= retries.maximum)
    } catch (error) {
      if (runtime.isCancellation(error) || !(error instanceof DaybreakError)) throw error
      const { problem } = error.inStep(step)
      if (!ERRORS[problem.code].retryable || tries >= retries.maximum) throw error
      onRetry(problem)
      await runtime.sleep(Math.max(problem.retryAfterMs ?? 0, retries.delayMs * retries.backoff ** tries))
    }
  }
}

/** Sends a message to each channel, each with its own tries. The step writes down a channel that stays broken, which harms nothing. */
export async function tellEach(
  runtime: RetryRuntime,
  retries: Retries,
  channels: number,
  tell: (channel: number, last: boolean) => Promise<unknown>,
): Promise<void> {
  const each = Array.from({ length: channels }, async (_, channel) => {
    await retried(runtime, retries, 'notify', (last) => tell(channel, last)).catch((error: unknown) => {
      if (!(error instanceof DaybreakError)) throw error
    })
  })
  await Promise.all(each)
}
