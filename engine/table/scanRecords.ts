/**
 * Where records begin and end, by RFC 4180: a quote opens a field only at its start, a doubled quote stands for one, and after the
 * closing quote only a delimiter or a line end may follow. A record that breaks these rules costs itself alone: it ends with its
 * first line, and the next one is read right. Agrees with csv-parse on every record that keeps the rules. What a record is depends on
 * its own first bytes alone, never on how much was read at once: the plan and the scoring of a partition must find the same records.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { DaybreakError, systemErrorText } from '../protocol/errors.js'
import { LineCounter } from './fast/kernel.js'
import type { Header, TableFormat } from './format.js'

/** A record larger than this, line end not counted, is malformed: an open quote must not swallow the file, nor a line the memory. */
export const MAX_RECORD_BYTES = 1 << 20

/** So many bytes always tell a record that is too large: one more than the largest with its CR LF can be without its LF. */
export const TELLING_BYTES = MAX_RECORD_BYTES + 2

/** Bytes read at once: few enough to stay in a core's cache while they are hashed and counted. */
const WINDOW_BYTES = 1 << 20

/**
 * A file is cut into some thirty partitions, so that threads end together; none is so small that starting it is felt, nor so large that
 * its keys are.
 */
const USUAL_PARTITIONS = 32
const [LEAST_BYTES, MOST_BYTES] = [2 << 20, 5 << 20]

/** Most partitions of a file: a run's history stays small. */
const MAX_PARTITIONS = 500

/** From so many partitions on they double in size every `GROWTH_STEP` partitions; the last one takes what is left. */
const GROWTH_START = 400
const GROWTH_STEP = 12

const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22]

export interface PartitionRange {
  /** Of its first byte in the file. */
  readonly offset: number
  readonly bytes: number
  /** Number of its first record, from 0. */
  readonly firstRecord: number
  readonly records: number
  /** Physical line of its first byte, from 1. */
  readonly firstLine: number
  /** Hex sha256 of its bytes. */
  readonly sha256: string
}

export interface TablePlan {
  readonly bytes: number
  /** Hex sha256 of the whole file. */
  readonly sha256: string
  /** Records after the header, good or bad; empty lines are none. */
  readonly records: number
  readonly partitions: readonly PartitionRange[]
}

/** How a record is broken: by its quotes, by a carriage return that ends no line, or by a first line that is too large. */
export type Malformed = 'quote' | 'line-end' | 'size'

/** A record in a window: `[start, end)` without its line end, `next` after it; -1 when it goes on behind the window. */
export interface RecordSpan {
  readonly start: number
  readonly end: number
  readonly next: number
  /** Physical lines it takes. */
  readonly lines: number
  readonly malformed: Malformed | undefined
}

/**
 * The record that begins at `start`; `undefined` when the window ends before it does and more bytes may come (`final` false).
 * An empty line is a record of no bytes.
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
      at = scanPlain(window, at, delimiter)
      if (at < 0) return firstLine(window, start, final)
      if (window[at] === CR && !isLineEnd(window, at)) {
        // What follows the last byte of a window may be the LF that belongs to it.
        if (at + 1 === window.length && !final) return unfinished()
        return firstLine(window, start, final, 'line-end')
      }
    }
    if (window[at] !== delimiter) break
    // The next field begins, maybe at the very end.
    at += 1
  }
  const last = window[at] === CR ? at + 1 : at
  if (last >= window.length && !final) return unfinished()
  if (at - start > MAX_RECORD_BYTES) return firstLine(window, start, final)
  return { start, end: at, next: Math.min(last + 1, window.length), lines, malformed: undefined }
}

/** Position after the closing quote of a field that opened before `at`; -1 when it does not close in this window. */
function scanQuoted(window: Buffer, at: number): number {
  for (;;) {
    const quote = window.indexOf(QUOTE, at)
    if (quote < 0) return -1
    if (window[quote + 1] !== QUOTE) return quote + 1
    at = quote + 2
  }
}

/** LF, CR LF, or a CR that ends the file. */
function isLineEnd(window: Buffer, at: number): boolean {
  return window[at] === LF || (window[at] === CR && (window[at + 1] ?? LF) === LF)
}

/** Position of the delimiter, line feed or carriage return after an unquoted field; -1 when a quote stands in it. */
function scanPlain(window: Buffer, at: number, delimiter: number): number {
  for (; at < window.length; at += 1) {
    const byte = window[at]
    if (byte === delimiter || byte === LF) return at
    if (byte === QUOTE) return -1
    if (byte === CR) return at
  }
  return at
}

