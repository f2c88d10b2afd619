/**
 * The fields of plain records. With delimiters: those without a quote, with as many fields as the header, and with an ordinary line end. In
 * JSON Lines: those that are written as a good one before them. Where a wanted field begins and ends goes into a table; no string, no
 * object. Of any other record the strict reader has the word. About 1 ns a byte.
 */
import type { JsonField, TableFormat } from '../format.js'
import { readJsonLine } from '../jsonLines.js'
import { MAX_RECORD_BYTES, type RecordSpan, type Scan, scannerOf, TELLING_BYTES } from '../scanRecords.js'
import { type JsonPiece, jsonPattern } from './jsonPattern.js'
import { Kernel } from './kernel.js'

/** As `split` of the kernel answers. */
const [FULL, STRICT] = [0, 2]

/** Bytes of the file that are looked at together: a micro-batch of 4,096 records of 1 KB. */
export const WINDOW_BYTES = 4 << 20

/** What a record may take besides its cells. */
const RECORD_BYTES = 64

export interface PlainFieldsOptions {
  /** Fields of a record. */
  readonly width: number
  /** The wanted fields of the file, from 0. */
  readonly positions: readonly number[]
  readonly format: TableFormat
  /** Records at most. */
  readonly capacity: number
  /** Further bytes of memory that will be asked of the kernel. */
  readonly more?: number
  /** @default 4 MiB */
  readonly windowBytes?: number
}

/** A window of bytes, and the records in it. All places are indexes into `bytes`. */
export class FastFields {
  readonly kernel: Kernel
  readonly bytes: Buffer
  /** Where the window begins. */
  readonly from: number
  readonly windowBytes: number
  readonly wanted: number
  readonly capacity: number
  /** `[start, end)` of each wanted field: `bounds[2 * (record * wanted + field)]`. Of a record that is not plain nothing. */
  readonly bounds: Int32Array
  /** 1: not plain. */
  readonly careful: Uint8Array
  /** Begin of each record, and its end without the line end. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Physical line on which each record begins, from 1. */
  readonly lines: Float64Array
  /** Records found. */
  count = 0
  /** Those that are not plain. */
  readonly strict = new Map<number, RecordSpan>()
  private readonly scan: Scan
  private readonly pattern: LinePattern | undefined

  constructor({ width, positions, format, capacity, more = 0, windowBytes = WINDOW_BYTES }: PlainFieldsOptions) {
    const wanted = positions.length
    const kernel = new Kernel(windowBytes + capacity * (RECORD_BYTES + 24 * wanted) + 4 * width + PATTERN_BYTES + more)
    this.kernel = kernel
    this.bytes = kernel.memory
    this.windowBytes = windowBytes
    this.wanted = wanted
    this.capacity = capacity
    this.scan = scannerOf(format)
    const delimiter = format.kind === 'csv' ? format.delimiter.charCodeAt(0) : 0
    kernel.calls.prepareRecords(windowBytes, width, wanted, delimiter, capacity, MAX_RECORD_BYTES)
    this.pattern = format.kind === 'jsonl' ? new LinePattern(kernel, format.fields) : undefined
    this.from = kernel.get('bytes')
    this.bounds = kernel.integersAt(kernel.get('bounds'), 2 * capacity * wanted)
    this.careful = kernel.bytesAt(kernel.get('careful'), capacity)
    this.starts = kernel.integersAt(kernel.get('starts'), capacity)
    this.ends = kernel.integersAt(kernel.get('ends'), capacity)
    this.lines = kernel.floatsAt(kernel.get('lines'), capacity)
    const slots = kernel.integersAt(kernel.get('slots'), width).fill(-1)
    positions.forEach((position, slot) => {
      slots[position] = slot
    })
  }

  /**
   * Finds the records from `at` on until there are `limit`, or the bytes end at `end`; `last`: that ends the last record too. Empty lines
   * are none. Returns where it stopped, and the physical line there. `next` is -1 when the last record goes on behind `end`.
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
      // A line without an end in sight may be too large.
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

/** Bytes for a pattern: a line with more is read strictly. */
const PATTERN_BYTES = 1 << 16

/** Lines that fit no pattern, one after the other, until another one is learnt. */
const PATIENCE = 16

const VALUES = ['any', 'number', 'text', 'boolean', 'close'] as const

/** The pattern that lines of JSON are matched with: that of the first good line, and of a later one when many in a row did not fit. */
class LinePattern {
  private known = false
  private unfit = PATIENCE - 1
  private lastEnd = -1
  private readonly address: number

  constructor(
    private readonly kernel: Kernel,
    private readonly fields: readonly JsonField[],
  ) {
    this.address = kernel.calls.allocate(PATTERN_BYTES)
  }

  /** Is told of every line that does not fit. */
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

  /** Places the pieces; `false`: there are too many. */
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
