/** Duplicate keys. A blank key is no key. */
import type { Place } from '../definition/records.js'
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

/** Keys seen, and those seen again: all of them in memory, for a look at a file before it is scored. */
export class KeyCounter {
  private readonly seen = new Map<string, boolean>()
  private readonly lines: number[] = []
  private keys = 0
  private records = 0

  add(key: string, line: number): void {
    if (key.trim() === '') return
    const doubled = this.seen.get(key)
    this.seen.set(key, doubled !== undefined)
    if (doubled === undefined) return
    this.records += 1
    if (!doubled) this.keys += 1
    if (this.lines.length < FINDING_LINES) this.lines.push(line)
  }

  duplicates(set?: readonly SetFile[]): Duplicates {
    return { keys: this.keys, records: this.records, lines: firstPlaces(this.lines, set) }
  }
}
