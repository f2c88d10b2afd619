/**
 * Columns of a contract say what a cell of the file must be, and what a feature sees of it. A column only describes; `engine/table/` compiles
 * decoders from it. Options are documented where they are declared.
 */
import type { Day } from './dates.js'

interface CellOptions<N extends boolean> {
  /** May the cell be blank? A blank cell of a column that is not nullable rejects its row. @default false */
  readonly nullable?: N
  /**
   * Where the value stands in the file: the name of the column, its place (from 1), or in JSON Lines the path of a field such as
   * `'features.age'`. @default the name in the definition; without a header the column's place in the definition
   */
  readonly from?: string | number
  /** Further spellings of blank, such as `['?', 'NA']`; the empty cell and white space alone are always blank. @default [] */
  readonly nullValues?: readonly string[]
  /** Remove white space around the cell before it is read. @default false */
  readonly trim?: boolean
}

export interface NumberOptions<N extends boolean> extends CellOptions<N> {
  /** Smallest value allowed, inclusive. */
  readonly min?: number
  /** Largest value allowed, inclusive. */
  readonly max?: number
  /** What stands before the fraction. @default '.' */
  readonly decimal?: DecimalMark
  /** What stands between groups of three digits. @default nothing may stand there */
  readonly thousands?: ThousandsMark
}

export type DecimalMark = '.' | ','
export type ThousandsMark = ',' | '.' | ' ' | "'"

export interface DateOptions<N extends boolean> extends CellOptions<N> {
  /** First day allowed, `YYYY-MM-DD`. */
  readonly min?: string
  /** Last day allowed: `YYYY-MM-DD`, or `'data-date'` for the day the data is about. */
  readonly max?: string
  /**
   * How a day is written: `YYYY`, or `YY` (1969 to 2068), `MM` or `M`, `DD` or `D`, `MMM` (Jan … Dec, in any case), and the characters
   * between them. For a time that is checked and left out `HH` or `H`, `hh` or `h` with `A` (AM, PM), `mm`, `ss`, `SSS` or `SSSSSS` (or
   * 1, 7 or 9 of them). A time with its offset from UTC is an instant, whose day is that of `timeZone`: `XXX` is Z or +02:00, `XX` Z or +0200,
   * `X` Z, +02 or +0200. `T`, `Z` and `UTC` stand for themselves, other letters for nothing. @default 'YYYY-MM-DD'
   */
  readonly format?: string
  /** The zone by whose calendar an instant is on a day, for a `format` with an offset: an IANA name. @default 'UTC' */
  readonly timeZone?: string
}

export interface TextOptions<N extends boolean> extends CellOptions<N> {
  /** Most characters (UTF-16 code units) allowed. @default 10_000 */
  readonly maxLength?: number
}

export interface BooleanOptions<N extends boolean> extends CellOptions<N> {
  /** Spellings of true, compared exactly. @default ['true', 'True', 'TRUE', '1'] */
  readonly true?: readonly string[]
  /** Spellings of false, compared exactly. @default ['false', 'False', 'FALSE', '0'] */
  readonly false?: readonly string[]
}

export type ColumnKind = 'number' | 'integer' | 'date' | 'text' | 'boolean' | 'category'

/** One declared column. `V` is what a feature sees: number, Day, string, boolean, one of the values; `| null` when nullable. */
export interface Column<V> {
  readonly kind: ColumnKind
  readonly nullable: boolean
  readonly from?: string | number
  readonly nullValues: readonly string[]
  readonly trim: boolean
  readonly min?: number | string
  readonly max?: number | string
  readonly decimal?: DecimalMark
  readonly thousands?: ThousandsMark
  readonly format?: string
  readonly timeZone?: string
  readonly maxLength?: number
  readonly true?: readonly string[]
  readonly false?: readonly string[]
  readonly values?: readonly string[]
  /** Carries the type of the value; never present at run time. */
  readonly value?: V
}

type Cell<V, N extends boolean> = Column<true extends N ? V | null : V>

function cell<V, N extends boolean>(kind: ColumnKind, options: CellOptions<N>, rest: object = {}): Cell<V, N> {
  return {
    ...options,
    ...rest,
    kind,
    nullable: options.nullable ?? false,
    nullValues: options.nullValues ?? [],
    trim: options.trim ?? false,
  }
}

/** The kinds of columns. A feature sees a number, a `Day` (an integer), text, a boolean, or one of the category's values. */
export const column = {
  /** A decimal number: `12`, `-0.5`, `1e3`. Never Infinity, NaN or hexadecimal; thousands and decimal marks as declared. */
  number<N extends boolean = false>(options: NumberOptions<N> = {}): Cell<number, N> {
    return cell('number', options)
  },
  /** A number without a fraction, at most 2^53 - 1 in size; `3.0` is accepted and is 3. */
  integer<N extends boolean = false>(options: NumberOptions<N> = {}): Cell<number, N> {
    return cell('integer', options)
  },
  /** A day, `YYYY-MM-DD` or as `format` says; a feature sees days since 1970-01-01. */
  date<N extends boolean = false>(options: DateOptions<N> = {}): Cell<Day, N> {
    return cell('date', options)
  },
  /** Text as it stands: leading zeros and spaces are kept. */
  text<N extends boolean = false>(options: TextOptions<N> = {}): Cell<string, N> {
    return cell('text', options, { maxLength: options.maxLength ?? 10_000 })
  },
  /** True or false in declared spellings. */
  boolean<N extends boolean = false>(options: BooleanOptions<N> = {}): Cell<boolean, N> {
    return cell('boolean', options, {
      true: options.true ?? ['true', 'True', 'TRUE', '1'],
      false: options.false ?? ['false', 'False', 'FALSE', '0'],
    })
  },
  /** One of a list of texts; any other value rejects the row. */
  category<const V extends string, N extends boolean = false>(values: readonly V[], options: CellOptions<N> = {}): Cell<V, N> {
    return cell('category', options, { values })
  },
}

/** The columns of rows of type `R`; TypeScript infers `R` from them. */
export type ColumnsOf<R> = { readonly [K in keyof R]: Column<R[K]> }

/** Columns shared by several pipelines, with their row type inferred once. */
export function defineColumns<R>(columns: ColumnsOf<R>): ColumnsOf<R> {
  return columns
}

export type AnyColumns = Readonly<Record<string, Column<unknown>>>
