/**
 * How records are read that come by themselves: each an object of JSON on a line, its values under the columns' own names. The request of
 * an API and the message of a stream become records by the very decoders that read a day's file.
 */
import type { AnyColumns, Column } from '../../definition/columns.js'
import { formatOf, type Header, type JsonLinesFormat, namedColumns } from './format.js'

export interface RecordTable {
  readonly format: JsonLinesFormat
  readonly header: Header
  readonly columns: AnyColumns
  readonly positions: Readonly<Record<string, number>>
}

/** The table of such records, for a contract of whatever format. */
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

/** A number of JSON is written in one way only, however the pipeline's files write theirs. */
function asInJson({ decimal: _point, thousands: _mark, ...column }: Column<unknown>): Column<unknown> {
  return column
}