/** A malformed record: its first physical line. `next` is -1 when the line goes on behind the window. */
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

/** The line that begins at `start`, whatever stands in it: a record of JSON Lines. */
function scanLine(window: Buffer, start: number, final: boolean): RecordSpan | undefined {
  const line = firstLine(window, start, final)
  return line?.malformed === 'quote' ? { ...line, malformed: undefined } : line
}

/** Finds the record that begins at `start`; `undefined` when the window ends before it does and more bytes may come. */
export type Scan = (window: Buffer, start: number, final: boolean) => RecordSpan | undefined

/** How records are found in a format. */
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

/** Complete records of one window, in order. `consumed` bytes of the window belong to them. */
export interface ScannedWindow {
  readonly window: Buffer
  readonly spans: readonly RecordSpan[]
  readonly consumed: number
}

/** Reads `[offset, offset + bytes)` of a file, window by window, and finds its records. @throws InputChanged when the file is shorter */
export async function* scanWindows(
  file: string,
  handle: FileHandle,
  range: { offset: number; bytes: number },
  scan: Scan,
): AsyncGenerator<ScannedWindow> {
  for await (const scanned of scanLinesOrWindows(file, handle, range, scan, () => false)) if ('spans' in scanned) yield scanned
}

/** Bytes `[from, consumed)` of a window, each line of which is a record; empty lines are none. */
interface ScannedLines {
  readonly window: Buffer
  readonly from: number
  readonly consumed: number
}

