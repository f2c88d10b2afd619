/**
 * The files of an attempt and a publication, as types. `storage/` reads and writes them, `templates/` renders them.
 * Keys of validation and metrics are the seed's snake_case names; JSON Schemas of these files are in docs/schemas.
 */
import type { RuleAction, Unit } from '../../definition/rules.js'
import type { Label, TaskKind } from '../../definition/tasks.js'
import type { Problem } from './errors.js'
import type { Verdict } from './errorTable.js'

export type RunKind = 'scheduled' | 'manual' | 'backfill'

/** Names an attempt: `<home>/<pipeline>/attempts/<date>/<attempt>/`. */
export interface AttemptRef {
  readonly pipeline: string
  /** Data date, `YYYY-MM-DD`. */
  readonly date: string
  /** `a001`, `a002`, … */
  readonly attempt: string
}

/** `attempt.json`: who the attempt is; written when it is created, never changed. */
export interface AttemptRecord extends AttemptRef {
  /** Identifies the run that owns the attempt: a retried step finds its own folder by it. */
  readonly runKey: string
  readonly kind: RunKind
  /** ISO 8601, UTC: the only clock in the results. */
  readonly startedAt: string
  /** Number of the date's newest publication when the run opened; 0 for none. */
  readonly seenPublication: number
  readonly requestedBy?: string
  readonly temporal?: TemporalIds
  /** For a local run: the process it runs in. */
  readonly process?: { readonly host: string; readonly pid: number }
  /** The input file that was given by hand. */
  readonly givenInput?: string
  /** A scheduled run's nominal time, ISO 8601, UTC. */
  readonly nominal?: string
}

export interface TemporalIds {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
  /** Base address of the server's web UI, when known. */
  readonly ui?: string
}

/** A file as it was delivered. */
export interface InputFile {
  /** Absolute path. */
  readonly path: string
  readonly bytes: number
  /** Hex sha256 of the whole file. */
  readonly sha256: string
  /** Last change, ISO 8601, UTC. */
  readonly modifiedAt: string
}

/**
 * What was frozen: the file as the run saw it when it inspected it. Of a set of files: the pattern, all bytes, the newest change, and the
 * sha256 over a line `<sha256>  <name>` for each file.
 */
export interface InputFingerprint extends InputFile {
  readonly records: number
  /** The files of a set, in order. */
  readonly files?: readonly InputFile[]
  /** How it was read when not as it stands, such as `gzip, latin1`. */
  readonly readAs?: string
}

/** A line number; of a record in a set of files `<file>:<line>`. */
export type LinePlace = number | string

export interface ModelFingerprint {
  readonly file: string
  readonly version: string
  /** Of the file; of all its files together, when there are several. */
  readonly sha256: string
  /** When there are several: model, weights beside it, steps before it. */
  readonly files?: readonly { readonly file: string; readonly sha256: string }[]
  readonly producer?: string
  readonly opset?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** What was changed in memory before use, in words; empty for none. */
  readonly repairs: readonly string[]
  readonly goldenRows: number
}

/** A problem of one kind in one column, over the whole file. */
export interface ContractFinding {
  readonly column: string
  /** Rule id such as `null`, `number.invalid`, `number.max`. */
  readonly rule: string
  readonly count: number
  /** Share of the records, 0 to 1. */
  readonly ratio: number
  /** The first 20 lines. */
  readonly lines: readonly LinePlace[]
  /** One value as seen, shortened. */
  readonly example?: string
  /** What is wrong with it, and what would help. Only `check` says it: `validation.json` has none, and its bytes count for the digest. */
  readonly reason?: string
}

/** `validation.json`: the seed's keys first, ours after. Same input, same definition: same bytes. */
export interface ValidationFile {
  readonly valid: boolean
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly statistics: {
    readonly total_records: number
    /** Blank cells by column. */
    readonly null_counts: Readonly<Record<string, number>>
    /** Records whose key stood in an earlier record. */
    readonly duplicate_count: number
  }
  readonly accounts: { readonly read: number; readonly predicted: number; readonly rejected: number }
  readonly findings: readonly ContractFinding[]
  readonly duplicates: { readonly keys: number; readonly lines: readonly LinePlace[] }
  /** Names of columns in the file that the contract does not use. */
  readonly unused_columns: readonly string[]
  readonly reject_budget: {
    readonly max_ratio: number | null
    readonly max_rows: number | null
    readonly ratio: number
    /** Limits of single rules, and the rows that broke each. */
    readonly rules?: Readonly<
      Record<string, { readonly max_ratio: number | null; readonly max_rows: number | null; readonly rows: number }>
    >
  }
}

