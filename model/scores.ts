/**
 * Turns the numbers a model gives for each slot into score, label and confidence. Labels follow from the probabilities: a model's own
 * label output is not trusted, because legal models are known whose labels contradict their probabilities.
 */
import type { FeedPlan } from './plan.js'

/** By slot. */
export interface Scores {
  /** Binary: probability of the positive class; multiclass: of the predicted class; regression: the number. */
  readonly score: Float32Array | Float64Array
  /** Probability of the predicted class; NaN for regression. */
  readonly confidence: Float32Array | Float64Array
  /** Index into the classes; -1 where the model gave NaN or Infinity; 0 for regression. */
  readonly label: Int32Array
}

export function allocateScores(plan: FeedPlan, slots: number): Scores {
  const create = () => (plan.scores.type === 'float64' ? new Float64Array(slots) : new Float32Array(slots))
  return { score: create(), confidence: create(), label: new Int32Array(slots) }
}

/** Reads the rows of `data` into `scores`, the first row into slot `start`. */
export function readScores(plan: FeedPlan, data: Float32Array | Float64Array, start: number, scores: Scores): void {
  const { width } = plan.scores
  const rows = data.length / width
  for (let row = 0; row < rows; row++) {
    const slot = start + row
    const label = labelOf(plan, data, row * width)
    scores.label[slot] = label
    scores.score[slot] = data[row * width + scoreColumn(plan, label)]!
    scores.confidence[slot] = label < 0 ? Number.NaN : confidenceOf(plan, data, row * width, label)
  }
}

/** Index of the predicted class of the row at `at`. */
function labelOf(plan: FeedPlan, data: Float32Array | Float64Array, at: number): number {
  const { width } = plan.scores
  for (let column = 0; column < width; column++) if (!Number.isFinite(data[at + column])) return -1
  if (plan.task.kind === 'regression') return 0
  if (plan.task.kind === 'binary') {
    const score = data[at + (width === 1 ? 0 : plan.positive)]!
    return score >= plan.task.threshold ? plan.positive : 1 - plan.positive
  }
  let best = 0
  for (let column = 1; column < width; column++) if (data[at + column]! > data[at + best]!) best = column
  return best
}

function scoreColumn(plan: FeedPlan, label: number): number {
  if (plan.scores.width === 1) return 0
  return plan.task.kind === 'binary' ? plan.positive : Math.max(label, 0)
}

function confidenceOf(plan: FeedPlan, data: Float32Array | Float64Array, at: number, label: number): number {
  if (plan.task.kind === 'regression') return Number.NaN
  if (plan.scores.width > 1) return data[at + label]!
  // Storing into the array of results rounds to the model's own precision.
  return label === plan.positive ? data[at]! : 1 - data[at]!
}
