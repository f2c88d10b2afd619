/** Types of `manifest.json`, which seals an attempt. It says how the run ended, and what its results were made from. */
import type { RuleAction, Unit } from '../../../definition/rules.js'
import type { Label, TaskKind } from '../../../definition/tasks.js'
import type { Problem } from '../errors.js'
import type { Verdict } from '../errorTable.js'
import type { AttemptRecord } from './attempt.js'
import type { InputFingerprint } from './input.js'

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
  /** Where labels that the model gives itself differ from what its scores say: of how many records that were compared. */
  readonly ownLabels?: { readonly output: string; readonly compared: number; readonly differing: number }
  /** How the results compare with those of the date's attempt before. */
  readonly comparison?: Comparison
  /** Only a held attempt has it: until when it can be approved, ISO 8601, UTC. */
  readonly holdExpiresAt?: string
  /** sha256 and size of each sealed file, by name. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>
  readonly timings: readonly StepTiming[]
}

export interface ModelFingerprint {
  readonly file: string
  readonly version: string
  /** The sha256 of the file, or of all its files together, when there are several. */
  readonly sha256: string
  /** When there are several: model, weights beside it, preprocessing steps. */
  readonly files?: readonly { readonly file: string; readonly sha256: string }[]
  readonly producer?: string
  readonly opset?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** What was changed in memory before use, in words; empty for none. */
  readonly repairs: readonly string[]
  readonly goldenRows: number
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

export interface CheckResult {
  /** One of file_exists, records_match, prediction_values_valid, probability_range_valid, no_null_predictions, no_null_probabilities. */
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

/** Compares a rerun with the attempt before it that had results. The same input, model and definition must give the same results. */
export interface Comparison {
  readonly attempt: string
  readonly sameResults: boolean
  /** What differs between the two runs; empty: nothing that may change a result. */
  readonly changed: readonly ('input' | 'model' | 'definition' | 'code')[]
}
