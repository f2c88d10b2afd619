/** Lines of the files we write: comma, LF, quotes only where they are needed. */

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/

/** A line of cells, with its line end. A single blank cell is quoted: an empty line is no record. */
export function csvLine(cells: readonly string[]): string {
  if (cells.length === 1 && cells[0] === '') return '""\n'
  return `${cells.map(csvCell).join(',')}\n`
}

/** A cell as it stands in a line. */
export function csvCell(cell: string): string {
  return NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** A text cell that a spreadsheet would take for a formula, made text by an apostrophe before it. */
export function spreadsheetSafe(cell: string): string {
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
}

/** The cell as it was before `spreadsheetSafe`. */
export function spreadsheetRaw(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell
}
