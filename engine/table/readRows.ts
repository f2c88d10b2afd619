/**
 * Reads the rows of a range in order: scanRecords.ts finds the records, csv-parse or `JSON.parse` reads their cells. This is the strict
 * reader, which decides about every record that the kernel cannot read by itself.
 */
import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { DaybreakError } from '../protocol/errors.js'
import type { CellProblem } from './decode.js'
import type { CsvFormat, Header, JsonField, TableFormat } from './format.js'
import { withoutTrailing } from './header.js'
import { readJsonLine } from './jsonLines.js'
import { MAX_RECORD_BYTES, type Malformed, type RecordRange, type RecordSpan, type Scan, scannerOf, scanWindows } from './scanRecords.js'
import { type OpenSource, openSource, type Source } from './source.js'

/** A record as it was read, before the contract is asked. */
export interface RawRow {
  /** Number of the record in the file, from 0. */
  readonly record: number
  /** Physical line on which it begins, from 1. */
  readonly line: number
  /** The record as it stands in the file, without its line end; only the beginning of a record that is too large. */
  readonly raw: string
  /** As many cells as the header has; `undefined` when the record is no row. A cell that is `undefined` has its problem in `problems`. */
  readonly cells: readonly (string | undefined)[] | undefined
  /** Values that are missing or of the wrong type, in a format that has types. */
  readonly problems?: readonly CellProblem[]
  /** Why the record is no row. */
  readonly malformed?: { readonly rule: Malformed | 'fields' | 'json'; readonly reason: string }
}

/** At most this many rows are handed on at once: few enough that they never fill the memory. */
const SLAB_ROWS = 2048

/** A range of at most this many bytes is held in memory and verified before its first row is handed on. */
const HELD_BYTES = 64 << 20

/** Bytes that are kept of a record that is too large. */
const SHOWN_BYTES = 200

/** Records that follow each other in a window. */
interface Slab {
  readonly window: Buffer
  readonly spans: readonly RecordSpan[]
}

/**
 * Reads the rows of a range, some thousand at once.
 * @param range when it has a sha256 its bytes are verified: before the first row up to 64 MiB, in a larger range after the last row
 * @throws InputChanged, InputUnreadable
 */
export async function* readRows(
  source: Source,
  range: RecordRange,
  header: Header,
  format: TableFormat,
): AsyncGenerator<readonly RawRow[]> {
  const opened = await openSource(source)
  try {
    const scan = scannerOf(format)
    const slabs = range.bytes <= HELD_BYTES ? heldSlabs(opened, range, scan) : streamedSlabs(opened, range, scan)
    let [record, line] = [range.firstRecord, range.firstLine]
    for await (const { window, spans } of slabs) {
      const rows = readSlab(window, spans, { record, line, width: header.names.length, format })
      line += spans.reduce((lines, span) => lines + span.lines, 0)
      record += rows.length
      if (rows.length > 0) yield rows
    }
  } finally {
    await opened.close()
  }
}

/** Reads all bytes of a range. @throws InputChanged when they are not those that were planned */
async function readHeld(source: OpenSource, range: RecordRange): Promise<Buffer> {
  const window = Buffer.allocUnsafe(range.bytes)
  await source.fill(window, 0, range.offset)
  if (range.sha256 !== undefined && createHash('sha256').update(window).digest('hex') !== range.sha256) throw changed(source.name, range)
  return window
}

async function* heldSlabs(source: OpenSource, range: RecordRange, scan: Scan): AsyncGenerator<Slab> {
  const window = await readHeld(source, range)
  for (let at = 0; at < window.length; ) {
    const spans: RecordSpan[] = []
    while (at < window.length && spans.length < SLAB_ROWS) {
      const span = scan(window, at, true)!
      spans.push(span)
      at = span.next
    }
    yield { window, spans }
  }
}

async function* streamedSlabs(source: OpenSource, range: RecordRange, scan: Scan): AsyncGenerator<Slab> {
  const hash = createHash('sha256')
  for await (const { window, spans, consumed } of scanWindows(source, range, scan)) {
    hash.update(window.subarray(0, consumed))
    for (let from = 0; from < spans.length; from += SLAB_ROWS) yield { window, spans: spans.slice(from, from + SLAB_ROWS) }
  }
  if (range.sha256 !== undefined && hash.digest('hex') !== range.sha256) throw changed(source.name, range)
}

