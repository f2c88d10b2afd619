/**
 * The fields of plain records: those without a quote, with as many fields as the header, and with an ordinary line end. Where a wanted
 * field begins and ends goes into a table; no string, no object. Of any other record the strict reader has the word. About 1 ns a byte.
 */
import { Kernel } from './kernel.js'
import { MAX_RECORD_BYTES, type RecordSpan, scanRecord, TELLING_BYTES } from './records.js'

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
  readonly delimiter: string
  /** Records at most. */
  readonly capacity: number
  /** Further bytes of memory that will be asked of the kernel. */
  readonly more?: number
  /** @default 4 MiB */
  readonly windowBytes?: number
}

/** A window of bytes, and the records in it. All places are indexes into `bytes`. */
export class PlainFields {
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
  private readonly delimiter: number

  constructor({ width, positions, delimiter, capacity, more = 0, windowBytes = WINDOW_BYTES }: PlainFieldsOptions) {
    const wanted = positions.length
    const kernel = new Kernel(windowBytes + capacity * (RECORD_BYTES + 24 * wanted) + 4 * width + more)
    this.kernel = kernel
    this.bytes = kernel.memory
    this.windowBytes = windowBytes
    this.wanted = wanted
    this.capacity = capacity
    this.delimiter = delimiter.charCodeAt(0)
    kernel.calls.prepareRecords(windowBytes, width, wanted, this.delimiter, capacity, MAX_RECORD_BYTES)
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
      const why = calls.split(limit, end, last)
      this.count = kernel.get('count')
      const [next, here] = [kernel.get('at'), kernel.get('line')]
      // A line without an end in sight may be too large.
      if (why === FULL || (why !== STRICT && (last || end - next < TELLING_BYTES))) return { next, line: here }
      const span = scanRecord(window, next, last, this.delimiter)
      if (!span) return { next, line: here }
      this.addStrict(span, here)
      calls.seek(this.count, span.next, here + span.lines)
      if (span.next < 0) return { next: -1, line: here + span.lines }
    }
  }

  /** Takes records that another reader found: none of them is plain. */
  setStrict(lines: readonly number[]): void {
    this.count = lines.length
    this.careful.fill(1, 0, lines.length)
    this.lines.set(lines)
    this.kernel.calls.seek(lines.length, this.from, 1)
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
