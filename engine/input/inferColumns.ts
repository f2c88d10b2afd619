/**
 * Columns of a contract from the values of a file: for each column the narrowest declaration that reads every value, with the evidence.
 * Candidates are tried with the very decoders that a run uses, so what comes out reads the file it came from. Bounded memory.
 */
import { type Column, column } from '../../definition/columns.js'
import { type CellValue, compileDecoder } from '../table/decode.js'

/** A declaration to try, as it is and as it is written. */
interface Candidate {
  readonly column: Column<unknown>
  readonly code: string
  /** The value of a text; `undefined`: it is none. */
  readonly read: (text: string) => CellValue | undefined
  /** Of the numbers read. */
  least: number
  most: number
}

export interface InferredColumn {
  /** The declaration, such as `column.number({ nullable: true })`. */
  readonly code: string
  readonly declared: Column<unknown>
  /** What speaks for it, in words: ranges, blanks, other ways to read it. */
  readonly evidence: readonly string[]
  readonly blanks: number
  /** No value occurs twice and none is blank. */
  readonly unique: boolean
}

/** Distinct values kept to tell a category, and to tell whether a value occurs twice. */
const MOST_VALUES = 30
const MOST_DISTINCT = 500_000
/** Fractions are no keys: of them only so many. */
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
const LONGEST = 60

/** Numbers that all kinds of number columns read alike, however their marks are declared; and those that have a point before a fraction. */
const WHOLE = /^-?(?:0|[1-9]\d{0,14})$/
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

/** Narrow ones first: the first that reads every value is the one. */
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

function written(kind: string, options: Readonly<Record<string, unknown>>, first = ''): string {
  const pairs = Object.entries(options).map(([name, value]) => `${name}: ${literal(value)}`)
  const second = pairs.length > 0 ? `{ ${pairs.join(', ')} }` : ''
  return `column.${kind}(${[first, second].filter((part) => part !== '').join(', ')})`
}

/** A value as code; lists on one line. */
const literal = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : typeof value === 'string' ? `'${quoted(value)}'` : JSON.stringify(value)

/** The inside of a text in single quotes: nothing in it can end it. */
const quoted = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)

/** Compiled once: a file may have thousands of columns. */
const CANDIDATES = candidates()

/** What is seen of one column. */
export class ColumnEvidence {
  private left: readonly Candidate[] = CANDIDATES.map((one) => ({ ...one }))
  private readonly values = new Map<string, number>()
  private distinct: Set<string> | undefined = new Set()
  private readonly wordBlanks = new Map<string, number>()
  private count = 0
  private blanks = 0
  private padded = 0
  private longest = 0
  private leadingZero = false
  private manyDigits = false
  /** Texts that all candidates that are left read alike. */
  private alike: RegExp | undefined
  /** Of the numbers that were read alike. */
  private least = Number.POSITIVE_INFINITY
  private most = Number.NEGATIVE_INFINITY

  /** @param texts may the value be a number written as text? Not in JSON Lines, where numbers are numbers. */
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

  /** Leaves the candidates that read the text. */
  private narrow(text: string, trimmed: string, texts: boolean): void {
    if (/^[+-]?0\d+$/.test(trimmed)) this.leadingZero = true
    if (/^[+-]?\d{16,}$/.test(trimmed) && !Number.isSafeInteger(Number(trimmed))) this.manyDigits = true
    if (this.left.length === 0) return
    this.left = this.left.filter((one) => (texts || !isNumeric(one.column.kind)) && reads(one, text))
    if (!this.left.every(({ column }) => isNumeric(column.kind))) return
    this.alike = this.left.every(({ column: { kind, decimal } }) => kind === 'number' && decimal !== ',') ? POINTED : WHOLE
  }

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

function reads(one: Candidate, text: string): boolean {
  const value = one.read(text)
  if (typeof value === 'number') {
    one.least = Math.min(one.least, value)
    one.most = Math.max(one.most, value)
  }
  return value !== undefined
}

/** The order of a format's parts, however many digits they have. */
const orderOf = ({ format = 'YYYY-MM-DD' }: Column<unknown>) => format.replaceAll('MM', 'M').replaceAll('DD', 'D')

const isNumeric = (kind: Column<unknown>['kind']) => kind === 'number' || kind === 'integer'

function pick(from: Column<unknown>, names: readonly (keyof Column<unknown>)[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])))
}
