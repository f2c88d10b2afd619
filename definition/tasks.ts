/** What a model answers: one of two classes, one of several, or a number. Labels are derived from the model's scores. */

export type Label = string | number

/**
 * What a classifier's output holds: probabilities from 0 to 1; logits, of which the logistic function (softmax for several classes)
 * makes probabilities; margins, which order records and have no scale; or the labels themselves, without any score.
 */
export type ScoreKind = 'probability' | 'logit' | 'margin' | 'label'

export interface BinaryTask {
  readonly kind: 'binary'
  /** The class whose probability is the score. */
  readonly positive: Label
  /** The other class. @default the model's other class; 0 for a positive of 1 */
  readonly negative?: Label
  /** The word for the positive class in metrics keys, report and messages, such as `churn`. @default 'positive' */
  readonly name: string
  /** A score at or above it is predicted positive. @default 0.5; of margins 0 */
  readonly threshold: number
  /** @default 'probability' */
  readonly scores?: ScoreKind
}

export interface MulticlassTask {
  readonly kind: 'multiclass'
  /** The classes in the order of the model's score columns. @default what the model file says */
  readonly classes?: readonly Label[]
  /** @default 'probability' */
  readonly scores?: ScoreKind
  /** The word for what is predicted. @default 'class' */
  readonly name: string
}

export interface RegressionTask {
  readonly kind: 'regression'
  /** A smaller prediction rejects its row. */
  readonly min?: number
  /** A larger prediction rejects its row. */
  readonly max?: number
  /** The word for what is predicted. @default 'value' */
  readonly name: string
}

export type Task = BinaryTask | MulticlassTask | RegressionTask
export type TaskKind = Task['kind']

/** One of two classes. */
export function binary(options: { positive: Label; negative?: Label; name?: string; threshold?: number; scores?: ScoreKind }): BinaryTask {
  return { name: 'positive', threshold: options.scores === 'margin' ? 0 : 0.5, ...options, kind: 'binary' }
}

/** One of several classes: the one with the highest score; the first of equals. */
export function multiclass(options: { classes?: readonly Label[]; name?: string; scores?: ScoreKind } = {}): MulticlassTask {
  return { name: 'class', ...options, kind: 'multiclass' }
}

/** A number. */
export function regression(options: { min?: number; max?: number; name?: string } = {}): RegressionTask {
  return { name: 'value', ...options, kind: 'regression' }
}

/** Are there probabilities? Not for numbers, margins and bare labels. */
export const hasProbability = (task: Task): boolean => task.kind !== 'regression' && (task.scores ?? 'probability') in PROBABLE

const PROBABLE: Readonly<Partial<Record<ScoreKind, true>>> = { probability: true, logit: true }

/** Is there a score at all? Not for bare labels. */
export const hasScore = (task: Task): boolean => task.kind === 'regression' || task.scores !== 'label'
