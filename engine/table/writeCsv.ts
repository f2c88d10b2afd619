/** Writes lines of CSV: commas between cells, LF at the end, quotes only where they are needed. */

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/

/** Makes a line of cells, with its line end. A single blank cell gets quotes, because an empty line is no record. */
export function csvLine(cells: readonly string[]): string {
  if (cells.length === 1 && cells[0] === '') return '""\n'
  return `${cells.map(csvCell).join(',')}\n`
}

/** Gives a cell as it stands in a line. */
export function csvCell(cell: string): string {
  return NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** Puts an apostrophe before a cell that a spreadsheet would take for a formula. */
export function spreadsheetSafe(cell: string): string {
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
}

/** Gives a cell as it was before `spreadsheetSafe`. */
export function spreadsheetRaw(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell
}
