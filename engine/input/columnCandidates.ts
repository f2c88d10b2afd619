/**
 * The declarations that are tried on the values of a column, narrow ones first. Each reads by the very decoder that a run uses, so what
 * comes out reads the file it came from. Nothing here decides between them.
 */
import { type Column, column } from '../../definition/columns.js'
import { compileDateFormat } from '../../definition/dateFormat.js'
import { type CellValue, compileDecoder } from '../table/decode.js'

/** A candidate is a declaration that is tried. It knows the range of what it has read. */
export interface Candidate {
  readonly column: Column<unknown>
  /** Reads a text; `undefined` when it is no value. */
  readonly read: (text: string) => CellValue | undefined
  least: number
  most: number
}

/** Says whether a candidate reads a text, and takes note of the number or the day. */
export function reads(one: Candidate, text: string): boolean {
  const value = one.read(text)
  if (typeof value === 'number') {
    one.least = Math.min(one.least, value)
    one.most = Math.max(one.most, value)
  }
  return value !== undefined
}

export const isNumeric = ({ column: { kind } }: Candidate) => kind === 'number' || kind === 'integer'
export const isDate = ({ column: { kind } }: Candidate) => kind === 'date'

/** These are the forms of days. Those that may be taken for each other stand in the order in which they are proposed. */
const DAYS = [
  'YYYY-MM-DD',
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'D/M/YYYY',
  'M/D/YYYY',
  'DD.MM.YYYY',
  'D.M.YYYY',
  'YYYY/MM/DD',
  'DD-MM-YYYY',
  'MM-DD-YYYY',
  'DD-MMM-YYYY',
  'DD MMM YYYY',
  'DD-MMM-YY',
  'DD/MM/YY',
  'MM/DD/YY',
  'D/M/YY',
  'M/D/YY',
  'YY/MM/DD',
  'DD.MM.YY',
  'YYYYMMDD',
]
const TIMES = ['HH:mm', 'H:mm', 'HH:mm:ss', 'H:mm:ss', 'h:mm A', 'h:mm:ss A', 'h:mmA']
const FRACTIONS = ['.S', '.SSS', '.SSSSSS', '.SSSSSSS', '.SSSSSSSSS', ',SSS']
/** An offset of 0 that every value has is written as such: `Z` is one too. */
const OFFSETS = ['', 'XXX', 'XX', 'X', ' XXX', ' XX', ' UTC']

/** Who writes AM and PM mostly writes the month first. */
const monthFirst = (one: string, other: string) => Number(other.startsWith('M')) - Number(one.startsWith('M'))

function dateFormats(): readonly string[] {
  const withFractions = TIMES.flatMap((time) => [time, ...(time.endsWith(':ss') ? FRACTIONS.map((fraction) => `${time}${fraction}`) : [])])
  const times = withFractions.flatMap((time) => OFFSETS.map((offset) => `${time}${offset}`))
  const compact = ['HHmmss', 'THHmmss', 'THHmmssXX'].map((time) => `YYYYMMDD${time}`)
  const timed = times.flatMap((time) =>
    (time.includes('A') ? DAYS.toSorted(monthFirst) : DAYS).flatMap((day) =>
      day === 'YYYY-MM-DD' ? [`${day} ${time}`, `${day}T${time}`] : [`${day} ${time}`],
    ),
  )
  return [...DAYS, ...timed, ...compact]
}

/** Numbers are written in these ways, the plain one first. A ' ' between thousands alone says nothing of what stands before a fraction. */
const NUMBERS = [
  {},
  { decimal: ',' },
  { thousands: ',' },
  { thousands: ' ' },
  { thousands: "'" },
  { decimal: ',', thousands: '.' },
  { decimal: ',', thousands: ' ' },
] as const

/** Spaces around a number are no part of it. Whether they must be declared is seen elsewhere. */
const numbers = () =>
  (['integer', 'number'] as const).flatMap((kind) => NUMBERS.map((options) => candidate(column[kind]({ ...options, trim: true }))))
/** Days are read without the decoder around their format: it would look for a hint for each of a thousand formats that do not read a text. */
const dates = () =>
  dateFormats().map((format) => candidate(column.date(format === 'YYYY-MM-DD' ? {} : { format }), compileDateFormat(format)))

function candidate(declared: Column<unknown>, read: Candidate['read'] = decoderOf(declared)): Candidate {
  return { column: declared, read, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY }
}

function decoderOf(declared: Column<unknown>): Candidate['read'] {
  const decoder = compileDecoder({ value: declared }, { value: 0 }, Number.POSITIVE_INFINITY, {})
  const row = decoder.newRow()
  return (text) => (decoder.decode([text], row).length === 0 ? row.value : undefined)
}

/** The candidates are compiled once, because a file may have thousands of columns. */
const NUMBER_CANDIDATES = numbers()
const DATE_CANDIDATES = dates()
const BOOLEAN_CANDIDATES = [candidate(column.boolean())]

/** A value is a cell of a table, or one of JSON by its type. */
export type ValueKind = 'cell' | 'text' | 'number' | 'boolean'

/** A date has this many characters at least, and not many more with a time. */
const [SHORTEST_DATE, LONGEST_DATE] = [6, 40]

/** Finds the candidates that read the first value of a column. JSON has its numbers and its booleans as such; its days are texts. */
export function candidatesFor(text: string, kind: ValueKind): readonly Candidate[] {
  const mayBeDate = (kind === 'cell' || kind === 'text') && /\d/.test(text) && text.length >= SHORTEST_DATE && text.length <= LONGEST_DATE
  const all = [
    ...(kind === 'cell' ? NUMBER_CANDIDATES : kind === 'number' ? NUMBER_CANDIDATES.filter(isPlain) : []),
    ...(mayBeDate ? DATE_CANDIDATES : []),
    ...(kind === 'number' ? [] : BOOLEAN_CANDIDATES),
  ]
  return all.flatMap((one) => (one.read(text) === undefined ? [] : [{ ...one }]))
}

/** Says whether numbers have no marks of their own, as those of JSON. */
const isPlain = ({ column: { decimal, thousands } }: Candidate) => decimal === undefined && thousands === undefined

/** Says whether a candidate takes values of this kind. */
export function takes(one: Candidate, kind: ValueKind): boolean {
  if (kind === 'cell') return true
  if (kind === 'number') return isNumeric(one) && isPlain(one)
  return isDate(one) ? kind === 'text' : one.column.kind === 'boolean'
}

// ---- as code

/** Writes a declaration as code. @param first text of an argument before the options */
export function written(kind: string, options: Readonly<Record<string, unknown>>, first = ''): string {
  const pairs = Object.entries(options).map(([name, value]) => `${name}: ${literal(value)}`)
  const second = pairs.length > 0 ? `{ ${pairs.join(', ')} }` : ''
  return `column.${kind}(${[first, second].filter((part) => part !== '').join(', ')})`
}

/** Writes a value as code, a list on one line. */
export const literal = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : typeof value === 'string' ? `'${quoted(value)}'` : JSON.stringify(value)

/** Writes the inside of a text in single quotes, so that nothing in it can end the text. */
const quoted = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
