/**
 * Says what is known of a table before its records are read: its format, its header, and where its lines were delivered. It reads nothing.
 */
import type { AnyColumns, Column, ColumnKind } from '../../definition/columns.js'
import type { AnyPipeline, HeaderPlace } from '../../definition/pipeline.js'
import type { LinePlace } from '../protocol/documents/input.js'

/** A table with a delimiter between its cells. */
export interface CsvFormat {
  readonly kind: 'csv'
  readonly delimiter: ',' | ';' | '\t' | '|'
  /** Says that each record has a blank field more than the header. @default false */
  readonly trailingDelimiter?: boolean
  /** Where the header is; `false` when there is none. @default the first line */
  readonly header?: false | HeaderPlace
}

/** A table with a JSON object on each line. */
export interface JsonLinesFormat {
  readonly kind: 'jsonl'
  /** Values that are looked for in each object, in the order of the contract. */
  readonly fields: readonly JsonField[]
}

/** A value that is looked for in each object: the cell of one column. */
export interface JsonField {
  /** Name of the column. */
  readonly name: string
  /** Where the value is: the name of a field, or names with dots between them for an object in an object. */
  readonly path: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  /** Texts that stand for a blank, besides the empty one. */
  readonly blanks: readonly string[]
  /** How a column of booleans spells true and false; left out for other columns. */
  readonly spellings?: readonly [string, string]
}

export type TableFormat = CsvFormat | JsonLinesFormat

type InputFormat = Pick<AnyPipeline['input'], 'format' | 'delimiter' | 'trailingDelimiter' | 'header' | 'columns'>

/** Says how the input of a definition is to be read. */
export function formatOf(input: InputFormat & { readonly format: 'jsonl' }): JsonLinesFormat
export function formatOf(input: InputFormat): TableFormat
export function formatOf({ format, delimiter = ',', trailingDelimiter = false, header, columns }: InputFormat): TableFormat {
  if (format === 'csv')
    return { kind: 'csv', delimiter, ...(trailingDelimiter ? { trailingDelimiter } : {}), ...(header === undefined ? {} : { header }) }
  return { kind: 'jsonl', fields: Object.entries(columns).map(([name, column]) => jsonField(name, column)) }
}

/**
 * Gives the columns of a contract so that each is found by its own name. Golden files and single records have these names, whatever the
 * pipeline's input has.
 * @param where `'places'` changes only columns that the input has by their place, `'everywhere'` also those that have another name there
 */
export function namedColumns(columns: AnyColumns, where: 'everywhere' | 'places' = 'everywhere'): AnyColumns {
  const named = ([name, column]: [string, Column<unknown>]): [string, Column<unknown>] =>
    where === 'everywhere' || typeof column.from === 'number' ? [name, { ...column, from: name }] : [name, column]
  return Object.fromEntries(Object.entries(columns).map(named))
}

function jsonField(name: string, { from = name, kind, nullable, nullValues: blanks, true: yes, false: no }: Column<unknown>): JsonField {
  const field = { name, path: String(from), kind, nullable, blanks }
  return yes?.[0] !== undefined && no?.[0] !== undefined ? { ...field, spellings: [yes[0], no[0]] } : field
}

/** The names of a file's columns, and where its records begin. */
export interface Header {
  /** Names as they stand in the file, without quotes. Without a header they are places, from 1; in JSON Lines the paths of the fields. */
  readonly names: readonly string[]
  /** Offset of the byte at which the records begin. */
  readonly dataOffset: number
  /** Physical line of that byte, from 1. */
  readonly dataLine: number
}

/** A delivered file, and its text in UTF-8. */
export interface TextFile {
  /** The file as it was delivered. Messages call it so. */
  readonly path: string
  /** Where its text is: the same file, or a copy that was unpacked or rewritten. */
  readonly file: string
  readonly header: Header
}

/** One file of a set, and where its lines are in the joined file. */
export interface SetFile {
  /** Name without folder. */
  readonly name: string
  /** Physical line of the joined file on which the records of this one begin, from 1. */
  readonly line: number
  /** Physical line of the file itself on which they begin, from 1. */
  readonly ownLine: number
}

/** Says where people find a line of the input: its number, or `<file>:<line>` in a set. @param files the files of a set, in order */
export function linePlace(files: readonly SetFile[] | undefined, line: number): LinePlace {
  const file = files?.findLast((one) => one.line <= line)
  return file ? `${file.name}:${line - file.line + file.ownLine}` : line
}
