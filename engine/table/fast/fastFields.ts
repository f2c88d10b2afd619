/**
 * Finds plain records, which are those that the kernel can read by itself, and their fields. With delimiters a record is plain when it has
 * no quote, as many fields as the header and an ordinary line end; in JSON Lines when it is written as a good one before it. A table says
 * where each wanted field begins and ends; no string and no object is made. About all other records the strict reader decides. It takes
 * about 1 ns a byte.
 */
import type { JsonField, TableFormat } from '../format.js'
import { readJsonLine } from '../jsonLines.js'
import { MAX_RECORD_BYTES, type RecordSpan, type Scan, scannerOf, TELLING_BYTES } from '../scanRecords.js'
import { type JsonPiece, jsonPattern } from './jsonPattern.js'
import { Kernel } from './kernel.js'

/** Answers of the kernel's `split`, as kernel/records.ts has them. */
const [FULL, STRICT] = [0, 2]

/** Bytes of the file that are looked at together: they hold a micro-batch of 4,096 records of 1 KB. */
export const WINDOW_BYTES = 4 << 20

/** Bytes that a record may take in the kernel's memory besides its fields. */
const RECORD_BYTES = 64

export interface FastFieldsOptions {
  /** Number of fields that the header has. */
  readonly width: number
  /** Places of the wanted fields in a record, from 0. */
  readonly positions: readonly number[]
  readonly format: TableFormat
  /** At most this many records are found at once. */
  readonly capacity: number
  /** Further bytes that others will ask of the kernel's memory. @default 0 */
  readonly more?: number
  /** Size of the window. @default 4 MiB */
  readonly windowBytes?: number
}

/** A window of bytes, and the records in it. All places are indexes into `bytes`. */
export class FastFields {
  readonly kernel: Kernel
  readonly bytes: Buffer
  /** Where the window begins. */
  readonly from: number
  readonly windowBytes: number
  /** Number of wanted fields. */
  readonly wanted: number
  readonly capacity: number
  /** `[start, end)` of each wanted field, from `bounds[2 * (record * wanted + field)]` on. A record that is not plain has nothing there. */
  readonly bounds: Int32Array
  /** By record: 1 when it is not plain. */
  readonly careful: Uint8Array
  /** Where each record begins, and where it ends without its line end. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Physical line on which each record begins, from 1. */
  readonly lines: Float64Array
  /** Number of records that were found. */
  count = 0
  /** Records that were not plain when they were found, by their places. */
  readonly strict = new Map<number, RecordSpan>()
  private readonly scan: Scan
  private readonly pattern: LinePattern | undefined

  constructor({ width, positions, format, capacity, more = 0, windowBytes = WINDOW_BYTES }: FastFieldsOptions) {
    const wanted = positions.length
    const kernel = new Kernel(windowBytes + capacity * (RECORD_BYTES + 24 * wanted) + 4 * (width + 1) + PATTERN_BYTES + more)
    this.kernel = kernel
    this.bytes = kernel.memory
    this.windowBytes = windowBytes
    this.wanted = wanted
    this.capacity = capacity
    this.scan = scannerOf(format)
    const { delimiter, trailingDelimiter = false } = format.kind === 'csv' ? format : { delimiter: '\0' }
    const fields = trailingDelimiter ? width + 1 : width
    kernel.calls.prepareRecords(windowBytes, fields, wanted, delimiter.charCodeAt(0), capacity, MAX_RECORD_BYTES, trailingDelimiter)
    this.pattern = format.kind === 'jsonl' ? new LinePattern(kernel, format.fields) : undefined
    this.from = kernel.get('bytes')
    this.bounds = kernel.integersAt(kernel.get('bounds'), 2 * capacity * wanted)
    this.careful = kernel.bytesAt(kernel.get('careful'), capacity)
    this.starts = kernel.integersAt(kernel.get('starts'), capacity)
    this.ends = kernel.integersAt(kernel.get('ends'), capacity)
    this.lines = kernel.floatsAt(kernel.get('lines'), capacity)
    const slots = kernel.integersAt(kernel.get('slots'), fields).fill(-1)
    positions.forEach((position, slot) => {
      slots[position] = slot
    })
  }

