/**
 * Names the results that a predictions file can have as columns, beside columns of the input. It says which of them a task gives, and which
 * are written when the definition names none.
 */
import { classifies, hasProbability, hasScore, type TaskAnswers } from './tasks.js'

/**
 * `line`: where the record begins in the input, from 1; in a set of files `<file>:<line>`. `prediction`: the class, or the number.
 * `probability`: that of the predicted class, whichever it is; in a binary task never less than that of the other at a threshold of 0.5.
 * `score`: in a binary task the probability (or margin) of the positive class; of several classes that of the predicted one.
 * `timestamp`: when the attempt began. `model_version`: as the definition or the folder names it.
 */
export const RESULT_COLUMNS = ['line', 'prediction', 'probability', 'score', 'timestamp', 'model_version'] as const
export type ResultColumn = (typeof RESULT_COLUMNS)[number]

/** `probability.<class>`: the probability of one class, whichever is predicted. */
export type ClassColumn = `probability.${string}`

const CLASS_COLUMN = /^probability\.(.+)$/s

/** The class whose probability a column of this name would hold. */
export const classOf = (column: string): string | undefined => CLASS_COLUMN.exec(column)?.[1]

/** Lists the results that a task gives. A number is its own score, so it has no column of that name. */
export function resultsOf(task: TaskAnswers): readonly ResultColumn[] {
  const given = { probability: hasProbability(task), score: classifies(task) && hasScore(task) }
  return RESULT_COLUMNS.filter((name) => !(name in given) || given[name as keyof typeof given])
}

/** Lists those that are written when the definition names none. One of probability and score is enough. */
export function usualResults(task: TaskAnswers, format: 'csv' | 'jsonl'): readonly ResultColumn[] {
  const given = resultsOf(task)
  const scores = (['probability', 'score'] as const).filter((name) => given.includes(name)).slice(0, 1)
  return ['prediction', ...scores, 'timestamp', ...(format === 'jsonl' ? (['model_version'] as const) : [])]
}
