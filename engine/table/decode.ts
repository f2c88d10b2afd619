/**
 * Decodes cells into values, as the contract's columns say: a decoder for each column, compiled once for a file. It has the last word about
 * every cell. The kernel's shortcut gives the same values, and leaves to it whatever is unusual.
 */
import type { AnyColumns, Column } from '../../definition/columns.js'
import { compileDateFormat, formatsOf } from '../../definition/dateFormat.js'
import { type Day, day, formatDay, parseDay } from '../../definition/dates.js'
import { shortened, visibleText } from '../protocol/text.js'

/** The value of a cell, null for a blank. A day is a number: days since 1970-01-01. */
export type CellValue = number | string | boolean | null

/** Why a record is rejected: for one of its cells, or later for one of its features or for its prediction. */
export interface CellProblem {
  readonly column: string
  /** Name of the rule that is broken, such as `null`, `number.max` or `category.unknown`. */
  readonly rule: string
  /** A short sentence for people, with the value. */
  readonly reason: string
  /** The value as it was seen, shortened. */
  readonly value: string
}

/** Decodes the records of a file. */
export interface Decoder {
  /** Makes a row to decode into. It can be used again for every record. */
  newRow(): Record<string, CellValue>
  /**
   * Fills the row with the values of a record's cells. A cell with a problem leaves its field as it was.
   * @param known problems that were found before @returns these and the problems of the cells
   */
  decode(cells: Cells, row: Record<string, CellValue>, known?: readonly CellProblem[]): readonly CellProblem[]
}

/** The cells of a record. A cell that is `undefined` is passed over: its problem is known already. */
export type Cells = readonly (string | undefined)[]

const NONE: readonly CellProblem[] = []
/** It is written so that no text makes it try again and again: a cell may be a megabyte of digits. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** Gives the value of a text, or what is wrong with it. */
type Read = (text: string) => CellValue | Wrong

class Wrong {
  constructor(
    readonly rule: string,
    readonly what: string,
  ) {}
}

/**
 * Compiles the decoder of a file.
 * @param positions place of each column among the cells of a record, from 0
 * @param date data date, the limit of some date columns
 * @param nullCounts gets the number of blank cells by column, with every record that is decoded
 */
export function compileDecoder(
  columns: AnyColumns,
  positions: Readonly<Record<string, number>>,
  date: Day,
  nullCounts: Record<string, number>,
): Decoder {
  const decoders = Object.entries(columns).map(([name, column]) => {
    nullCounts[name] ??= 0
    return { name, position: positions[name] ?? -1, column, read: readerOf(column, date) }
  })
  return {
    newRow: () => Object.fromEntries(decoders.map(({ name, column }) => [name, emptyOf(column)])),
    decode: (cells, row, known = NONE) => {
      let problems: CellProblem[] | undefined
      for (const { name, position, column, read } of decoders) {
        const cell = cells[position]
        if (cell === undefined) continue
        const text = column.trim ? cell.trim() : cell
        const blank = isBlank(text, column)
        if (blank) nullCounts[name]! += 1
        const value = blank ? (column.nullable ? null : new Wrong('null', 'is blank')) : read(text)
        if (value instanceof Wrong) {
          problems ??= [...known]
          problems.push(problem(name, column, text, value))
        } else row[name] = value
      }
      return problems ?? known
    },
  }
}

function isBlank(text: string, { nullValues }: Column<unknown>): boolean {
  return text === '' || nullValues.includes(text) || text.trim() === ''
}

/** Gives the value that a field has before a cell was decoded into it. */
function emptyOf({ kind, nullable }: Column<unknown>): CellValue {
  if (nullable) return null
  return kind === 'text' || kind === 'category' ? '' : kind === 'boolean' ? false : 0
}

function problem(name: string, { from = name }: Column<unknown>, text: string, { rule, what }: Wrong): CellProblem {
  const value = shortened(text)
  const shown = rule === 'null' ? '' : ` ${JSON.stringify(visibleText(value))}`
  return { column: name, rule, reason: `${visibleText(typeof from === 'string' ? from : name)}${shown} ${what}`, value }
}

/** Compiles the reader of a column's cells, for texts that are not blank. */
function readerOf(column: Column<unknown>, date: Day): Read {
  switch (column.kind) {
    case 'number':
      return numberReader(column, 'number')
    case 'integer':
      return numberReader(column, 'integer')
    case 'date':
      return dateReader(column, date)
    case 'text':
      return (text) =>
        text.length > (column.maxLength ?? Number.POSITIVE_INFINITY)
          ? new Wrong('text.length', `is longer than ${column.maxLength} characters`)
          : text
    case 'boolean':
      return booleanReader(column)
    case 'category': {
      const values = new Set(column.values)
      return (text) =>
        values.has(text)
          ? text
          : new Wrong('category.unknown', `is not one of ${[...values].slice(0, 10).join(', ')}${values.size > 10 ? ', …' : ''}`)
    }
  }
}

