/**
 * Reads the records of a range in blocks, by column: the kernel reads plain records into typed arrays, the strict reader all others, row by
 * row. Both find the same records: fastFields.ts decides which ones are plain, and hands every other one over as it stands.
 */
import { createHash } from 'node:crypto'
import type { AnyColumns } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import { columnBytes, type FastColumn, fastColumns, keyMarker } from './fast/fastColumns.js'
import { FastFields } from './fast/fastFields.js'
import type { Header, TableFormat } from './format.js'
import { changed, type RawRow, readSpans } from './readRows.js'
import type { RecordRange } from './scanRecords.js'
import { openSource, type Source } from './source.js'

/** Records that follow each other in the file, all in one micro-batch. The memory is used again for the next block. */
export interface Block {
  readonly count: number
  /** Slot of its first record. It is not 0 when the micro-batch is larger than the window, and so comes in several blocks. */
  readonly slot: number
  /** Number of its first record in the file, from 0. */
  readonly first: number
  readonly fields: FastFields
  readonly columns: readonly FastColumn[]
  /** The records that are not plain, by their places in the block. */
  readonly rows: ReadonlyMap<number, RawRow>
}

export interface BlockOptions {
  readonly header: Header
  readonly format: TableFormat
  readonly columns: AnyColumns
  /** Place of each column among the fields of a record, from 0. */
  readonly positions: Readonly<Record<string, number>>
  /** Data date, the limit of some date columns. */
  readonly date: Day
  /** Column whose values are compared. A record whose key is not written as its value is goes to the strict reader. @default none */
  readonly key?: string
  /** Records of a micro-batch: no block has records of two. */
  readonly capacity: number
  /** Further bytes that others will ask of the kernel's memory. @default 0 */
  readonly more?: number
  /** Size of the window. It must be larger than the largest record. @default 4 MiB */
  readonly windowBytes?: number
}

/**
 * Bytes that are read at once: a core's cache holds them while their records are scored. When a micro-batch needs more, their number
 * doubles.
 */
const READ_BYTES = 1 << 19

const NO_ROWS: ReadonlyMap<number, RawRow> = new Map()
const LF = 0x0a

/** Reads ranges of a table, one after the other, because its memory is used for all of them. */
export class BlockReader {
  readonly fields: FastFields
  readonly columns: readonly FastColumn[]
  private readonly markKeys: () => void

  constructor(private readonly options: BlockOptions) {
    const { header, format, columns, positions, date, capacity, more = 0, windowBytes, key = '' } = options
    this.fields = new FastFields({
      width: header.names.length,
      positions: Object.keys(columns).map((name) => positions[name]!),
      format,
      capacity,
      more: columnBytes(columns, capacity) + more,
      ...(windowBytes === undefined ? {} : { windowBytes }),
    })
    this.columns = fastColumns(columns, this.fields, date)
    this.markKeys = Object.hasOwn(columns, key) ? keyMarker(columns[key]!, Object.keys(columns).indexOf(key), this.fields) : () => {}
  }

  /**
   * Reads the records of a range in order. The range must begin a micro-batch.
   * @param range when it has a sha256 its bytes are verified, after the last block
   * @throws InputChanged when the bytes are not those that were planned; InputUnreadable
   */
  async *read(source: Source, range: RecordRange): AsyncGenerator<Block> {
    const { fields } = this
    const { capacity } = this.options
    const hash = range.sha256 === undefined ? undefined : createHash('sha256')
    const opened = await openSource(source)
    let [read, filled, at] = [0, fields.from, fields.from]
    let [line, first, slot] = [range.firstLine, range.firstRecord, 0]
    let skipping = false
    try {
      for (;;) {
        // The bytes that are left move to the front of the window, and the file's next bytes come behind them.
        fields.bytes.copyWithin(fields.from, at, filled)
        filled -= at - fields.from
        at = fields.from
        const windowEnd = fields.from + fields.windowBytes
        const more = Math.min(windowEnd - filled, range.bytes - read, Math.max(READ_BYTES, filled - at))
        await opened.fill(fields.bytes.subarray(0, filled + more), filled, range.offset + read)
        hash?.update(fields.bytes.subarray(filled, filled + more))
        read += more
        filled += more
        const last = read === range.bytes
        if (skipping) {
          const end = fields.bytes.subarray(0, filled).indexOf(LF, at)
          skipping = end < 0
          at = end < 0 ? filled : end + 1
        }
        while (at < filled) {
          const found = fields.split(capacity - slot, at, filled, last, line)
          const { count } = fields
          if (count === 0) {
            // There are only empty lines, or a record that goes on behind the window.
            at = last ? filled : found.next
            line = found.line
            break
          }
          // The block would be smaller than its micro-batch, and the window has room: more bytes are read first.
          if (!last && count < capacity - slot && found.next >= 0 && (at > fields.from || filled < windowEnd)) break
          this.markKeys()
          for (const column of this.columns) column.decode()
          yield { count, slot, first, fields, columns: this.columns, rows: this.rowsOf(first) }
          skipping = found.next < 0
          at = skipping ? filled : found.next
          line = found.line
          first += count
          slot = (slot + count) % capacity
        }
        if (last) break
      }
    } finally {
      await opened.close()
    }
    if (hash && hash.digest('hex') !== range.sha256) throw changed(opened.name, range)
  }

  /** Reads the records of the block that are not plain. */
  private rowsOf(first: number): ReadonlyMap<number, RawRow> {
    const { count, careful, starts, ends, lines, strict, bytes } = this.fields
    const places: number[] = []
    for (let record = careful.indexOf(1); record >= 0 && record < count; record = careful.indexOf(1, record + 1)) places.push(record)
    if (places.length === 0) return NO_ROWS
    const placed = places.map((record) => ({
      span: strict.get(record) ?? { start: starts[record]!, end: ends[record]!, next: ends[record]!, lines: 1, malformed: undefined },
      record: first + record,
      line: lines[record]!,
    }))
    const { header, format } = this.options
    return new Map(readSpans(bytes, placed, { width: header.names.length, format }).map((row) => [row.record - first, row]))
  }
}
