/**
 * Infers the columns of a contract from the values of a file: for each column the narrowest declaration that reads every value, with the
 * evidence. Candidates are tried with the very decoders that a run uses, so what comes out reads the file it came from. Memory is bounded.
 */
import { type Column, column } from '../../definition/columns.js'
import { type CellValue, compileDecoder } from '../table/decode.js'

/** A declaration to try, as a column and as code. */
interface Candidate {
  readonly column: Column<unknown>
  readonly code: string
  /** Gives the value of a text; `undefined` when the declaration does not read it. */
  readonly read: (text: string) => CellValue | undefined
  /** Least and most of the numbers that it has read. */
  least: number
  most: number
}

export interface InferredColumn {
  /** The declaration as code, such as `column.number({ nullable: true })`. */
  readonly code: string
  /** The same declaration as a column. */
  readonly declared: Column<unknown>
  /** What speaks for it, in words: ranges, blanks, other ways to read it. */
  readonly evidence: readonly string[]
  /** Empty cells; other spellings of blank are not counted here. */
  readonly blanks: number
  /** Says that no value occurs twice and none is blank. It is `false` too when there were too many values to know. */
  readonly unique: boolean
}

/** A column with more distinct values than this is no category. */
const MOST_VALUES = 30
/** At most this many values are kept to find out whether one occurs twice: they are the memory that a column takes. */
const MOST_DISTINCT = 500_000
/** Of numbers with fractions only this many are kept, because such numbers are no keys. */
const MOST_FRACTIONS = 1000
/** Spellings of blank that people write between numbers. */
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
/** A longer text is no value of a category. */
const LONGEST = 60

/** Texts that all candidates for numbers read alike, whatever marks they declare; and those that all read alike with a point as mark. */
const INTEGERS = /^-?(?:0|[1-9]\d{0,14})$/
const POINTED = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/

const DATE_FORMATS = [
  'YYYY-MM-DD',
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'D/M/YYYY',
  'M/D/YYYY',
  'DD.MM.YYYY',
  'YYYY/MM/DD',
  'DD-MM-YYYY',
  'DD-MMM-YYYY',
  'YYYY-MM-DD HH:mm:ss',
  'YYYY-MM-DDTHH:mm:ss',
  'YYYY-MM-DDTHH:mm:ssZ',
  'M/D/YYYY H:mm',
  'D/M/YYYY H:mm',
] as const

function candidate(code: string, declared: Column<unknown>): Candidate {
  const decoder = compileDecoder({ value: declared }, { value: 0 }, Number.POSITIVE_INFINITY, {})
  const row = decoder.newRow()
  const read = (text: string) => (decoder.decode([text], row).length === 0 ? row.value : undefined)
  return { column: declared, code, read, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY }
}

/** Lists the candidates, narrow ones first: the first that reads every value is taken. */
function candidates(): readonly Candidate[] {
  const numbers = [
    {},
    { trim: true },
    { decimal: ',' },
    { thousands: ',' },
    { decimal: ',', thousands: '.' },
    { decimal: ',', thousands: ' ' },
  ] as const
  return [
    ...(['integer', 'number'] as const).flatMap((kind) =>
      numbers.map((options) => candidate(written(kind, options), column[kind](options))),
    ),
    ...DATE_FORMATS.map((format) => {
      const options = format === 'YYYY-MM-DD' ? {} : { format }
      return candidate(written('date', options), column.date(options))
    }),
    candidate('column.boolean()', column.boolean()),
  ]
}

/** Writes a declaration as code. @param first text of an argument before the options */
function written(kind: string, options: Readonly<Record<string, unknown>>, first = ''): string {
  const pairs = Object.entries(options).map(([name, value]) => `${name}: ${literal(value)}`)
  const second = pairs.length > 0 ? `{ ${pairs.join(', ')} }` : ''
  return `column.${kind}(${[first, second].filter((part) => part !== '').join(', ')})`
}

/** Writes a value as code, a list on one line. */
const literal = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : typeof value === 'string' ? `'${quoted(value)}'` : JSON.stringify(value)

/** Writes the inside of a text in single quotes, so that nothing in it can end the text. */
const quoted = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)

/** The candidates are compiled once, because a file may have thousands of columns. */
const CANDIDATES = candidates()

/** Collects what is seen of one column, and infers its declaration. */
export class ColumnEvidence {
  /** Candidates that read every value so far. */
  private left: readonly Candidate[] = CANDIDATES.map((one) => ({ ...one }))
  private readonly values = new Map<string, number>()
  private distinct: Set<string> | undefined = new Set()
  /** Spellings of blank, each with the number of cells that have it. */
  private readonly wordBlanks = new Map<string, number>()
  private count = 0
  private blanks = 0
  private padded = 0
  private longest = 0
  private leadingZero = false
  private manyDigits = false
  /** Texts that all remaining candidates read alike, so that none has to be tried. */
  private alike: RegExp | undefined
  /** Least and most of the numbers that were read alike. */
  private least = Number.POSITIVE_INFINITY
  private most = Number.NEGATIVE_INFINITY