function numberReader({ min, max, decimal = '.', thousands }: Column<unknown>, kind: 'number' | 'integer'): Read {
  const rewrite = numberText(decimal, thousands)
  const [least, most] = [typeof min === 'number' ? min : -Infinity, typeof max === 'number' ? max : Infinity]
  return (cell) => {
    const text = rewrite(cell)
    if (text === undefined || !NUMBER.test(text)) return new Wrong(`${kind}.invalid`, numberHint(cell, decimal, thousands))
    const value = Number(text)
    if (!Number.isFinite(value)) return new Wrong(`${kind}.invalid`, 'is too large for a number')
    if (kind === 'integer' && !Number.isInteger(value)) return new Wrong('integer.invalid', 'is not a whole number')
    if (kind === 'integer' && !Number.isSafeInteger(value)) return new Wrong('integer.invalid', TOO_LARGE)
    if (value < least) return new Wrong(`${kind}.min`, `is below ${least}`)
    if (value > most) return new Wrong(`${kind}.max`, `is above ${most}`)
    return value
  }
}

const TOO_LARGE = 'is too large: whole numbers are exact up to 9007199254740991; declare it as text if it is a code'

/** Says why a text is no number as declared: most often it is written as in another country. */
function numberHint(text: string, decimal: string, thousands: string | undefined): string {
  const inside = text.trim()
  const rewritten = numberText(decimal, thousands)(inside)
  if (inside !== text && rewritten !== undefined && NUMBER.test(rewritten))
    return 'is not a number: it has spaces around it (trim: true would accept it)'
  const other = OTHER_WAYS.find(
    ([mark, group]) => (mark !== decimal || group !== thousands) && numberText(mark, group)(inside) !== undefined,
  )
  if (!other) return 'is not a number'
  const [mark, group] = other
  const wanted = [
    ...(mark === decimal ? [] : [`decimal: '${mark}'`]),
    ...(group === thousands ? [] : [`thousands: ${group ? `'${group}'` : 'none'}`]),
  ]
  const has =
    group !== undefined && group !== thousands && inside.includes(group)
      ? 'thousands separators'
      : mark === ','
        ? 'a decimal comma'
        : 'a decimal point'
  return `is not a number: it has ${has} (${wanted.join(', ')} would accept ${has.endsWith('s') ? 'them' : 'it'})`
}

/** Ways to write numbers elsewhere: the mark before the fraction, and what stands between thousands. */
const OTHER_WAYS = [
  ['.', undefined],
  ['.', ','],
  [',', undefined],
  [',', '.'],
  [',', ' '],
] as const

/** Rewrites a number with a point before its fraction and nothing between its digits; `undefined` when it is not written as declared. */
function numberText(decimal: string, thousands: string | undefined): (text: string) => string | undefined {
  if (decimal === '.' && thousands === undefined) return (text) => text
  const [point, mark] = [`\\${decimal}`, thousands === ' ' ? '[ \\u00a0\\u202f]' : thousands && `\\${thousands}`]
  // No group of thousands begins with a zero: such a text is a number of another form, and would come out a thousand times as large.
  const integral = mark === undefined ? '\\d+' : `(?:[1-9]\\d{0,2}(?:${mark}\\d{3})+|\\d+)`
  const written = new RegExp(`^([+-]?)(${integral})?(?:${point}(\\d+))?([eE][+-]?\\d+)?$`)
  return (text) => {
    const [, sign = '', digits, fraction, exponent = ''] = written.exec(text) ?? []
    if (digits === undefined && fraction === undefined) return undefined
    return `${sign}${(digits ?? '').replace(/\D/g, '')}${fraction === undefined ? '' : `.${fraction}`}${exponent}`
  }
}

function dateReader({ min, max, format, timeZone }: Column<unknown>, date: Day): Read {
  const read = format === undefined ? parseDay : compileDateFormat(format, timeZone)!
  const least = typeof min === 'string' ? day(min) : -Infinity
  const ofData = max === 'data-date'
  const most = ofData ? date : typeof max === 'string' ? day(max) : Infinity
  return (text) => {
    const value = read(text)
    if (value === undefined)
      return new Wrong('date.invalid', `is not a calendar day of the form ${format ?? 'YYYY-MM-DD'}${dateHint(text, format)}`)
    if (value < least) return new Wrong('date.min', `is before ${formatDay(least)}`)
    if (value > most) return new Wrong('date.max', `is after ${ofData ? 'the data date ' : ''}${formatDay(most)}`)
    return value
  }
}

function dateHint(text: string, format = 'YYYY-MM-DD'): string {
  const [likely, ...others] = formatsOf(text).filter((one) => one !== format)
  return likely === undefined ? '' : ` (format: '${likely}' would read it${others.length > 0 ? '; others too' : ''})`
}

function booleanReader(column: Column<unknown>): Read {
  const [yes, no] = [new Set(column.true), new Set(column.false)]
  return (text) =>
    yes.has(text)
      ? true
      : no.has(text)
        ? false
        : new Wrong('boolean.invalid', `is neither ${[...yes].join(', ')} nor ${[...no].join(', ')}`)
}
