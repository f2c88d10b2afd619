/**
 * What the steps work with: settings, the scoring threads and the product's own fingerprint. Made once per process by the worker
 * or by a local run; nothing here knows Temporal.
 */
import { join } from 'node:path'
import type { Label } from '../definition/tasks.js'
import type { Duplicates } from '../engine/batch/duplicateKeys.js'
import type { PartitionRange } from '../engine/batch/planPartitions.js'
import type { ScoringPool } from '../engine/batch/scoringPool.js'
import type { TableSummary } from '../engine/batch/summary.js'
import { type LoadedPipeline, loadPipeline } from '../engine/loader/loadPipeline.js'
import type { Settings } from '../engine/loader/settings.js'
import type {
  AttemptRecord,
  AttemptRef,
  CheckResult,
  InputFingerprint,
  Manifest,
  Metrics,
  ModelFingerprint,
  RuleResult,
} from '../engine/protocol/documents.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { readAttempt, readWork } from '../engine/storage/attempts.js'
import { layout } from '../engine/storage/layout.js'
import { predictionsNames, rejectsName } from '../engine/storage/predictionFiles.js'
import type { Header, SetFile } from '../engine/table/format.js'

export interface StepContext {
  readonly settings: Settings
  readonly pool: ScoringPool
  /** Fingerprint of the product's code. */
  readonly code: string
  /** For whoever watches the worker. */
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
  /** Of the error table. */
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

/** Names of the working files that steps leave for each other inside the attempt. */
export const WORK = {
  opened: 'opened.json',
  plan: 'plan.json',
  assembled: 'assembled.json',
  checks: 'checks.json',
  hashes: 'hashes.json',
  rules: 'rules.json',
  excerpt: 'excerpt.json',
} as const

export interface OpenedWork {
  /** Fingerprint of the definition the run opened with. */
  readonly definition: string
  /** The version of the model; of `latest` the one that was found then. */
  readonly modelVersion?: string
}

export interface PlanWork {
  readonly input: InputFingerprint
  readonly model: ModelFingerprint
  readonly contract: string
  readonly header: Header
  readonly positions: Readonly<Record<string, number>>
  /** The text file that records are read from: the input itself, or what was made of it in the working folder. */
  readonly file: string
  /** Of a set of files: where each lies in the whole. */
  readonly set?: readonly SetFile[]
  readonly unused: readonly string[]
  readonly microBatch: number
  /** Labels of the model, as predictions are written. */
  readonly classes: readonly Label[]
  readonly partitions: readonly PartitionRange[]
  /** Partitions that one call of a step scores. */
  readonly stretch: number
  /** Fingerprint of the product that inspected the input. */
  readonly code: string
  /** Folder of the parts, below the working folder: named by all fingerprints, so that parts of other code are never taken. */
  readonly parts: string
}

export interface AssembledWork {
  readonly table: Omit<TableSummary, 'batches' | 'findings' | 'profile'>
  readonly duplicates: Duplicates
  /** Bytes of predictions of each part. */
  readonly partBytes: readonly number[]
  readonly metrics: Metrics
  readonly warnings: readonly string[]
  readonly resultsDigest: string
}

export type ChecksWork = readonly CheckResult[]
/** Of the predictions, as they were checked. */
export type HashesWork = Manifest['files']
export type RulesWork = readonly RuleResult[]

/** Lines of the input that a problem shows: kept on disk, because Temporal's history must not have them. */
export interface ExcerptWork {
  readonly message: string
  readonly excerpt: readonly string[]
}

/** What a promise came to, once all those beside it have come to something too. @throws what it was rejected with */
export function settledValue<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}

/** The record of an attempt that must be there. */
export async function attemptRecord(context: StepContext, ref: AttemptRef): Promise<AttemptRecord> {
  const record = await readAttempt(context.settings.home, ref)
  if (!record) {
    throw new DaybreakError(
      'StorageDamaged',
      `${layout.attempt(context.settings.home, ref)} is not there: do worker and client share one home?`,
    )
  }
  return record
}

/** The plan of a run, for a step that works by it. @throws CodeChanged when another version of the product made it */
export async function currentPlan(context: StepContext, ref: AttemptRef): Promise<PlanWork> {
  const plan = await readWork<PlanWork>(context.settings.home, ref, WORK.plan)
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
  const opened = await readWork<OpenedWork>(context.settings.home, ref, WORK.opened)
  const loaded = await loadPipeline(context.settings.pipelines, ref.pipeline, opened.modelVersion)
  if (loaded.compiled.fingerprint !== opened.definition) {
    throw new DaybreakError(
      'DefinitionChanged',
      `the definition of ${ref.pipeline} changed after attempt ${ref.attempt} of ${ref.date} began`,
    )
  }
  return loaded
}

/** Where predictions and rejects of an attempt go, in record order. */
export function outputFiles(folder: string, { output }: Pick<LoadedPipeline['definition'], 'output'>) {
  const format = output?.format ?? 'csv'
  return {
    format,
    predictions: predictionsNames(format, output?.shards).map((name) => join(folder, name)),
    rejects: join(folder, rejectsName(format)),
  }
}

/** What became of the records: read = predicted + rejected, and rejected = invalid + errors. */
export function accountsOf({ records, predicted, rejected, invalid }: AssembledWork['table']) {
  return { read: records, predicted, rejected, invalid, errors: rejected - invalid }
}