  /**
   * Finds the records in `[at, end)`, at most `limit` of them. Empty lines are no records.
   * @param last whether the file ends at `end`, and so the last record does @param line physical line at `at`, from 1
   * @returns where it stopped, and the physical line there; `next` is -1 when the last record is too large and goes on behind `end`
   */
  split(limit: number, at: number, end: number, last: boolean, line: number): { readonly next: number; readonly line: number } {
    const { kernel, strict } = this
    const { calls } = kernel
    const window = this.bytes.subarray(0, end)
    strict.clear()
    calls.seek(0, at, line)
    for (;;) {
      const why = this.pattern ? calls.splitJson(limit, end, last) : calls.split(limit, end, last)
      this.count = kernel.get('count')
      const [next, here] = [kernel.get('at'), kernel.get('line')]
      // A line that does not end within this many bytes is too large, and only the scan says so.
      if (why === FULL || (why !== STRICT && (last || end - next < TELLING_BYTES))) return { next, line: here }
      const span = this.scan(window, next, last)
      if (!span) return { next, line: here }
      this.pattern?.learn(window, span)
      this.addStrict(span, here)
      calls.seek(this.count, span.next, here + span.lines)
      if (span.next < 0) return { next: -1, line: here + span.lines }
    }
  }

  private addStrict(span: RecordSpan, line: number): void {
    const record = this.count
    this.strict.set(record, span)
    this.careful[record] = 1
    this.starts[record] = span.start
    this.ends[record] = span.end
    this.lines[record] = line
    this.count += 1
  }
}

/** Bytes for a pattern. Lines that are larger, or whose pattern is, are read strictly. */
const PATTERN_BYTES = 1 << 16

/** Another pattern is learnt when this many lines in a row do not fit: a few odd lines must not replace a good one. */
const PATIENCE = 16

/** Kinds of values, each at the number that kernel/json.ts has for it. */
const VALUES = ['any', 'number', 'text', 'boolean', 'close'] as const

/** The pattern that lines of JSON are matched with. It is that of the first good line, until many in a row do not fit. */
class LinePattern {
  private known = false
  /** Lines in a row that did not fit. It begins so that the very first line is learnt. */
  private unfit = PATIENCE - 1
  private lastEnd = -1
  private readonly address: number

  constructor(
    private readonly kernel: Kernel,
    private readonly fields: readonly JsonField[],
  ) {
    this.address = kernel.calls.allocate(PATTERN_BYTES)
  }

  /** Must be told of every line that does not fit, in order. */
  learn(window: Buffer, { start, end, next, malformed }: RecordSpan): void {
    this.unfit = start === this.lastEnd || !this.known ? this.unfit + 1 : 1
    this.lastEnd = next
    if (malformed || this.unfit < PATIENCE || end - start > PATTERN_BYTES) return
    this.unfit = 0
    const text = window.toString('utf8', start, end)
    const found = readJsonLine(text, this.fields)
    const pieces = 'reason' in found || found.problems.length > 0 ? undefined : jsonPattern(text, this.fields)
    if (pieces && this.place(pieces)) this.known = true
  }

  /** Puts the pieces into the kernel's memory; `false` when they need more than `PATTERN_BYTES`. */
  private place(pieces: readonly JsonPiece[]): boolean {
    const texts = pieces.map(({ text, field = -1 }) => [text, ...(this.fields[field]?.spellings ?? [])].map((one) => Buffer.from(one)))
    const size = 32 * pieces.length + texts.flat().reduce((sum, bytes) => sum + bytes.length, 0)
    if (size > PATTERN_BYTES) return false
    let at = this.address + 32 * pieces.length
    const put = (bytes: Buffer | undefined): readonly [address: number, length: number] => {
      const address = at
      if (bytes) at += bytes.copy(this.kernel.memory, at)
      return [address, bytes?.length ?? 0]
    }
    const entries = this.kernel.integersAt(this.address, 8 * pieces.length)
    pieces.forEach(({ value, field = -1 }, index) => {
      const [text, yes, no] = texts[index]!
      entries.set([...put(text), VALUES.indexOf(value), field, ...put(yes), ...put(no)], 8 * index)
    })
    this.kernel.calls.setPattern(this.address, pieces.length)
    return true
  }
}
