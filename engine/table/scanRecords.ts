/**
 * Finds where records begin and end, by RFC 4180: a quote opens a field only at its start, a doubled quote stands for one, and after the
 * closing quote only a delimiter or a line end may follow. A record that breaks these rules costs itself alone: it ends with its first
 * line, and the next one is read right. On every record that keeps the rules csv-parse agrees. What a record is depends on its own first
 * bytes alone, never on how much was read at once: the plan and the scoring of a partition must find the same records.
 */
import type { TableFormat } from './format.js'
import type { OpenSource } from './source.js'

/** A record larger than this, without its line end, is malformed: an open quote must not swallow the file, nor a line the memory. */
export const MAX_RECORD_BYTES = 1 << 20

/** A record that has not ended after this many bytes is too large: the largest one and its CR are one byte less. */
export const TELLING_BYTES = MAX_RECORD_BYTES + 2

/** Bytes that are read at once: few enough to stay in a core's cache while they are hashed and counted. */
export const SCAN_BYTES = 1 << 20

const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22]

/** Records that follow each other in a file, and where they are. */
export interface RecordRange {
  /** Offset of its first byte. */
  readonly offset: number
  readonly bytes: number
  /** Number of its first record, from 0. */
  readonly firstRecord: number
  /** Physical line of its first byte, from 1. */
  readonly firstLine: number
  /** Number of its records, when they were counted. */
  readonly records?: number
  /** Hex sha256 that its bytes must have; left out when they may be any. */
  readonly sha256?: string
}

/** How a record is broken: by its quotes, by a carriage return that ends no line, or by a first line that is too large. */
export type Malformed = 'quote' | 'line-end' | 'size'

/**
 * A record in a window: its bytes are `[start, end)`, without the line end. `next` is where the next record begins; -1 when this one goes
 * on behind the window.
 */
export interface RecordSpan {
  readonly start: number
  readonly end: number
  readonly next: number
  /** Physical lines it takes. */
  readonly lines: number
  readonly malformed: Malformed | undefined
}

/**
 * Finds the record that begins at `start`. An empty line counts as a record of no bytes.
 * @param final whether no more bytes come after the window
 * @param delimiter byte between two fields
 * @returns `undefined` when the window ends before the record does and more bytes may come
 */
export function scanRecord(window: Buffer, start: number, final: boolean, delimiter: number): RecordSpan | undefined {
  const unfinished = () => (final || window.length - start >= TELLING_BYTES ? firstLine(window, start, final) : undefined)
  let at = start
  let lines = 1
  for (;;) {
    if (window[at] === QUOTE) {
      const closed = scanQuoted(window, at + 1)
      // A quote that is the last byte may be the first of a doubled one.
      if (closed < 0 || (closed === window.length && !final)) return unfinished()
      lines += countLines(window, at, closed)
      at = closed
      if (at < window.length && window[at] !== delimiter && !isLineEnd(window, at)) return firstLine(window, start, final)
    } else {
      at = scanUnquoted(window, at, delimiter)
      if (at < 0) return firstLine(window, start, final)
      if (window[at] === CR && !isLineEnd(window, at)) {
        // What follows the last byte of a window may be the LF that belongs to it.
        if (at + 1 === window.length && !final) return unfinished()
        return firstLine(window, start, final, 'line-end')
      }
    }
    if (window[at] !== delimiter) break
    // The next field begins here, even at the very end of the file: then it is empty.
    at += 1
  }
  const last = window[at] === CR ? at + 1 : at
  if (last >= window.length && !final) return unfinished()
  if (at - start > MAX_RECORD_BYTES) return firstLine(window, start, final)
  return { start, end: at, next: Math.min(last + 1, window.length), lines, malformed: undefined }
}

/** Gives the position behind the closing quote of a field that opened before `at`; -1 when it does not close in this window. */
function scanQuoted(window: Buffer, at: number): number {
  for (;;) {
    const quote = window.indexOf(QUOTE, at)
    if (quote < 0) return -1
    if (window[quote + 1] !== QUOTE) return quote + 1
    at = quote + 2
  }
}

/** Says whether a line ends here: by LF, by CR LF, or by a CR that is the last byte. */
function isLineEnd(window: Buffer, at: number): boolean {
  return window[at] === LF || (window[at] === CR && (window[at + 1] ?? LF) === LF)
}

/** Gives the position of the delimiter, LF or CR behind an unquoted field, or the window's end; -1 when a quote stands in the field. */
function scanUnquoted(window: Buffer, at: number, delimiter: number): number {
  for (; at < window.length; at += 1) {
    const byte = window[at]
    if (byte === delimiter || byte === LF) return at
    if (byte === QUOTE) return -1
    if (byte === CR) return at
  }
  return at
}

