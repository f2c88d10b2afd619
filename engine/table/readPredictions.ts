/** Reads predictions files as other programs read them: CSV or JSON Lines, one file or several in record order. It does not judge them. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { readCsvFile } from './readCsvFile.js'

/**
 * Gives the cells of each row as texts, an empty one for null. Memory is bounded.
 * @param onColumns is told the columns of the rows that follow: for each CSV file, and whenever a line of JSON has other names than the one
 * before
 * @throws Error when a line is neither CSV nor JSON
 */
export async function* readPredictions(
  files: readonly string[],
  onColumns: (columns: readonly string[], file: string) => void,
): AsyncGenerator<readonly string[]> {
  for (const file of files) yield* file.endsWith('.jsonl') ? readJson(file, onColumns) : readCsv(file, onColumns)
}

async function* readCsv(file: string, onColumns: (columns: readonly string[], file: string) => void) {
  let first = true
  for await (const cells of readCsvFile<readonly string[]>(file, { relax_column_count: true })) {
    if (first) onColumns(cells, file)
    else yield cells
    first = false
  }
}

async function* readJson(file: string, onColumns: (columns: readonly string[], file: string) => void) {
  let columns = ''
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const row = JSON.parse(line) as Record<string, unknown>
    const names = Object.keys(row)
    if (names.join('\n') !== columns) onColumns(names, file)
    columns = names.join('\n')
    yield names.map((name) => (row[name] === null ? '' : String(row[name])))
  }
}
