/** Cells to values, as the contract's columns say: one decoder a column, compiled once for a file. */
import type { AnyColumns, Column } from '../definition/columns.js'
import { type Day, day, formatDay, parseDay } from '../definition/dates.js'
import { visibleText } from './format.js'

export type CellValue = number | string | boolean | null

/** Why a row is rejected, for one of its cells or (elsewhere) one of its features or predictions. */
export interface CellProblem {
  readonly column: string
  /** Such as `null`, `number.invalid`, `number.max`, `date.max`, `category.unknown`. */
  readonly rule: string
  /** One short sentence, with the value. */
  readonly reason: string
  /** The value as seen, shortened. */
  readonly value: string
}

export interface Decoder {
  /** A row to decode into, used again for every record. */
  newRow(): Record<string, CellValue>
  /** Fills the row; a cell with a problem leaves its field as it was. Returns all problems of the record. */
  decode(cells: readonly string[], row: Record<string, CellValue>): readonly CellProblem[]
}

/** Characters shown of a value. */
const SHOWN = 80
const NONE: readonly CellProblem[] = []
/** Written so that no text makes it try again and again: a cell may be a megabyte of digits. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** A value, or what is wrong with the text. */
type Read = (text: string) => CellValue | Wrong

class Wrong {
  constructor(
    readonly rule: string,
    readonly what: string,
  ) {}
}

/** Compiles the decoder of a file. Blank cells are counted in `nullCounts` by column. `date` is the data date. */
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
    decode: (cells, row) => {
      let problems: CellProblem[] | undefined
      for (const { name, position, column, read } of decoders) {
        const cell = cells[position] ?? ''
        const text = column.trim ? cell.trim() : cell
        const blank = isBlank(text, column)
        if (blank) nullCounts[name]! += 1
        const value = blank ? (column.nullable ? null : new Wrong('null', 'is blank')) : read(text)
        if (value instanceof Wrong) {
          problems ??= []
          problems.push(problem(name, column, text, value))
        } else row[name] = value
      }
      return problems ?? NONE
    },
  }
}

function isBlank(text: string, { nullValues }: Column<unknown>): boolean {
  return text === '' || nullValues.includes(text) || text.trim() === ''
}

function emptyOf({ kind, nullable }: Column<unknown>): CellValue {
  if (nullable) return null
  return kind === 'text' || kind === 'category' ? '' : kind === 'boolean' ? false : 0
}

function problem(name: string, { from = name }: Column<unknown>, text: string, { rule, what }: Wrong): CellProblem {
  const value = text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text
  const shown = rule === 'null' ? '' : ` ${JSON.stringify(visibleText(value))}`
  return { column: name, rule, reason: `${visibleText(from)}${shown} ${what}`, value }
}

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

function numberReader({ min, max }: Column<unknown>, kind: 'number' | 'integer'): Read {
  const [least, most] = [typeof min === 'number' ? min : -Infinity, typeof max === 'number' ? max : Infinity]
  return (text) => {
    if (!NUMBER.test(text)) return new Wrong(`${kind}.invalid`, numberHint(text))
    const value = Number(text)
    if (!Number.isFinite(value)) return new Wrong(`${kind}.invalid`, 'is too large for a number')
    if (kind === 'integer' && !Number.isSafeInteger(value)) return new Wrong('integer.invalid', 'is not a whole number')
    if (value < least) return new Wrong(`${kind}.min`, `is below ${least}`)
    if (value > most) return new Wrong(`${kind}.max`, `is above ${most}`)
    return value
  }
}

function numberHint(text: string): string {
  if (NUMBER.test(text.trim())) return 'is not a number: it has spaces around it (trim: true would accept it)'
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) return 'is not a number: it has thousands separators'
  if (/^[+-]?\d+,\d+$/.test(text)) return 'is not a number: it has a decimal comma'
  return 'is not a number'
}

function dateReader({ min, max }: Column<unknown>, date: Day): Read {
  const least = typeof min === 'string' ? day(min) : -Infinity
  const ofData = max === 'data-date'
  const most = ofData ? date : typeof max === 'string' ? day(max) : Infinity
  return (text) => {
    const value = parseDay(text)
    if (value === undefined) return new Wrong('date.invalid', 'is not a calendar day of the form YYYY-MM-DD')
    if (value < least) return new Wrong('date.min', `is before ${formatDay(least)}`)
    if (value > most) return new Wrong('date.max', `is after ${ofData ? 'the data date ' : ''}${formatDay(most)}`)
    return value
  }
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
