/** Duplicate keys. A blank key is no key. */
import type { Place } from '../protocol/documents.js'
import { placeOf, type SetFile } from '../table/format.js'
import { FINDING_LINES } from './summary.js'

export interface Duplicates {
  /** Keys that occur more than once. */
  readonly keys: number
  /** Records whose key stood in an earlier record. */
  readonly records: number
  /** The first of their lines. */
  readonly lines: readonly Place[]
}

/** The places of the first lines. @param set of a set of files: where each lies in the whole */
export const firstPlaces = (lines: readonly number[], set?: readonly SetFile[]): readonly Place[] =>
  lines.slice(0, FINDING_LINES).map((line) => placeOf(set, line))