export interface Histogram {
  /** Edges of the bins, one more than counts. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}

/**
 * `metrics.json`. A binary task named `churn` has the seed's keys: total_predictions, churn_predictions, non_churn_predictions,
 * churn_rate, avg_confidence, high_confidence_predictions, low_confidence_predictions; then rows_read, rows_rejected, ….
 */
export type MetricsFile = Readonly<Record<string, unknown>> & {
  readonly total_predictions: number
  readonly rows_read: number
  readonly rows_rejected: number
}

/** The numbers behind `metrics.json`, by name and typed. `null`: there is nothing to take a mean of, or it is not this task's. */
export interface Metrics {
  readonly rowsRead: number
  readonly rowsRejected: number
  readonly predicted: number
  /** Predictions by label, in the order of the classes; empty for regression. */
  readonly classCounts: readonly { readonly label: Label; readonly count: number }[]
  /** Binary: share predicted positive. */
  readonly positiveRate: number | null
  /** Mean probability of the predicted class. */
  readonly meanConfidence: number | null
  readonly highConfidence: number | null
  readonly lowConfidence: number | null
  /** Confidence strictly above is high; strictly below is low. */
  readonly limits: { readonly high: number; readonly low: number }
  /** Mean score (binary: of the positive class; multiclass: of the predicted class; regression: the predicted number). */
  readonly meanScore: number | null
  readonly minScore: number | null
  readonly maxScore: number | null
  /** Of the score. */
  readonly histogram: Histogram | null
}

export interface CheckResult {
  /** The seed's names: file_exists, records_match, prediction_values_valid, probability_range_valid, no_null_predictions, no_null_probabilities. */
  readonly name: string
  readonly passed: boolean
  /** What happens when it does not pass; missing in attempts of earlier versions, whose checks all refused. */
  readonly action?: RuleAction
  /** In words, with figures. */
  readonly observed: string
  readonly expected: string
}

export interface RuleResult {
  readonly rule: string
  /** For people: `Churn rate`. */
  readonly title: string
  readonly observed: number | null
  readonly below?: number
  readonly above?: number
  readonly action: RuleAction
  readonly fired: boolean
  readonly unit: Unit
}

export interface StepTiming {
  readonly step: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly ms: number
  /** Failed tries before it. */
  readonly retries: number
}

/** `manifest.json`: written last; an attempt that has one is sealed. */
export interface Manifest extends AttemptRecord {
  readonly format: 1
  readonly verdict: Verdict
  /** Why, for verdicts other than pass. */
  readonly problem?: Problem
  /** One sentence for the top of the report. */
  readonly headline: string
  readonly endedAt: string
  readonly pipelineInfo: PipelineInfo
  readonly input?: InputFingerprint
  readonly model?: ModelFingerprint
  readonly fingerprints: { readonly definition?: string; readonly contract?: string; readonly code: string }
  readonly accounts?: {
    readonly read: number
    readonly predicted: number
    readonly rejected: number
    /** Rejected before features and model, and by them; missing in attempts of earlier versions. */
    readonly invalid?: number
    readonly errors?: number
  }
  readonly microBatch?: number
  readonly checks: readonly CheckResult[]
  readonly rules: readonly RuleResult[]
  readonly warnings: readonly string[]
  /** Same input, model and definition: same digest. */
  readonly resultsDigest?: string
  /** How the results compare with those of the date's attempt before. */
  readonly comparison?: Comparison
  /** Of a held attempt: until when it can be approved. ISO 8601, UTC. */
  readonly holdExpiresAt?: string
  /** sha256 and size of each sealed file, by name. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>
  readonly timings: readonly StepTiming[]
}

/** A rerun against the attempt before it that had results. Same input, model and definition must give the same results. */
export interface Comparison {
  readonly attempt: string
  readonly sameResults: boolean
  /** What differs between the two runs; empty: nothing that may change a result. */
  readonly changed: readonly ('input' | 'model' | 'definition' | 'code')[]
}

/** `decision.json`: what somebody decided about a held attempt; created exclusively, never changed. */
export interface HoldDecision {
  readonly decision: 'approved' | 'rejected'
  /** ISO 8601, UTC. */
  readonly at: string
  readonly by: string
  readonly why: string
}

/** What report and messages need to know of the definition. */
export interface PipelineInfo {
  readonly name: string
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  readonly task?: TaskKind
  /** The word of the task, such as `churn`. */
  readonly taskName?: string
  readonly positive?: Label
  readonly threshold?: number
  /** What the model's output holds, when it is no probability. */
  readonly scores?: 'margin' | 'label'
  readonly key?: string
  readonly features?: readonly string[]
  /** `false`: the report shows keys whole. */
  readonly maskKeys?: false
  /** Where the input was expected, date filled in. */
  readonly inputPath?: string
}

/** `publications/<date>/0001.json`. */
export interface PublicationRecord {
  readonly number: number
  readonly attempt: string
  readonly at: string
  readonly by: string
  readonly why: string
  /** Hex sha256 of the attempt's manifest; missing in records of earlier versions. */
  readonly manifest?: string
}

/** A line of `events.jsonl`. */
export interface AttemptEvent {
  readonly at: string
  readonly event:
    | 'sealed'
    | 'published'
    | 'publish-refused'
    | 'approved'
    | 'rejected'
    | 'message-sending'
    | 'message-sent'
    | 'message-failed'
    | 'message-unclear'
    | 'channel-not-configured'
    | 'interrupted'
  /** Hex sha256 of the line before, without its line end; of the first line: of `attempt.json`. */
  readonly previous?: string
  /** Of `sealed`: hex sha256 of the manifest. */
  readonly manifest?: string
  /** Who approved or rejected. */
  readonly by?: string
  /** One message per key. */
  readonly key?: string
  readonly channel?: string
  readonly message?: MessageKind
  readonly detail?: string
}

export type MessageKind = 'success' | 'anomaly' | 'failure' | 'missing' | 'late' | 'held'
