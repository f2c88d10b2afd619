/**
 * Gives the text by which a key is compared: that of its value, not that of its cell. `1`, `01` and `1.0` are one integer, and spaces that
 * `trim` takes away belong to no key. A cell that is no value of its column is compared as it stands.
 */
import type { Column } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import { compileDecoder } from './decode.js'

/** Compiles the function for the column of the key. An empty text means that the key is blank, and so no key. @param date data date */
export function keyText(column: Column<unknown>, date: Day): (cell: string) => string {
  const decoder = compileDecoder({ key: { ...column, nullable: true } }, { key: 0 }, date, {})
  const row = decoder.newRow()
  return (cell) => {
    if (decoder.decode([cell], row).length > 0) return column.trim ? cell.trim() : cell
    return String(row.key ?? '')
  }
}
