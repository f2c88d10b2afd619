/**
 * Writes and reads the file of rejected records, CSV or JSON Lines. It has a line for each record: where the record stood, why it was
 * rejected, and how it reads.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { readCsvFile } from './readCsvFile.js'
import { csvLine, spreadsheetRaw } from './writeCsv.js'
import { jsonLine } from './writeJson.js'

export const REJECT_COLUMNS = ['line', 'key', 'column', 'rule', 'reason', 'raw'] as const

/** A rejected record, by column. `line` is a number, or `<file>:<line>` in a set of files. */
export type RejectRow = Readonly<Record<(typeof REJECT_COLUMNS)[number], string>>

/** Writes a rejected record as a line. @param safe makes texts of the input harmless for spreadsheets; JSON Lines need no such thing */
export function rejectLine(row: RejectRow, format: 'csv' | 'jsonl', safe: (text: string) => string): string {
  const { line, key, column, rule, reason, raw } = row
  if (format === 'csv') return csvLine([line, safe(key), column, rule, safe(reason), safe(raw)])
  const place = /^\d+$/.test(line) ? line : JSON.stringify(line)
  return jsonLine(REJECT_COLUMNS, [place, ...[key, column, rule, reason, raw].map((text) => JSON.stringify(text))])
}

/**
 * Reads rejects back, in order. @param neutralized whether formulas were made texts when they were written: the apostrophe is taken off
 * @throws Error when the file is not one that Daybreak wrote
 */
export async function* readRejects(file: string, neutralized = true): AsyncGenerator<RejectRow> {
  if (file.endsWith('.jsonl')) {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== '') yield rejectRow(JSON.parse(line) as Record<string, unknown>)
    }
    return
  }
  for await (const row of readCsvFile<Record<string, string>>(file, { columns: true, bom: true })) {
    const rejected = rejectRow(row)
    yield neutralized ? { ...rejected, raw: spreadsheetRaw(rejected.raw) } : rejected
  }
}

function rejectRow(row: Readonly<Record<string, unknown>>): RejectRow {
  if (row.line === undefined || row.raw === undefined) throw new Error(`no line or no raw text: line ${JSON.stringify(row.line ?? '')}`)
  return Object.fromEntries(REJECT_COLUMNS.map((name) => [name, String(row[name] ?? '')])) as RejectRow
}