  /** Adds the text of one cell. @param texts whether the text may stand for a number: a text of JSON may not, because it has numbers */
  add(text: string, texts = true): void {
    this.count += 1
    const trimmed = text.trim()
    if (trimmed === '') {
      this.blanks += 1
      return
    }
    this.longest = Math.max(this.longest, text.length)
    if (text !== trimmed) this.padded += 1
    if (this.values.size <= MOST_VALUES && text.length <= LONGEST) this.values.set(text, (this.values.get(text) ?? 0) + 1)
    const most = this.left[0]?.column.kind === 'number' ? MOST_FRACTIONS : MOST_DISTINCT
    if (this.distinct?.has(text) || (this.distinct?.size ?? 0) >= most) this.distinct = undefined
    this.distinct?.add(text)
    if (texts && this.alike?.test(text)) {
      this.least = Math.min(this.least, Number(text))
      this.most = Math.max(this.most, Number(text))
    } else if (texts && BLANKS.has(text)) this.wordBlanks.set(text, (this.wordBlanks.get(text) ?? 0) + 1)
    else this.narrow(text, trimmed, texts)
  }

  /** Takes out the candidates that do not read the text. */
  private narrow(text: string, trimmed: string, texts: boolean): void {
    if (/^[+-]?0\d+$/.test(trimmed)) this.leadingZero = true
    if (/^[+-]?\d{16,}$/.test(trimmed) && !Number.isSafeInteger(Number(trimmed))) this.manyDigits = true
    if (this.left.length === 0) return
    this.left = this.left.filter((one) => (texts || !isNumeric(one.column.kind)) && reads(one, text))
    if (!this.left.every(({ column }) => isNumeric(column.kind))) return
    this.alike = this.left.every(({ column: { kind, decimal } }) => kind === 'number' && decimal !== ',') ? POINTED : INTEGERS
  }

  /** Gives the declaration that fits all cells so far. */
  infer(): InferredColumn {
    const spelled = [...this.wordBlanks.values()].reduce((sum, times) => sum + times, 0)
    const [best] = this.left
    const filled = this.count - this.blanks - spelled
    const unique = this.distinct !== undefined && this.blanks === 0 && this.count > 0
    const typed = best && filled > 0 && !((this.leadingZero || this.manyDigits) && isNumeric(best.column.kind))
    if (!typed) return { ...this.asText(unique), blanks: this.blanks, unique }
    const { kind } = best.column
    const others = this.left.filter(({ column }) => column.kind === 'date' && kind === 'date' && orderOf(column) !== orderOf(best.column))
    const options = {
      ...pick(best.column, ['decimal', 'thousands', 'format']),
      ...(best.column.trim ? { trim: true } : {}),
      ...(this.blanks + spelled > 0 ? { nullable: true } : {}),
      ...(spelled > 0 ? { nullValues: [...this.wordBlanks.keys()].sort() } : {}),
    }
    const evidence = [
      ...(isNumeric(kind) ? [`${Math.min(best.least, this.least)} to ${Math.max(best.most, this.most)}`] : []),
      ...(best.column.thousands ? [`${literal(best.column.thousands)} is taken to stand between thousands`] : []),
      ...this.blankWords(spelled),
      ...(others.length > 0
        ? [`also read by ${others.map(({ column: { format } }) => format ?? 'YYYY-MM-DD').join(', ')}: ask whoever writes the file`]
        : []),
    ]
    return { code: written(kind, options), declared: { ...best.column, ...options }, evidence, blanks: this.blanks, unique }
  }

  /** Declares a category when few values come again and again, and otherwise a text. */
  private asText(unique: boolean): Pick<InferredColumn, 'code' | 'declared' | 'evidence'> {
    const filled = this.count - this.blanks
    const nullable = this.blanks > 0 || filled === 0 ? { nullable: true } : {}
    const few = this.values.size <= MOST_VALUES && this.longest <= LONGEST && filled >= 3 * this.values.size && filled > 0
    const values = [...this.values.keys()].sort()
    const evidence = [
      ...(filled === 0
        ? [this.count === 0 ? 'no record could be read' : 'blank in every record']
        : few
          ? [`${values.length} values`]
          : [unique ? 'every value differs' : `up to ${this.longest} characters`]),
      ...(this.leadingZero && !few ? ['leading zeros: a code, not a number'] : []),
      ...(this.manyDigits && !few ? ['more digits than a number holds: a code'] : []),
      ...(this.padded > 0 ? [`${this.padded} with spaces around`] : []),
      ...(filled === 0 ? [] : this.blankWords(0)),
    ]
    if (few) return { code: written('category', nullable, literal(values)), declared: column.category(values, nullable), evidence }
    const options = { ...(this.longest > 10_000 ? { maxLength: this.longest } : {}), ...nullable }
    return { code: written('text', options), declared: column.text(options), evidence }
  }

  private blankWords(spelled: number): readonly string[] {
    if (this.blanks + spelled === 0) return []
    return [`${this.blanks + spelled} blank`]
  }
}

/** Says whether a candidate reads a text, and takes note of the number. */
function reads(one: Candidate, text: string): boolean {
  const value = one.read(text)
  if (typeof value === 'number') {
    one.least = Math.min(one.least, value)
    one.most = Math.max(one.most, value)
  }
  return value !== undefined
}

/** Gives the order of a format's parts, however many digits they have: two formats of one order read a date alike. */
const orderOf = ({ format = 'YYYY-MM-DD' }: Column<unknown>) => format.replaceAll('MM', 'M').replaceAll('DD', 'D')

const isNumeric = (kind: Column<unknown>['kind']) => kind === 'number' || kind === 'integer'

function pick(from: Column<unknown>, names: readonly (keyof Column<unknown>)[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])))
}
