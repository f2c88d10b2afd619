/**
 * Cuts a file into partitions. One pass over its bytes hashes the file and each partition, counts the records, and cuts between whole
 * micro-batches, so that a record has the same slot whatever the partitions are. No cell is read.
 */
import { createHash } from 'node:crypto'
import { DaybreakError } from '../protocol/errors.js'
import { LineCounter } from '../table/fast/kernel.js'
import type { Header, TableFormat } from '../table/format.js'
import {
  type RecordRange,
  SCAN_BYTES,
  type ScannedLines,
  type ScannedWindow,
  scanLinesOrWindows,
  scannerOf,
  TELLING_BYTES,
} from '../table/scanRecords.js'
import { openSource } from '../table/source.js'

/**
 * A file is cut into some thirty partitions, so that the threads end at about the same time. No partition is so small that its start is
 * felt, and none so large that the memory for its keys is felt.
 */
const USUAL_PARTITIONS = 32
const [LEAST_BYTES, MOST_BYTES] = [2 << 20, 5 << 20]

/** A file has at most this many partitions, because each one makes the history of the run's workflow longer. */
const MAX_PARTITIONS = 500

/** After this many partitions their size doubles, and again after every `GROWTH_STEP` more; the last one takes what is left. */
const GROWTH_START = 400
const GROWTH_STEP = 12

const QUOTE = 0x22

/** A range of whole micro-batches that is scored by itself; only the last one may end with a part of a micro-batch. */
export type PartitionRange = Required<RecordRange>

export interface TablePlan {
  readonly bytes: number
  /** Hex sha256 of the whole file, header included. */
  readonly sha256: string
  /** Records after the header, good or bad. Empty lines are no records. */
  readonly records: number
  readonly partitions: readonly PartitionRange[]
}

export interface PlanOptions {
  /** Records of a micro-batch. */
  readonly microBatch: number
  readonly format: TableFormat
  /** Records of a partition, rounded up to whole micro-batches. @default as many as the size of the file asks for */
  readonly targetRecords?: number
  /** Is told how many bytes behind the header have been read so far. */
  readonly onProgress?: (bytes: number) => void
  readonly signal?: AbortSignal
}

/**
 * Plans the partitions of a file. The same file and options give the same plan.
 * @throws InputUnreadable; InputChanged when the file becomes shorter meanwhile; Interrupted when the signal aborts
 */
export async function planPartitions(file: string, header: Header, options: PlanOptions): Promise<TablePlan> {
  const source = await openSource(file)
  try {
    const size = await source.size()
    const whole = createHash('sha256')
    const head = Buffer.alloc(header.dataOffset)
    await source.fill(head, 0, 0)
    whole.update(head)
    const lines = new LineCounter(SCAN_BYTES + TELLING_BYTES)
    const cutter = new PartitionCutter(header, options, size, lines)
    const range = { offset: header.dataOffset, bytes: size - header.dataOffset }
    const scan = scannerOf(options.format)
    // Only a quote can hold a line end: without one every line is a record, well formed or not.
    const areLines = (window: Buffer, from: number) => options.format.kind === 'jsonl' || window.indexOf(QUOTE, from) < 0
    for await (const scanned of scanLinesOrWindows(source, range, scan, areLines, (bytes) => lines.memory.subarray(0, bytes))) {
      if (options.signal?.aborted) throw new DaybreakError('Interrupted', `reading ${file} was stopped`)
      whole.update(scanned.window.subarray(0, scanned.consumed))
      if ('spans' in scanned) cutter.add(scanned)
      else cutter.addLines(scanned)
      options.onProgress?.(cutter.bytes)
    }
    const partitions = cutter.finish()
    return { bytes: size, sha256: whole.digest('hex'), records: cutter.records, partitions }
  } finally {
    await source.close()
  }
}

/** Cuts records into partitions as they come by, window after window. */
class PartitionCutter {
  private readonly partitions: PartitionRange[] = []
  private hash = createHash('sha256')
  /** A partition ends with the first whole micro-batch that reaches one of the two targets. */
  private targetRecords: number
  private targetBytes: number
  private readonly microBatch: number
  private line: number
  private current: { offset: number; firstRecord: number; firstLine: number }
  /** Records so far. */
  records = 0
  /** Bytes behind the header so far. */
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

  /** Says whether a record that begins after this many bytes behind the header belongs to the next partition. */
  private isFull(dataBytes: number): boolean {
    const records = this.records - this.current.firstRecord
    if (records === 0 || records % this.microBatch !== 0) return false
    return records >= this.targetRecords || this.header.dataOffset + dataBytes - this.current.offset >= this.targetBytes
  }

  /** Adds a window whose records were found one by one. */
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

  /** Adds a window in which every line is a record: the kernel counts them. */
  addLines({ window, from, consumed }: ScannedLines): void {
    const pass = (at: number, limit: number) => {
      const next = this.lines.count(at, consumed, limit)
      this.records += this.lines.records
      this.line += this.lines.lines
      return next
    }
    let hashed = 0
    // Empty lines belong to the partition of the record before them.
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
