/** Resolves a definition's defaults into what the order of the steps and the messages work with. */
import { type Channel, channelName } from '../../definition/channels.js'
import { type Duration, durationMs } from '../../definition/durations.js'
import type { AnyPipeline, RejectBudget, RejectLimits } from '../../definition/pipeline.js'
import { usualResults } from '../../definition/resultColumns.js'
import type { Task } from '../../definition/tasks.js'
import type { AttemptRecord } from './documents/attempt.js'
import type { MessageKind } from './documents/events.js'
import { CATCH_UP_MS } from './schedule.js'
import type { DayPolicy } from './steps.js'

type Timed = Pick<AnyPipeline, 'deadline' | 'retries' | 'notify' | 'lateAfter'> & { readonly input: Pick<AnyPipeline['input'], 'arrival'> }

const ms = (text: string | undefined, otherwise: Duration) => durationMs((text ?? otherwise) as Duration)

/** Makes the policy of a definition. When it cannot be read the defaults hold, with nobody to tell. */
export function dayPolicy(definition: Timed = { input: {} }): DayPolicy {
  const { arrival } = definition.input
  return {
    pollMs: ms(arrival?.poll, '5m'),
    timeoutMs: ms(arrival?.timeout, '1h'),
    deadlineMs: ms(definition.deadline, '20h'),
    retries: {
      maximum: definition.retries?.maximum ?? 2,
      delayMs: ms(definition.retries?.delay, '5m'),
      backoff: definition.retries?.backoff ?? 1,
    },
    channels: {
      success: channelsFor(definition, 'success').length,
      anomaly: channelsFor(definition, 'anomaly').length,
      failure: channelsFor(definition, 'failure').length,
      missing: channelsFor(definition, 'missing').length,
      late: channelsFor(definition, 'late').length,
      held: channelsFor(definition, 'held').length,
    },
  }
}

const NOBODY: DayPolicy['channels'] = { success: 0, anomaly: 0, failure: 0, missing: 0, late: 0, held: 0 }

/**
 * Makes the policy of one run. A backfilled day is told by the backfill's digest and is late by nature, and so is one that is older than
 * any catch-up.
 */
export function runPolicy(definition: Timed, run: Pick<AttemptRecord, 'kind' | 'startedAt' | 'nominal'>): DayPolicy {
  const policy = dayPolicy(definition)
  if (run.kind === 'backfill') return { ...policy, channels: NOBODY }
  const startedMs = Date.parse(run.startedAt)
  const dueMs = run.nominal === undefined ? startedMs : Date.parse(run.nominal)
  if (definition.lateAfter === undefined || startedMs - dueMs > CATCH_UP_MS) return policy
  return { ...policy, lateAtMs: dueMs + durationMs(definition.lateAfter as Duration) }
}

/** Says how long an input must not have changed before it is taken for complete. */
export function settleMs(definition: Pick<Timed, 'input'>): number {
  return ms(definition.input.arrival?.settle, '30s')
}

/** Says how long a held day can be approved. */
export function holdMs(definition: Pick<AnyPipeline, 'hold'>): number {
  return ms(definition.hold?.expires, '7d')
}

/** Lists the channels of a kind of message, each once. */
export function channelsFor(definition: Pick<AnyPipeline, 'notify'>, kind: MessageKind): readonly Channel[] {
  const { success = [], failure = [], anomaly = [], missing = failure, late = failure } = definition.notify ?? {}
  const { held = [...anomaly, ...failure] } = definition.notify ?? {}
  const channels = { success, failure, missing, late, held, anomaly: [...success, ...anomaly] }[kind]
  return [...new Map(channels.map((channel) => [channelName(channel), channel])).values()]
}

/** Lists the columns of the predictions file. */
export function outputColumns(
  definition: Pick<AnyPipeline, 'output'> & { readonly input: { readonly key?: string }; readonly model: { readonly task: Task } },
): readonly string[] {
  const { columns, format = 'csv' } = definition.output ?? {}
  return columns ?? [definition.input.key ?? 'line', ...usualResults(definition.model.task, format)]
}

/** Says how many rejected rows are still allowed among `records`. A limit itself is allowed; the smaller of two limits counts. */
export function allowedBy({ maxRatio, maxRows }: RejectLimits, records: number): number {
  const byRatio = maxRatio === undefined ? Number.POSITIVE_INFINITY : largestWithin(maxRatio, records)
  return Math.min(byRatio, maxRows ?? Number.POSITIVE_INFINITY)
}

/** Gives the limits in force: 1 % of the rows unless the definition says otherwise. */
export function rejectLimits(rejects: RejectBudget | undefined): RejectLimits {
  return rejects && (rejects.maxRatio !== undefined || rejects.maxRows !== undefined) ? rejects : { maxRatio: 0.01 }
}

/** Finds the largest count whose share of `records` is at most `ratio`. The division decides, as it does for a reader of the report. */
function largestWithin(ratio: number, records: number): number {
  const near = Math.floor(ratio * records)
  return near + 1 <= records && (near + 1) / records <= ratio ? near + 1 : near
}
