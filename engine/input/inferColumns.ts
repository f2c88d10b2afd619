/**
 * Infers the columns of a contract from the values of a file, or of several: for each column the narrowest declaration that reads every
 * value, with the evidence. Of what the values do not decide the plainest declaration is proposed, with the doubt in words. Bounded memory.
 */
import { type Column, column } from '../../definition/columns.js'
import { hasOffset } from '../../definition/dateFormat.js'
import { day } from '../../definition/dates.js'
import { type Candidate, candidatesFor, isDate, isNumeric, literal, reads, takes, type ValueKind, written } from './columnCandidates.js'
import { ValueCounts } from './valueCounts.js'

export interface InferredColumn {
  /** The declaration, such as `column.number({ nullable: true })`. */
  readonly code: string
  readonly declared: Column<unknown>
  /** What speaks for it, in words: ranges, blanks, other ways to read it. */
  readonly evidence: readonly string[]
  readonly blanks: number
  /** In each file no value occurs twice and none is blank. */
  readonly unique: boolean
  /** Its values count the records, from 0 or from 1. */
  readonly counting: boolean
}

/** This mark stands before the fractions of numbers. */
export type DecimalMark = 'point' | 'comma'

/** This part stands first in days such as 01/02/2026. */
export type FirstPart = 'day' | 'month'

/** The columns of a file prove this together. What they do not prove, or prove both ways, is left out. */
export interface Proven {
  readonly mark?: DecimalMark | undefined
  readonly first?: FirstPart | undefined
}

export function provenBy(columns: readonly ColumnEvidence[]): Proven {
  return { mark: onlyOne(columns.map((one) => one.provenMark())), first: onlyOne(columns.map((one) => one.provenFirst())) }
}

function onlyOne<T>(all: readonly (T | undefined)[]): T | undefined {
  const different = new Set(all.filter((one) => one !== undefined))
  return different.size === 1 ? [...different][0] : undefined
}

/** So many values are kept to see whether one occurs twice. Fractions are no keys, so fewer of them are kept. */
const MOST_DISTINCT = 500_000
const MOST_FRACTIONS = 1000
/** People write these between numbers for a blank. */
const BLANKS = new Set([
  '?',
  'NA',
  'N/A',
  'n/a',
  'NaN',
  'nan',
  'NULL',
  'null',
  'None',
  'none',
  '-',
  '--',
  '.',
  'unknown',
  'Unknown',
  '#N/A',
  '(null)',
])

/** Texts that all candidates for numbers read alike, whatever marks they declare; and those that all read alike with a point as mark. */
const WHOLE = /^-?(?:0|[1-9]\d{0,14})$/
const POINTED = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/

/** Days of these years may be written as numbers of eight digits; other numbers are none. */
const [FIRST_DAY, LAST_DAY] = [day('1900-01-01'), day('2100-12-31')]
const DATE_WORDS = /(?:^|[^a-z])(?:date|day|dt|datum|tag|fecha|jour)(?:$|[^a-z])/i
const DATE_ENDS = /[a-z](?:Date|Day|Dt)(?:$|[A-Z_])/
const isNamedAsDate = (name: string) => DATE_WORDS.test(name) || DATE_ENDS.test(name)

/** Collects what is seen of one column, and infers its declaration. */
export class ColumnEvidence {
  /** Candidates that read every value so far; none are known before the first value. */
  private left: readonly Candidate[] | undefined
  private readonly values = new ValueCounts()
  private distinct: Set<string> | undefined = new Set()
  private readonly wordBlanks = new Map<string, number>()
  private count = 0
  private blanks = 0
  private padded = 0
  private longest = 0
  private leadingZero = false
  private manyDigits = false
  private exponent: string | undefined
  /** The first value that has a point or a comma in it. */
  private marked: string | undefined
  /** Number of records of this file so far. */
  private fileCount = 0
  /** The first value, when the values count the records of each file. */
  private countsFrom: number | undefined
  private counting = true
  /** Texts that all remaining candidates read alike, so that none has to be tried. */
  private alike: RegExp | undefined
  /** Least and most of the numbers that were read alike. */
  private least = Number.POSITIVE_INFINITY
  private most = Number.NEGATIVE_INFINITY

