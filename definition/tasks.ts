/** What a model answers: one of two classes, one of several, or a number. Labels are derived from the model's scores. */

export type Label = string | number

export interface BinaryTask {
  readonly kind: 'binary'
  /** The class whose probability is the score. */
  readonly positive: Label
  /** The other class. @default the model's other class; 0 for a positive of 1 */
  readonly negative?: Label
  /** The word for the positive class in metrics keys, report and messages, such as `churn`. @default 'positive' */
  readonly name: string
  /** A score at or above it is predicted positive. @default 0.5 */
  readonly threshold: number
}

export interface MulticlassTask {
  readonly kind: 'multiclass'
  /** The classes in the order of the model's score columns. @default what the model file says */
  readonly classes?: readonly Label[]
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
export function binary(options: { positive: Label; negative?: Label; name?: string; threshold?: number }): BinaryTask {
  return { name: 'positive', threshold: 0.5, ...options, kind: 'binary' }
}

/** One of several classes: the one with the highest score; the first of equals. */
export function multiclass(options: { classes?: readonly Label[]; name?: string } = {}): MulticlassTask {
  return { name: 'class', ...options, kind: 'multiclass' }
}

/** A number. */
export function regression(options: { min?: number; max?: number; name?: string } = {}): RegressionTask {
  return { name: 'value', ...options, kind: 'regression' }
}
