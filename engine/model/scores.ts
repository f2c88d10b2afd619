/**
 * Turns the numbers a model gives for each slot into score, label and confidence. Labels follow from the scores: a model's own label
 * output is not trusted, because legal models are known whose labels contradict their probabilities. Only a model that gives nothing
 * but labels is taken at its word.
 */
import type { Label } from '../../definition/tasks.js'
import type { FeedPlan } from './plan.js'

/** By slot. */
export interface Scores {
  /** Binary: probability (or margin) of the positive class; multiclass: of the predicted class; regression: the number; of labels NaN. */
  readonly score: Float32Array | Float64Array
  /** Probability of the predicted class; NaN where there is none. */
  readonly confidence: Float32Array | Float64Array
  /** Index into the classes; -1 where the model gave NaN, Infinity or a label that is none of them; 0 for regression. */
  readonly label: Int32Array
  /**
   * When they were asked for: the labels that the model gives itself, as indexes into the classes; -1 for what is none of them, `NOT_ASKED`
   * in a run that did not.
   */
  readonly own?: Int32Array
  /** When they were asked for: the probabilities of each class, in the order of the classes. */
  readonly byClass?: readonly (Float32Array | Float64Array)[]
}

export const NOT_ASKED = -2

/** What is kept of an answer beside what every prediction has. */
export interface ScoreWishes {
  /** The labels too that the model gives itself, if it does. @default false */
  readonly ownLabels?: boolean
  /** The probabilities of all classes. @default false */
  readonly byClass?: boolean
}

/** What the runtime gives for an output. */
export type ScoreData = ArrayLike<number> | ArrayLike<bigint> | ArrayLike<string>

export function allocateScores(plan: FeedPlan, slots: number, { ownLabels = false, byClass = false }: ScoreWishes): Scores {
  const create = () => (plan.scores.type === 'float32' ? new Float32Array(slots) : new Float64Array(slots))
  return {
    score: create(),
    confidence: create(),
    label: new Int32Array(slots),
    ...(ownLabels && plan.ownLabels.length > 0 ? { own: new Int32Array(slots) } : {}),
    ...(byClass ? { byClass: plan.classes.map(create) } : {}),
  }
}

/** Reads labels, the first one into slot `start`. */
export function readLabels(classes: readonly Label[], data: ScoreData, start: number, labels: Int32Array): void {
  const names = classes.map(String)
  for (let row = 0; row < data.length; row++) labels[start + row] = names.indexOf(String(data[row]))
}

/** Reads the rows of `data` into `scores`, the first row into slot `start`. */
export function readScores(plan: FeedPlan, data: ScoreData, start: number, scores: Scores): void {
  const { width, kind, mirrored = false } = plan.scores
  const rows = data.length / width
  if (kind === 'label') {
    readLabels(plan.classes, data, start, scores.label)
    scores.score.fill(Number.NaN, start, start + rows)
    scores.confidence.fill(Number.NaN, start, start + rows)
    return
  }
  if (plan.task.kind === 'binary' && kind === 'probability' && width === 2 && data instanceof Float32Array && !scores.byClass) {
    readPairs(plan.positive, plan.task.threshold, data, start, scores)
    return
  }
  const numbers = asNumbers(data)
  const probabilities = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    if (kind === 'logit') fillProbabilities(numbers, row * width, probabilities, mirrored)
    const [values, at] = kind === 'logit' ? [probabilities, 0] : [numbers, row * width]
    const slot = start + row
    const label = labelOf(plan, values, at)
    scores.label[slot] = label
    scores.score[slot] = values[at + scoreColumn(plan, label)]!
    scores.confidence[slot] = label < 0 ? Number.NaN : confidenceOf(plan, values, at, label)
    scores.byClass?.forEach((probability, index) => {
      probability[slot] = confidenceOf(plan, values, at, index)
    })
  }
}

/** The usual pair of probabilities, read as the rest of this file would: it is read for every row of a day. */
function readPairs(positive: number, threshold: number, data: Float32Array, start: number, scores: Scores): void {
  const { score, confidence, label } = scores
  for (let row = 0; row < data.length / 2; row++) {
    const pair = 2 * row
    const value = data[pair + positive]!
    const finite = data[pair]! - data[pair]! === 0 && data[pair + 1]! - data[pair + 1]! === 0
    const chosen = finite ? (value >= threshold ? positive : 1 - positive) : -1
    label[start + row] = chosen
    score[start + row] = value
    confidence[start + row] = chosen < 0 ? Number.NaN : data[pair + chosen]!
  }
}

/** Whole numbers that a number cannot hold exactly become NaN, which rejects their row. */
function asNumbers(data: ScoreData): ArrayLike<number> {
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return data as ArrayLike<number>
  return Float64Array.from(data, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : Number.NaN))
}

/** Logistic function of one logit and of mirrored ones, softmax of several; the largest is taken off first, so that nothing overflows. */
function fillProbabilities(data: ArrayLike<number>, at: number, probabilities: Float64Array, mirrored: boolean): void {
  if (probabilities.length === 1 || mirrored) {
    for (let column = 0; column < probabilities.length; column++) probabilities[column] = 1 / (1 + Math.exp(-data[at + column]!))
    return
  }
  let [most, sum] = [Number.NEGATIVE_INFINITY, 0]
  for (let column = 0; column < probabilities.length; column++) most = Math.max(most, data[at + column]!)
  for (let column = 0; column < probabilities.length; column++) sum += probabilities[column] = Math.exp(data[at + column]! - most)
  for (let column = 0; column < probabilities.length; column++) probabilities[column]! /= sum
}

/** Index of the predicted class of the row at `at`. */
function labelOf(plan: FeedPlan, data: ArrayLike<number>, at: number): number {
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

function confidenceOf(plan: FeedPlan, data: ArrayLike<number>, at: number, label: number): number {
  if (plan.task.kind === 'regression' || plan.scores.kind === 'margin') return Number.NaN
  if (plan.scores.width > 1) return data[at + label]!
  // Storing into the array of results rounds to the model's own precision.
  return label === plan.positive ? data[at]! : 1 - data[at]!
}