  /** Says that the values of the next file follow. What is unique is so within a file: a key comes again every day. */
  nextFile(): void {
    this.values.nextFile()
    this.distinct &&= new Set()
    this.fileCount = 0
  }

  add(text: string, kind: ValueKind = 'cell'): void {
    this.count += 1
    this.fileCount += 1
    const trimmed = text.trim()
    if (trimmed === '') {
      this.blanks += 1
      return
    }
    this.longest = Math.max(this.longest, text.length)
    const isBlankWord = kind === 'cell' && BLANKS.has(trimmed)
    if (text !== trimmed) this.padded += 1
    this.values.add(text)
    this.compare(text)
    if ((kind === 'cell' || kind === 'number') && this.alike?.test(text)) {
      this.least = Math.min(this.least, Number(text))
      this.most = Math.max(this.most, Number(text))
    } else if (isBlankWord) this.wordBlanks.set(trimmed, (this.wordBlanks.get(trimmed) ?? 0) + 1)
    else this.narrow(text, trimmed, kind)
  }

  /** Sees whether the value occurred before, and whether it counts the records. */
  private compare(text: string): void {
    const most = this.left?.[0]?.column.kind === 'number' ? MOST_FRACTIONS : MOST_DISTINCT
    if (this.distinct?.has(text) || (this.distinct?.size ?? 0) >= most) this.distinct = undefined
    this.distinct?.add(text)
    if (!this.counting) return
    this.countsFrom ??= text === '0' ? 0 : 1
    this.counting = text === String(this.countsFrom + this.fileCount - 1)
  }

  /** Takes out the candidates that do not read the text. */
  private narrow(text: string, trimmed: string, kind: ValueKind): void {
    if (/^[+-]?0\d+$/.test(trimmed)) this.leadingZero = true
    if (/^[+-]?\d{16,}$/.test(trimmed) && !Number.isSafeInteger(Number(trimmed))) this.manyDigits = true
    if (kind === 'cell' && /^\d+e\d+$/i.test(trimmed)) this.exponent ??= trimmed
    if (/[.,]/.test(trimmed)) this.marked ??= trimmed
    if (this.left?.length === 0) return
    this.left = (this.left ?? candidatesFor(text, kind)).filter((one) => takes(one, kind) && reads(one, text))
    if (!this.left.every(isNumeric)) return
    this.alike = this.left.every(({ column: { kind, decimal } }) => kind === 'number' && decimal !== ',') ? POINTED : WHOLE
  }

  /** Says which mark stands before this column's fractions, where its own values leave no other. */
  provenMark(): DecimalMark | undefined {
    const [points, commas] = this.byMark()
    if (this.marked === undefined || points.length > 0 === commas.length > 0) return undefined
    return points.length > 0 ? 'point' : 'comma'
  }

  /** Says which part stands first in this column's days, where its own values leave no other way. */
  provenFirst(): FirstPart | undefined {
    const dates = (this.left ?? []).filter(isDate)
    const first = dates[0] && firstPart(dates[0].column)
    return dates.every(({ column }) => firstPart(column) === first) ? first : undefined
  }

  /** Sorts the remaining candidates for numbers by the mark before a fraction. */
  private byMark(): readonly [points: readonly Candidate[], commas: readonly Candidate[]] {
    const numbers = this.leadingZero || this.manyDigits ? [] : (this.left ?? []).filter(isNumeric)
    return [numbers.filter(({ column }) => column.decimal !== ','), numbers.filter(({ column }) => column.decimal === ',')]
  }

