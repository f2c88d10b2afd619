/** Gives the cells of rows that keep their contract as values of their kind, for outputs that have types. It checks nothing. */
import type { Column } from '../../definition/columns.js'
import { type Day, formatDay } from '../../definition/dates.js'
import { type CellValue, compileDecoder } from './decode.js'

/**
 * Compiles a function that gives the cells of a column as a number, true or false, a day `YYYY-MM-DD`, a text, or null for a blank. Only
 * cells that keep the contract may be given to it.
 * @param date data date, the limit of some date columns
 */
export function cellValue(column: Column<unknown>, date: Day): (cell: string) => CellValue {
  if (column.kind === 'text' || column.kind === 'category') {
    const blank = column.nullable ? null : ''
    return (cell) => {
      const text = column.trim ? cell.trim() : cell
      return text.trim() === '' || column.nullValues.includes(text) ? blank : text
    }
  }
  const decoder = compileDecoder({ value: column }, { value: 0 }, date, {})
  const row = decoder.newRow()
  return (cell) => {
    decoder.decode([cell], row)
    const { value = null } = row
    return column.kind === 'date' && typeof value === 'number' ? formatDay(value) : value
  }
}
