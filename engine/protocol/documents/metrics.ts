/**
 * Types of `metrics.json`, and of the numbers behind it. Keys of the file are snake_case for readers of other languages; docs/schemas has
 * its JSON Schema.
 */
import type { Label } from '../../../definition/tasks.js'

export interface Histogram {
  /** Edges of the bins, one more than counts. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}

/**
 * A binary task named `churn` has the keys total_predictions, churn_predictions, non_churn_predictions,
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
  /** How the scores are spread. */
  readonly histogram: Histogram | null
}