  /** Gives the declaration that fits all cells so far. @param name of the column: a number that may be a day is one when it is called so. @param proven by all columns of the file */
  infer(name = '', proven: Proven = {}): InferredColumn {
    const spelled = [...this.wordBlanks.values()].reduce((sum, times) => sum + times, 0)
    const unique = this.distinct !== undefined && this.blanks === 0 && this.count > 0
    const more = { blanks: this.blanks, unique, counting: this.counting && this.count > 0 && this.blanks === 0 }
    if (this.count - this.blanks - spelled === 0) return { ...this.asText(unique), ...more }
    const [points, commas] = this.byMark()
    const digits = (this.left ?? []).find((one) => isDigits(one) && one.least >= FIRST_DAY && one.most <= LAST_DAY)
    const numeric = points.length + commas.length > 0
    // One value alone may be any number, unless the column is called as days are.
    if (digits && (digits.least < digits.most || isNamedAsDate(name)))
      return {
        ...this.typed(digits, spelled, [`a day in every record; ${numeric ? 'column.integer()' : 'column.text()'} if it is none`]),
        ...more,
      }
    if (numeric) return { ...this.asNumber(points, commas, spelled, proven.mark, digits), ...more }
    const others = (this.left ?? []).filter((one) => !isNumeric(one) && !isDigits(one))
    const best = others.find(({ column }) => proven.first !== undefined && firstPart(column) === proven.first) ?? others[0]
    return { ...(best ? this.typed(best, spelled, this.dateWords(best, proven)) : this.asText(unique)), ...more }
  }

  private asNumber(
    points: readonly Candidate[],
    commas: readonly Candidate[],
    spelled: number,
    proven: DecimalMark | undefined,
    digits: Candidate | undefined,
  ): Declared {
    const marked = this.marked
    const both = points.length > 0 && commas.length > 0
    if (both && marked !== undefined && proven === undefined) return this.undecided(points, commas, marked, spelled)
    const best = (both ? (proven === 'comma' && marked !== undefined ? commas : points) : points.length > 0 ? points : commas)[0]!
    const { thousands } = best.column
    const because = both && marked !== undefined ? `, as other columns have a decimal ${proven}` : ''
    return this.typed(best, spelled, [
      ...(thousands ? [`${literal(thousands)} is taken to stand between thousands${because}`] : []),
      ...(!thousands && because ? [`${JSON.stringify(marked)} is ${best.read(marked!)}${because}`] : []),
      ...(this.exponent ? [`${JSON.stringify(this.exponent)} is ${best.read(this.exponent)}: column.text() if it is a code`] : []),
      ...(digits ? [`if it is a day: ${written('date', { format: digits.column.format })}`] : []),
    ])
  }

  /** Of two readings that are a thousand times apart the plain one is proposed, and the other one is told. What it does not read it rejects. */
  private undecided(points: readonly Candidate[], commas: readonly Candidate[], marked: string, spelled: number): Declared {
    const plain = points.find(({ column: { kind, thousands } }) => kind === 'number' && thousands === undefined)
    const ways = [points[0]!, commas[0]!].map((one) => `${one.read(marked)} ${wayOf(one)}`)
    const value = JSON.stringify(marked)
    if (plain) {
      const [, other] = ways
      return this.typed(plain, spelled, [`${value} is ${plain.read(marked)}, or ${other}: ask whoever writes the file`])
    }
    const asIs = { column: column.number(), read: () => undefined, least: Number.NaN, most: Number.NaN }
    return this.typed(asIs, spelled, [
      `${value} is ${ways.join(', or ')}, and is rejected until one is declared: ask whoever writes the file`,
    ])
  }

