/**
 * Counts the different values of a column while they are few, and says whether they are a list that tomorrow's file will keep to. A category rejects
 * whatever is not on its list, so it needs evidence; what may differ tomorrow is text. Bounded memory.
 */

/** So many distinct values are kept; more are no category. */
const MOST_VALUES = 30
const LONGEST = 60
/** There must be so many records for each value. */
const RECORDS_A_VALUE = 10

const TIME = /\d:[0-5]\d/
const DATE = /\d[-./]\d{1,2}[-./]\d|\d[-./ ]?q[1-4]\b|\bq[1-4][-./ ]?\d|\bw\d{1,2}\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,? .*\d/i
const MONTH =
  /(?:\b|\d)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-./, ]*\d|\d[-./ ]*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i
/** An invoice, a year or an amount has one. */
const LONG_NUMBER = /\d{4}/

interface Count {
  times: number
  /** Number of the last file that has the value, and number of files that have it. */
  last: number
  files: number
}

/** The answer is a list, or the words for why there is none. */
export type ValueList = { readonly values: readonly string[] } | { readonly why: string | undefined }

export class ValueCounts {
  private readonly counts = new Map<string, Count>()
  private records = 0
  private file = 0
  private longest = 0

  /** Says that the values of the next file follow. */
  nextFile(): void {
    this.file += 1
  }

  add(text: string): void {
    this.records += 1
    this.longest = Math.max(this.longest, text.length)
    if (this.counts.size > MOST_VALUES || text.length > LONGEST) return
    const known = this.counts.get(text)
    if (!known) this.counts.set(text, { times: 1, last: this.file, files: 1 })
    else {
      known.times += 1
      if (known.last !== this.file) known.files += 1
      known.last = this.file
    }
  }

  /** Gives the values as a list that can be declared. */
  list(): ValueList {
    const { size } = this.counts
    if (size === 0 || size > MOST_VALUES || this.longest > LONGEST || size === this.records) return { why: undefined }
    const values = [...this.counts.keys()].sort()
    const why = this.whyNoList(values)
    return why === undefined ? { values } : { why }
  }

  private whyNoList(values: readonly string[]): string | undefined {
    const [one, ...more] = values
    if (values.some((text) => TIME.test(text))) return 'times: tomorrow there are others'
    if (values.some((text) => DATE.test(text) || MONTH.test(text))) return 'dates or times in words: tomorrow there are others'
    if (values.some((text) => LONG_NUMBER.test(text))) return 'long numbers in its values: tomorrow there may be others'
    if (more.length === 0) return `${JSON.stringify(one)} in every record: nothing says what else there is`
    const counts = [...this.counts.values()]
    const single = counts.filter(({ times }) => times === 1).length
    if (single > 0) return `${values.length} values, of which ${single} once: tomorrow there may be others`
    if (this.records < RECORDS_A_VALUE * values.length) return `${values.length} values in ${this.records} records: too few to tell a list`
    const inOneFile = this.file > 1 ? counts.filter(({ files }) => files === 1).length : 0
    return inOneFile > 0 ? `${values.length} values, of which ${inOneFile} in one file alone: tomorrow there may be others` : undefined
  }
}
