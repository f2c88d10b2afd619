/** What is known of a table's file before its rows are read, and how its text is shown to people. */
import type { AnyColumns, Column, ColumnKind } from '../../definition/columns.js'
import type { AnyPipeline, HeaderPlace } from '../../definition/pipeline.js'
import type { LinePlace } from '../protocol/documents/input.js'

/** A table with a delimiter. */
export interface CsvFormat {
  readonly kind: 'csv'
  readonly delimiter: ',' | ';' | '\t' | '|'
  /** @default the first line */
  readonly header?: false | HeaderPlace
}

/** An object on each line. */
export interface JsonLinesFormat {
  readonly kind: 'jsonl'
  readonly fields: readonly JsonField[]
}

/** A value that is looked for in each object. */
export interface JsonField {
  /** Name of the column. */
  readonly name: string
  /** Where it is: the name of a field, or names with dots between them. */
  readonly path: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  /** Further spellings of blank. */
  readonly blanks: readonly string[]
  /** Of a column of booleans: how it spells true and false. */
  readonly spellings?: readonly [string, string]
}

export type TableFormat = CsvFormat | JsonLinesFormat

type InputFormat = Pick<AnyPipeline['input'], 'format' | 'delimiter' | 'header' | 'columns'>

/** How the input of a definition is to be read. */
export function formatOf(input: InputFormat & { readonly format: 'jsonl' }): JsonLinesFormat
export function formatOf(input: InputFormat): TableFormat
export function formatOf({ format, delimiter = ',', header, columns }: InputFormat): TableFormat {
  if (format === 'csv') return { kind: 'csv', delimiter, ...(header === undefined ? {} : { header }) }
  return { kind: 'jsonl', fields: Object.entries(columns).map(([name, column]) => jsonField(name, column)) }
}

/**
 * The columns of a contract, each found by its own name: for tables of ours, which have names whatever the pipeline's input has.
 * @param where `'places'`: only those that a file has by their place; else those too that it has under another name
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
  /** Names as they stand in the file, unquoted; places from 1 without a header; the paths of the fields in JSON Lines. */
  readonly names: readonly string[]
  /** Of the first byte after the header's record. */
  readonly dataOffset: number
  /** Physical line of the first byte after it, from 1. */
  readonly dataLine: number
}

/** A file as text in UTF-8. */
export interface TextFile {
  /** The file as it was delivered, and as messages call it. */
  readonly path: string
  /** Where its text is. */
  readonly file: string
  readonly header: Header
}

/** A file of a set that was put together: its lines within the whole. */
export interface SetFile {
  readonly name: string
  /** Line of the whole on which its records begin. */
  readonly line: number
  /** Line of the file itself on which they begin. */
  readonly ownLine: number
}

/** The place of a line of the input. */
export function linePlace(files: readonly SetFile[] | undefined, line: number): LinePlace {
  const file = files?.findLast((one) => one.line <= line)
  return file ? `${file.name}:${line - file.line + file.ownLine}` : line
}
