/** What is told of duplicate keys. A blank key is no key, so blank keys are never duplicates. */
import type { LinePlace } from '../protocol/documents/input.js'
import { linePlace, type SetFile } from '../table/format.js'
import { FINDING_LINES } from './summary.js'

export interface Duplicates {
  /** Keys that occur more than once. */
  readonly keys: number
  /** Records whose key occurs in an earlier record. */
  readonly records: number
  /** Where the first of those records begin. */
  readonly lines: readonly LinePlace[]
}

/** Gives the places of the first lines, as many as a finding has. @param set the files of a set; left out when the input is one file */
export const firstLinePlaces = (lines: readonly number[], set?: readonly SetFile[]): readonly LinePlace[] =>
  lines.slice(0, FINDING_LINES).map((line) => linePlace(set, line))
