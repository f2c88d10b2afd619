/** Duplicate keys. A blank key is no key. */
import type { LinePlace } from '../protocol/documents/input.js'
import { linePlace, type SetFile } from '../table/format.js'
import { FINDING_LINES } from './summary.js'

export interface Duplicates {
  /** Keys that occur more than once. */
  readonly keys: number
  /** Records whose key stood in an earlier record. */
  readonly records: number
  /** The first of their lines. */
  readonly lines: readonly LinePlace[]
}

/** The places of the first lines. @param set of a set of files: where each lies in the whole */
export const firstLinePlaces = (lines: readonly number[], set?: readonly SetFile[]): readonly LinePlace[] =>
  lines.slice(0, FINDING_LINES).map((line) => linePlace(set, line))