/** Gives a malformed record, which is its first physical line. `next` is -1 when that line is too large and goes on behind the window. */
function firstLine(window: Buffer, start: number, final: boolean, why: Malformed = 'quote'): RecordSpan | undefined {
  const lineFeed = window.indexOf(LF, start)
  if (lineFeed < 0 && !final) {
    const told = window.length - start >= TELLING_BYTES
    return told ? { start, end: window.length, next: -1, lines: 1, malformed: 'size' } : undefined
  }
  const at = lineFeed < 0 ? window.length : lineFeed
  const end = at > start && window[at - 1] === CR ? at - 1 : at
  const malformed = end - start > MAX_RECORD_BYTES ? 'size' : why
  return { start, end, next: Math.min(at + 1, window.length), lines: 1, malformed }
}

/** Finds the record of JSON Lines that begins at `start`: a line, whatever stands in it. */
function scanLine(window: Buffer, start: number, final: boolean): RecordSpan | undefined {
  const line = firstLine(window, start, final)
  return line?.malformed === 'quote' ? { ...line, malformed: undefined } : line
}

/** Finds the record that begins at `start`, as `scanRecord` does for CSV. */
export type Scan = (window: Buffer, start: number, final: boolean) => RecordSpan | undefined

/** Gives the function that finds the records of a format. */
export function scannerOf(format: TableFormat): Scan {
  if (format.kind === 'jsonl') return scanLine
  const delimiter = format.delimiter.charCodeAt(0)
  return (window, start, final) => scanRecord(window, start, final, delimiter)
}

function countLines(window: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = window.indexOf(LF, from); at >= 0 && at < to; at = window.indexOf(LF, at + 1)) lines += 1
  return lines
}

/** Complete records of one window, in order. The first `consumed` bytes belong to them, or to a record before them that is too large. */
export interface ScannedWindow {
  readonly window: Buffer
  readonly spans: readonly RecordSpan[]
  readonly consumed: number
}

/** Reads a range window by window and finds its records. @throws InputChanged when the source has fewer bytes; InputUnreadable */
export async function* scanWindows(
  source: OpenSource,
  range: { offset: number; bytes: number },
  scan: Scan,
): AsyncGenerator<ScannedWindow> {
  for await (const scanned of scanLinesOrWindows(source, range, scan, () => false)) if ('spans' in scanned) yield scanned
}

/** Bytes `[from, consumed)` of a window, each line of which is a record; empty lines are none. */
export interface ScannedLines {
  readonly window: Buffer
  readonly from: number
  readonly consumed: number
}

/**
 * Reads a range window by window. Where every line is a record the lines are not looked at one by one, because the kernel counts them
 * faster.
 * @param areLines says whether every line from a place of the window on is a record
 * @param takeWindow gives the memory for a window, which is used again for the next one
 * @throws InputChanged when the source has fewer bytes; InputUnreadable
 */
export async function* scanLinesOrWindows(
  source: OpenSource,
  range: { offset: number; bytes: number },
  scan: Scan,
  areLines: (window: Buffer, from: number) => boolean,
  takeWindow: (bytes: number) => Buffer = Buffer.allocUnsafe,
): AsyncGenerator<ScannedWindow | ScannedLines> {
  let [read, carried] = [0, Buffer.alloc(0)]
  let skipping = false
  while (read < range.bytes || carried.length > 0) {
    const more = Math.min(SCAN_BYTES, range.bytes - read)
    const window = takeWindow(carried.length + more)
    carried.copy(window)
    await source.fill(window, carried.length, range.offset + read)
    read += more
    const final = read === range.bytes
    let at = 0
    if (skipping) {
      const end = window.indexOf(LF)
      skipping = end < 0 && !final
      at = end < 0 ? window.length : end + 1
    }
    const lastEnd = final ? window.length : window.lastIndexOf(LF) + 1
    // The end of a window may be the beginning of a line that is too large, which only the scan can tell.
    if (!skipping && lastEnd > at && window.length - lastEnd < TELLING_BYTES && areLines(window, at)) {
      yield { window, from: at, consumed: lastEnd }
      at = lastEnd
    } else {
      const spans: RecordSpan[] = []
      while (at < window.length) {
        const found = scan(window, at, final)
        if (!found) break
        spans.push(found)
        skipping = found.next < 0
        at = skipping ? window.length : found.next
      }
      yield { window, spans, consumed: at }
    }
    carried = Buffer.from(window.subarray(at))
  }
}