/** The same, but of a window in which `areLines` says that every line is a record only where it begins and ends. */
async function* scanLinesOrWindows(
  file: string,
  handle: FileHandle,
  range: { offset: number; bytes: number },
  scan: Scan,
  areLines: (window: Buffer, from: number) => boolean,
  takeWindow: (bytes: number) => Buffer = Buffer.allocUnsafe,
): AsyncGenerator<ScannedWindow | ScannedLines> {
  let [read, carried] = [0, Buffer.alloc(0)]
  let skipping = false
  while (read < range.bytes || carried.length > 0) {
    const more = Math.min(WINDOW_BYTES, range.bytes - read)
    const window = takeWindow(carried.length + more)
    carried.copy(window)
    await readFully(file, handle, window, carried.length, range.offset + read)
    read += more
    const final = read === range.bytes
    let at = 0
    if (skipping) {
      const end = window.indexOf(LF)
      skipping = end < 0 && !final
      at = end < 0 ? window.length : end + 1
    }
    const lastEnd = final ? window.length : window.lastIndexOf(LF) + 1
    // What is left of a line that is too large must be told as such.
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

/** Fills `target` from `from` on with the file's bytes from `position` on. @throws InputChanged when the file is shorter; InputUnreadable */
export async function readFully(file: string, handle: FileHandle, target: Buffer, from: number, position: number): Promise<void> {
  for (let at = from; at < target.length; ) {
    const { bytesRead } = await handle.read(target, at, target.length - at, position + at - from).catch((error: unknown) => {
      throw unreadable(file, error)
    })
    if (bytesRead === 0) throw new DaybreakError('InputChanged', `${file} became shorter while it was read`, { place: { file } })
    at += bytesRead
  }
}

/** Opens the input. @throws InputUnreadable */
export async function openInput(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): DaybreakError {
  return new DaybreakError('InputUnreadable', `${file} cannot be read: ${systemErrorText(error)}`, { cause: error, place: { file } })
}

export interface PlanOptions {
  /** Records of a micro-batch. */
  readonly microBatch: number
  readonly format: TableFormat
  /** Records of a partition, rounded up to whole micro-batches. @default as many as the size of the file asks for */
  readonly targetRecords?: number
  readonly onProgress?: (bytes: number) => void
  readonly signal?: AbortSignal
}

/**
 * One pass over the bytes: sha256 of the whole and of each partition, records counted, partitions cut at whole micro-batches.
 * The same file gives the same plan. @throws InputUnreadable, InputChanged
 */
export async function planPartitions(file: string, header: Header, options: PlanOptions): Promise<TablePlan> {
  const handle = await openInput(file)
  try {
    const { size } = await handle.stat()
    const whole = createHash('sha256')
    const head = Buffer.alloc(header.dataOffset)
    await readFully(file, handle, head, 0, 0)
    whole.update(head)
    const lines = new LineCounter(WINDOW_BYTES + TELLING_BYTES)
    const cutter = new PartitionCutter(header, options, size, lines)
    const range = { offset: header.dataOffset, bytes: size - header.dataOffset }
    const scan = scannerOf(options.format)
    // Without a quote every line is a record, well formed or not.
    const areLines = (window: Buffer, from: number) => options.format.kind === 'jsonl' || window.indexOf(QUOTE, from) < 0
    for await (const scanned of scanLinesOrWindows(file, handle, range, scan, areLines, (bytes) => lines.memory.subarray(0, bytes))) {
      if (options.signal?.aborted) throw new DaybreakError('Interrupted', `reading ${file} was stopped`)
      whole.update(scanned.window.subarray(0, scanned.consumed))
      if ('spans' in scanned) cutter.add(scanned)
      else cutter.addLines(scanned)
      options.onProgress?.(cutter.bytes)
    }
    const partitions = cutter.finish()
    return { bytes: size, sha256: whole.digest('hex'), records: cutter.records, partitions }
  } finally {
    await handle.close()
  }
}

/** Cuts the stream of records into partitions. */
class PartitionCutter {
  private readonly partitions: PartitionRange[] = []
  private hash = createHash('sha256')
  /** A partition ends at the first whole micro-batch that has either of both. */
  private targetRecords: number
  private targetBytes: number
  private readonly microBatch: number
  private line: number
  private current: { offset: number; firstRecord: number; firstLine: number }
  records = 0
  bytes = 0

  constructor(
    private readonly header: Header,
    { microBatch, targetRecords }: PlanOptions,
    size: number,
    private readonly lines: LineCounter,
  ) {
    this.microBatch = microBatch
    this.targetRecords = targetRecords ?? Number.POSITIVE_INFINITY
    this.targetBytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, size / USUAL_PARTITIONS))
    this.line = header.dataLine
    this.current = { offset: header.dataOffset, firstRecord: 0, firstLine: header.dataLine }
  }

  /** Does a record that begins after so many bytes belong to the next partition? */
  private isFull(dataBytes: number): boolean {
    const records = this.records - this.current.firstRecord
    if (records === 0 || records % this.microBatch !== 0) return false
    return records >= this.targetRecords || this.header.dataOffset + dataBytes - this.current.offset >= this.targetBytes
  }

  add({ window, spans, consumed }: ScannedWindow): void {
    let hashed = 0
    for (const { start, end, lines, malformed } of spans) {
      const empty = start === end && !malformed
      if (!empty && this.isFull(this.bytes + start)) {
        this.hash.update(window.subarray(hashed, start))
        this.cut(this.bytes + start)
        hashed = start
      }
      this.line += lines
      if (!empty) this.records += 1
    }
    this.hash.update(window.subarray(hashed, consumed))
    this.bytes += consumed
  }

  addLines({ window, from, consumed }: ScannedLines): void {
    const pass = (at: number, limit: number) => {
      const next = this.lines.count(at, consumed, limit)
      this.records += this.lines.records
      this.line += this.lines.lines
      return next
    }
    let hashed = 0
    // Empty lines go with the record before them.
    let at = pass(from, 0)
    while (at < consumed) {
      if (this.isFull(this.bytes + at)) {
        this.hash.update(window.subarray(hashed, at))
        this.cut(this.bytes + at)
        hashed = at
      }
      at = pass(at, this.microBatch - (this.records % this.microBatch))
    }
    this.hash.update(window.subarray(hashed, consumed))
    this.bytes += consumed
  }

  finish(): readonly PartitionRange[] {
    if (this.records > this.current.firstRecord) this.cut(this.bytes)
    return this.partitions
  }

  private cut(dataBytes: number): void {
    const end = this.header.dataOffset + dataBytes
    const { offset, firstRecord } = this.current
    this.partitions.push({ ...this.current, bytes: end - offset, records: this.records - firstRecord, sha256: this.hash.digest('hex') })
    this.hash = createHash('sha256')
    this.current = { offset: end, firstRecord: this.records, firstLine: this.line }
    const cuts = this.partitions.length
    const grows = cuts >= GROWTH_START && (cuts - GROWTH_START) % GROWTH_STEP === 0
    const factor = cuts === MAX_PARTITIONS - 1 ? Number.POSITIVE_INFINITY : grows ? 2 : 1
    this.targetRecords *= factor
    this.targetBytes *= factor
  }
}
