/**
 * What a step works with, and what it finds of the run that it belongs to. The worker, or a local run, makes a context once per
 * process; nothing here knows Temporal.
 */
import type { DayContext } from '../days/dayContext.js'
import { type PlanWork, readWork } from '../days/work.js'
import type { ScoringPool } from '../engine/batch/scoringPool.js'
import { type LoadedPipeline, loadPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { DaybreakError } from '../engine/protocol/errors.js'

export interface StepContext extends DayContext {
  readonly pool: ScoringPool
  /** Whoever watches the worker reads it. */
  readonly log?: Log
}

/** A line of the worker's log: no secret, no value of a row. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly pipeline?: string
  /** Data date. */
  readonly date?: string
  readonly attempt?: string
  /** Workflow id and run id. */
  readonly run?: string
  readonly step?: string
  /** From the error table. */
  readonly code?: string
}

export type Log = (entry: LogEntry) => void

/** What a step may use while it runs: to say how far it is, and to learn that it should stop. */
export interface StepControl {
  readonly onProgress: (records: number) => void
  readonly signal: AbortSignal
}

/** A step's work: a request in, small plain data out. */
export type Step<Request, Result> = (context: StepContext, request: Request, control: StepControl) => Promise<Result>

/** What a promise came to, once all those beside it have come to something too. @throws what it was rejected with */
export function settledValue<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}

/** The plan of a run, for a step that works by it. @throws CodeChanged when another version of the product made it */
export async function currentPlan(context: StepContext, ref: AttemptRef): Promise<PlanWork> {
  const plan = await readWork(context.settings.home, ref, 'plan')
  if (plan.code !== context.code) {
    throw new DaybreakError(
      'CodeChanged',
      `attempt ${ref.attempt} of ${ref.date} was inspected by another version of the product than this worker runs`,
    )
  }
  return plan
}

/** Loads the definition and makes sure it is the one the run opened with. @throws DefinitionChanged */
export async function openedPipeline(context: StepContext, ref: AttemptRef): Promise<LoadedPipeline> {
  const opened = await readWork(context.settings.home, ref, 'opened')
  const loaded = await loadPipeline(context.settings.pipelines, ref.pipeline, opened.modelVersion)
  if (loaded.compiled.fingerprint !== opened.definition) {
    throw new DaybreakError(
      'DefinitionChanged',
      `the definition of ${ref.pipeline} changed after attempt ${ref.attempt} of ${ref.date} began`,
    )
  }
  return loaded
}
