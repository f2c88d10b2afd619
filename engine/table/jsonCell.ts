/** Cells as values of JSON, typed as the contract says: for outputs in JSON Lines. */
import type { Column } from '../../definition/columns.js'
import { type Day, formatDay } from '../../definition/dates.js'
import { compileDecoder } from './decode.js'

/** A cell of a row that keeps its contract, as JSON: a number, true or false, a day `YYYY-MM-DD`, text, or null for a blank. */
export function jsonCell(column: Column<unknown>, date: Day): (cell: string) => string {
  if (column.kind === 'text' || column.kind === 'category') {
    const blank = column.nullable ? 'null' : '""'
    return (cell) => (cell.trim() === '' ? blank : JSON.stringify(cell))
  }
  const decoder = compileDecoder({ value: column }, { value: 0 }, date, {})
  const row = decoder.newRow()
  return (cell) => {
    decoder.decode([cell], row)
    const { value = null } = row
    return JSON.stringify(column.kind === 'date' && typeof value === 'number' ? formatDay(value) : value)
  }
}
