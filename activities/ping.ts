/**
 * Tells an outside watcher that a scheduled run has ended: a watcher that hears nothing knows that nobody is alive. The address
 * is a secret; a watcher that is away harms nothing.
 */
import type { ScheduleSteps } from '../engine/protocol/schedule.js'
import type { Step } from './context.js'

/** A watcher that does not answer in this time is not waited for. */
const TIMEOUT_MS = 10_000

export const ping: Step<void, Awaited<ReturnType<ScheduleSteps['ping']>>> = async ({ settings, log }) => {
  const url = settings.secret('DAYBREAK_HEARTBEAT_URL')
  if (!url) return 'not-configured'
  const outcome = await get(url)
  if (outcome === undefined) return 'pinged'
  log?.({ level: 'info', message: `The watcher in DAYBREAK_HEARTBEAT_URL did not take the ping: ${outcome}`, step: 'ping' })
  return 'failed'
}

/** Says why it did not work, and nothing of the address, which is a secret. */
async function get(url: string): Promise<string | undefined> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return 'it is not a web address'
  try {
    const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return ok ? undefined : `it answered ${status}`
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : 'it cannot be reached'
  }
}