/** Makes the error for a range whose bytes are not those that were planned. @param file the file as messages call it */
export function changed(file: string, range: RecordRange): DaybreakError {
  const lines = `from line ${range.firstLine}, ${range.records} records`
  return new DaybreakError('InputChanged', `${file} is not what it was when the run inspected it (${lines})`, {
    place: { file, line: range.firstLine },
  })
}

interface SlabStart {
  readonly record: number
  readonly line: number
  readonly width: number
  readonly format: TableFormat
}

function readSlab(window: Buffer, spans: readonly RecordSpan[], start: SlabStart): readonly RawRow[] {
  const placed: PlacedSpan[] = []
  let line = start.line
  for (const span of spans) {
    if (span.malformed || span.end > span.start) placed.push({ span, record: start.record + placed.length, line })
    line += span.lines
  }
  return readSpans(window, placed, start)
}

/** A record of a window, with its number in the file and its line. */
export interface PlacedSpan {
  readonly span: RecordSpan
  readonly record: number
  readonly line: number
}

/** Reads some records of a window, which need not follow each other. @param width number of fields that the header has */
export function readSpans(
  window: Buffer,
  placed: readonly PlacedSpan[],
  { width, format }: { readonly width: number; readonly format: TableFormat },
): readonly RawRow[] {
  const wellFormed = placed.flatMap(({ span }) => (span.malformed ? [] : [span]))
  const cells = format.kind === 'csv' ? parseCells(window, wellFormed, format) : []
  let next = 0
  return placed.map(({ span, record, line }) => {
    const row = { record, line, raw: rawText(window, span) }
    if (span.malformed) return { ...row, ...brokenRow(span.malformed) }
    return { ...row, ...(format.kind === 'csv' ? csvRow(cells[next++] ?? [], width, format) : jsonRow(row.raw, format.fields)) }
  })
}

/** Reads the cells of records that keep the quoting rules. @throws Unexpected when csv-parse finds other records than scanRecords.ts */
function parseCells(window: Buffer, spans: readonly RecordSpan[], { delimiter }: CsvFormat): readonly (readonly string[] | undefined)[] {
  const parts = spans.flatMap(({ start, end }) => [window.subarray(start, end), LINE_END])
  const options = { delimiter, relax_column_count: true, record_delimiter: '\n' } as const
  const rows = parse(Buffer.concat(parts), options) as string[][]
  if (rows.length === spans.length) return rows
  throw new DaybreakError('Unexpected', `${spans.length} records were split and ${rows.length} read: the two readers disagree`)
}

const LINE_END = Buffer.from('\n')

function rawText(window: Buffer, { start, end, malformed }: RecordSpan): string {
  return window.toString('utf8', start, malformed === 'size' ? Math.min(end, start + SHOWN_BYTES) : end)
}

type RowCells = Pick<RawRow, 'cells' | 'malformed' | 'problems'>

function brokenRow(rule: Malformed): RowCells {
  const reasons: Readonly<Record<Malformed, string>> = {
    size: `the row is larger than ${MAX_RECORD_BYTES} bytes`,
    quote: `a quote stands inside a field, is followed by text, or does not close within ${MAX_RECORD_BYTES} bytes`,
    'line-end': 'a carriage return stands in it that does not end the line',
  }
  return { cells: undefined, malformed: { rule, reason: reasons[rule] } }
}

function csvRow(all: readonly string[], width: number, format: CsvFormat): RowCells {
  const cells = withoutTrailing(all, format)
  if (cells?.length === width) return { cells }
  const counted = `the row has ${all.length} fields, the header ${width}`
  return { cells: undefined, malformed: { rule: 'fields', reason: `${counted}${fieldsHint(all, width, format)}` } }
}

/** What a delimiter at the end, or the lack of one, has to do with it. */
function fieldsHint(all: readonly string[], width: number, { trailingDelimiter = false }: CsvFormat): string {
  const lastBlank = all.at(-1)?.trim() === ''
  if (!trailingDelimiter)
    return all.length === width + 1 && lastBlank ? ' (trailingDelimiter: true would pass over the blank last one)' : ''
  return lastBlank
    ? ', and one more, which is blank, behind the last delimiter'
    : ', and its last one is not blank (trailingDelimiter: true)'
}

function jsonRow(raw: string, fields: readonly JsonField[]): RowCells {
  const found = readJsonLine(raw, fields)
  return 'reason' in found ? { cells: undefined, malformed: { rule: 'json', reason: found.reason } } : found
}
