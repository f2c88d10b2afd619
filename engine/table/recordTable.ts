/**
 * Says how records are read that come by themselves, without a file: each is a JSON object on a line, with its values under the columns'
 * own names. So requests and messages pass the very decoders that read a day's file.
 */
import type { AnyColumns, Column } from '../../definition/columns.js'
import { formatOf, type Header, type JsonLinesFormat, namedColumns } from './format.js'

/** What a reader needs to know of a table of such records. */
export interface RecordTable {
  readonly format: JsonLinesFormat
  readonly header: Header
  readonly columns: AnyColumns
  /** Place of each column among the fields of a record, from 0. */
  readonly positions: Readonly<Record<string, number>>
}

/** Makes the table for a contract, whatever the format of the pipeline's files is. */
export function recordTable(contract: AnyColumns): RecordTable {
  const columns = namedColumns(
    Object.fromEntries(Object.entries(contract).map(([name, column]): [string, Column<unknown>] => [name, asInJson(column)])),
  )
  const format = formatOf({ format: 'jsonl', columns })
  return {
    format,
    header: { names: format.fields.map(({ path }) => path), dataOffset: 0, dataLine: 1 },
    columns,
    positions: Object.fromEntries(Object.keys(columns).map((name, index) => [name, index])),
  }
}

/** Takes away how the pipeline's files write numbers, because JSON has one way to write them. */
function asInJson({ decimal: _point, thousands: _mark, ...column }: Column<unknown>): Column<unknown> {
  return column
}
