/**
 * A task says what a model answers: one of two classes, one of several, or a number. Labels are derived from the model's scores. What
 * several rooms conclude from the kind of a task is declared here, so that they cannot conclude differently.
 */

export type Label = string | number

/**
 * What a classifier's output holds: probabilities from 0 to 1; logits, of which the logistic function (softmax for several classes)
 * makes probabilities; margins, which order records and have no scale; or the labels themselves, without any score.
 */
export type ScoreKind = 'probability' | 'logit' | 'margin' | 'label'

/**
 * What two columns of logits are. `mirrored`: -z and z, the log-odds twice, of which each is a probability by the logistic function.
 * `separate`: two numbers of which softmax makes probabilities. Softmax of mirrored ones would count z twice.
 */
export const LOGIT_COLUMNS = ['mirrored', 'separate'] as const
export type LogitColumns = (typeof LOGIT_COLUMNS)[number]

export interface BinaryTask {
  readonly kind: 'binary'
  /** The class whose probability is the score. */
  readonly positive: Label
  /** The other class. @default the model's other class; 0 for a positive of 1 */
  readonly negative?: Label
  /**
   * Both classes in the order of the model's score columns; one column alone is about the second. @default what the model file says; of
   * labels 0 and 1, in this order
   */
  readonly classes?: readonly Label[]
  /** The word for the positive class in metrics keys, report and messages, such as `churn`. @default 'positive' */
  readonly name: string
  /** A score at or above it is predicted positive. @default 0.5; of margins 0 */
  readonly threshold: number
  /** @default 'probability' */
  readonly scores?: ScoreKind
  /** Of two columns of logits. @default mirrored when they add up to 0 whatever the model is given */
  readonly logits?: LogitColumns
}

export interface MulticlassTask {
  readonly kind: 'multiclass'
  /** The classes in the order of the model's score columns. @default what the model file says */
  readonly classes?: readonly Label[]
  /** @default 'probability' */
  readonly scores?: ScoreKind
  /** Of two columns of logits. @default mirrored when they add up to 0 whatever the model is given */
  readonly logits?: LogitColumns
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

/** The model answers with one of two classes. */
export function binary(options: {
  positive: Label
  negative?: Label
  classes?: readonly Label[]
  name?: string
  threshold?: number
  scores?: ScoreKind
  logits?: LogitColumns
}): BinaryTask {
  return { name: 'positive', threshold: options.scores === 'margin' ? 0 : 0.5, ...options, kind: 'binary' }
}

/** The model answers with one of several classes: the one with the highest score, the first of equals. */
export function multiclass(
  options: { classes?: readonly Label[]; name?: string; scores?: ScoreKind; logits?: LogitColumns } = {},
): MulticlassTask {
  return { name: 'class', ...options, kind: 'multiclass' }
}

/** The model answers with a number. */
export function regression(options: { min?: number; max?: number; name?: string } = {}): RegressionTask {
  return { name: 'value', ...options, kind: 'regression' }
}

export interface TaskFacts {
  /** Does it answer with one of its classes? Otherwise with a number, which is prediction and score in one. */
  readonly classifies: boolean
  /** Does one class stand out, which word, rate, threshold and score are about? */
  readonly hasPositive: boolean
}

export const TASK_FACTS = {
  binary: { classifies: true, hasPositive: true },
  multiclass: { classifies: true, hasPositive: false },
  regression: { classifies: false, hasPositive: false },
} as const satisfies Readonly<Record<TaskKind, TaskFacts>>

const SCORE_FACTS = {
  probability: { isScore: true, isProbable: true },
  logit: { isScore: true, isProbable: true },
  margin: { isScore: true, isProbable: false },
  label: { isScore: false, isProbable: false },
} as const satisfies Readonly<Record<ScoreKind, { readonly isScore: boolean; readonly isProbable: boolean }>>

/** As much of a task as says what its answers are made of. */
export interface TaskAnswers {
  readonly kind: TaskKind
  readonly scores?: ScoreKind
}

export const isTaskKind = (kind: unknown): kind is TaskKind => typeof kind === 'string' && Object.hasOwn(TASK_FACTS, kind)
export const isScoreKind = (kind: unknown): kind is ScoreKind => typeof kind === 'string' && Object.hasOwn(SCORE_FACTS, kind)

/** What the output of the model holds. A number is taken as it stands, like a probability. */
export const scoreKind = ({ scores = 'probability' }: TaskAnswers): ScoreKind => scores

export const classifies = ({ kind }: TaskAnswers): boolean => TASK_FACTS[kind].classifies

/** Are there probabilities? Not for numbers, margins and bare labels. */
export const hasProbability = (task: TaskAnswers): boolean => classifies(task) && SCORE_FACTS[scoreKind(task)].isProbable

/** Is there a score at all? Not for bare labels. */
export const hasScore = (task: TaskAnswers): boolean => !classifies(task) || SCORE_FACTS[scoreKind(task)].isScore

/** Answers with the task when one of its classes stands out. */
export const withPositive = (task: Task): BinaryTask | undefined => (task.kind === 'binary' ? task : undefined)

/** The limits that a prediction must keep. */
export const predictionLimits = (task: Task): Pick<RegressionTask, 'min' | 'max'> => (task.kind === 'regression' ? task : {})
