/**
 * Tells that a model does not fit its definition: here are the error that lists all that does not, and the words that its sentences share.
 */
import { DaybreakError } from '../protocol/errors.js'
import { didYouMean, OF_TWO_AUTHORS } from '../protocol/nearestNames.js'

/** The first problem is the message; all of them are the details. */
export function mismatch(file: string, problems: readonly string[], cause?: unknown): DaybreakError {
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new DaybreakError('ModelMismatch', `${file} does not fit the definition: ${problems[0]}${rest}`, {
    details: problems,
    place: { file },
    cause,
  })
}

export const quote = (name: string): string => JSON.stringify(name)

/** Lists labels or names, at most ten. */
export function list(labels: readonly (string | number)[]): string {
  const shown = labels.slice(0, 10).map((label) => JSON.stringify(label))
  return labels.length > 10 ? `${shown.join(', ')} … ${labels.length} in all` : shown.join(', ')
}

/** Finds what the author of the definition may call what the model calls otherwise. */
export function nearest(name: string, among: readonly string[]): string {
  return didYouMean(name, among, OF_TWO_AUTHORS)
}