  private typed(best: Candidate, spelled: number, words: readonly string[]): Declared {
    const { kind, decimal, thousands, format } = best.column
    const options = {
      ...(decimal === undefined ? {} : { decimal }),
      ...(thousands === undefined ? {} : { thousands }),
      ...(format === undefined ? {} : { format }),
      ...(this.padded > 0 ? { trim: true } : {}),
      ...(this.blanks + spelled > 0 ? { nullable: true } : {}),
      ...(spelled > 0 ? { nullValues: [...this.wordBlanks.keys()].sort() } : {}),
    }
    const evidence = [
      ...(isNumeric(best) && !Number.isNaN(best.least) ? [`${Math.min(best.least, this.least)} to ${Math.max(best.most, this.most)}`] : []),
      ...words,
      ...this.blankWords(spelled),
    ]
    const { trim: _, ...plain } = best.column
    return { code: written(kind, options), declared: { ...plain, trim: false, ...options }, evidence }
  }

  /** Tells other orders of the parts that read every value too, and what a zone has to do with it. */
  private dateWords(best: Candidate, { first }: Proven): readonly string[] {
    if (!isDate(best)) return []
    const others = (this.left ?? []).filter((one) => isDate(one) && orderOf(one.column) !== orderOf(best.column))
    const formats = others.map(({ column: { format } }) => format ?? 'YYYY-MM-DD').join(', ')
    const decided = first !== undefined && firstPart(best.column) === first
    return [
      ...(others.length > 0
        ? [`also read by ${formats}: ${decided ? `other columns have the ${first} first` : 'ask whoever writes the file'}`]
        : []),
      ...(hasOffset(best.column.format ?? '') ? ['the day in UTC; timeZone says another zone'] : []),
    ]
  }

  private asText(unique: boolean): Declared {
    const filled = this.count - this.blanks
    const nullable = this.blanks > 0 || filled === 0 ? { nullable: true } : {}
    const list = this.values.list()
    const few = 'values' in list
    const code = [
      ...(this.leadingZero ? ['leading zeros: a code, not a number'] : []),
      ...(this.manyDigits ? ['more digits than a number holds: a code'] : []),
    ]
    const why = few ? undefined : list.why
    const evidence = [
      ...(filled === 0
        ? [this.count === 0 ? 'no record could be read' : 'blank in every record']
        : few
          ? [`${list.values.length} values`]
          : [unique ? 'every value differs' : (why ?? `up to ${this.longest} characters`), ...code]),
      ...(this.padded > 0 ? [`${this.padded} with spaces around`] : []),
      ...(filled === 0 ? [] : this.blankWords(0)),
    ]
    if (few)
      return { code: written('category', nullable, literal(list.values)), declared: column.category(list.values, nullable), evidence }
    const options = { ...(this.longest > 10_000 ? { maxLength: this.longest } : {}), ...nullable }
    return { code: written('text', options), declared: column.text(options), evidence }
  }

  private blankWords(spelled: number): readonly string[] {
    if (this.blanks + spelled === 0) return []
    return [`${this.blanks + spelled} blank`]
  }
}

type Declared = Pick<InferredColumn, 'code' | 'declared' | 'evidence'>

/** Says whether a format has digits alone, so that its days are numbers too. */
const isDigits = ({ column: { format } }: Candidate) => format !== undefined && /^(?:YYYY|MM|DD|HH|mm|ss)+$/.test(format)

/** Puts the marks of a declaration into words. */
function wayOf({ column: { decimal = '.', thousands } }: Candidate): string {
  return thousands ? `where ${literal(thousands)} stands between thousands` : `with a decimal ${decimal === ',' ? 'comma' : 'point'}`
}

/** Says what stands first in a format of numbers with slashes or hyphens that has the year last. */
function firstPart({ format = '' }: Column<unknown>): FirstPart | undefined {
  const [, first] = /^([DM])\1?[/-](?:DD?|MM?)[/-]YY/.exec(format) ?? []
  return first === undefined ? undefined : first === 'D' ? 'day' : 'month'
}

/** Gives the order in which a format has year, month and day. */
const orderOf = ({ format = 'YYYY-MM-DD' }: Column<unknown>) => (format.match(/Y+|M+|D+/g) ?? []).map(([first]) => first).join('')
