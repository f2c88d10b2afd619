/**
 * Keeps keys on disk in buckets by their hash, so that doubled ones are found exactly although not all keys are ever in memory: only the
 * keys that all parts have in one bucket are compared. With twenty million keys such a bucket takes some 2 MB.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import type { AnyColumns } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import { DaybreakError } from '../protocol/errors.js'
import type { FastFields } from '../table/fast/fastFields.js'
import { keyText } from '../table/keyText.js'
import type { Block } from '../table/readBlocks.js'

export const BUCKETS = 256
/** The file begins with the number of bytes of each bucket, u32 each. */
const HEAD_BYTES = BUCKETS * 4
/** An entry is the hash of a key, its line and its length, u32 each, then the key, then zeros up to a multiple of four bytes. */
const ENTRY_WORDS = 3
const ENTRY_BYTES = 4 * ENTRY_WORDS

const paddedBytes = (length: number) => (length + 3) & ~3

/**
 * Hashes a key to 32 bits: FNV-1a, mixed at the end as MurmurHash3 does. `kernel/keys.ts` must do the same, or one key is in two buckets.
 * Two keys of one hash cost only time, because keys are compared.
 */
function hashOf(key: Buffer): number {
  let hash = 0x811c9dc5
  for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Puts the keys of blocks into buckets. The kernel makes the entries of plain records, this class those of all others. */
export class FastKeys {
  /** Bytes that it asks of the kernel's memory. */
  static bytes(windowBytes: number, capacity: number): number {
    return windowBytes + (ENTRY_BYTES + 8) * capacity + HEAD_BYTES + 64
  }

  private readonly at: number
  private readonly lengths: Int32Array

  /**
   * @param field place of the key among the wanted fields @param position place of the key in the file; -1 when there is no key
   * @param textOf gives the text by which a key that is not plain is compared
   */
  constructor(
    private readonly fields: FastFields,
    private readonly field: number,
    private readonly position: number,
    private readonly textOf: (cell: string) => string = String,
  ) {
    const { kernel } = fields
    kernel.calls.prepareKeys(fields.windowBytes, fields.capacity)
    this.at = kernel.get('keys')
    this.lengths = kernel.integersAt(kernel.get('keyBytes'), BUCKETS)
  }

  /** Adds the keys of a block. A blank key is no key. */
  addTo(buckets: KeyBuckets, { rows }: Block): void {
    if (this.position < 0) return
    const { kernel, bytes } = this.fields
    kernel.calls.addKeys(this.field)
    let at = this.at
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const end = at + this.lengths[bucket]!
      if (end > at) buckets.addAll(bucket, bytes.subarray(at, end))
      at = end
    }
    for (const { cells, line } of rows.values()) {
      const key = this.textOf(cells?.[this.position] ?? '')
      if (key.trim() !== '') buckets.add(Buffer.from(key), line)
    }
  }
}

/** Makes the collector of a column's keys, which collects none when the contract has no such column. @param date data date */
export function keysOf(
  fields: FastFields,
  columns: AnyColumns,
  key: string,
  positions: Readonly<Record<string, number>>,
  date: Day,
): FastKeys {
  if (!Object.hasOwn(columns, key)) return new FastKeys(fields, -1, -1)
  return new FastKeys(fields, Object.keys(columns).indexOf(key), positions[key]!, keyText(columns[key]!, date))
}

/** A full bucket grows by this factor. It is small, because all buckets together are a large part of a thread's memory. */
const GROWTH = 1.2

/** Collects the keys of a part in memory, by bucket. */
export class KeyBuckets {
  private readonly buckets = Array.from({ length: BUCKETS }, () => Buffer.alloc(0))
  private readonly lengths = new Uint32Array(BUCKETS)

  /** Adds the key of one record. @param line physical line on which the record begins, from 1 */
  add(key: Buffer, line: number): void {
    const entry = Buffer.alloc(ENTRY_BYTES + paddedBytes(key.length))
    const hash = hashOf(key)
    entry.writeUInt32LE(hash, 0)
    entry.writeUInt32LE(line >>> 0, 4)
    entry.writeUInt32LE(key.length, 8)
    key.copy(entry, ENTRY_BYTES)
    this.addAll(hash & (BUCKETS - 1), entry)
  }

  /** Adds entries as the kernel makes them, all of one bucket. */
  addAll(bucket: number, entries: Buffer): void {
    const [known, length] = [this.buckets[bucket]!, this.lengths[bucket]!]
    const needed = length + entries.length
    const target = needed <= known.length ? known : Buffer.allocUnsafeSlow(Math.ceil(needed * GROWTH))
    if (target !== known) known.copy(target, 0, 0, length)
    target.set(entries, length)
    this.buckets[bucket] = target
    this.lengths[bucket] = needed
  }

  /** Forgets all keys; the memory is used again. */
  clear(): void {
    this.lengths.fill(0)
  }

  /** Finds the keys that occur more than once among the collected ones. */
  doubled(): DoubledKeys {
    return addDoubled(
      this.buckets.map(({ buffer, byteOffset }, bucket) => doubledIn(new Uint32Array(buffer, byteOffset, this.lengths[bucket]! / 4))),
    )
  }

  /** Gives the content of the key file: the sizes of the buckets, then their entries. */
  *content(): Generator<Buffer> {
    yield Buffer.from(this.lengths.buffer)
    for (const [bucket, bytes] of this.buckets.entries()) yield bytes.subarray(0, this.lengths[bucket])
  }
}

/** What was found in some buckets. */
export interface DoubledKeys {
  /** Keys that occur more than once. */
  readonly keys: number
  /** Records whose key occurs in an earlier record. */
  readonly records: number
  /** Physical lines of the first of those records, in order. */
  readonly lines: readonly number[]
}

/** At most this many lines of doubled keys are kept: more than people are shown. */
const KEPT_LINES = 100

/**
 * Finds the keys that occur more than once in some buckets of all parts. The counts are exact: keys of one hash are compared byte by byte.
 * @param files key files of all parts, in record order
 * @throws StorageDamaged when a file is shorter than it says
 */
export function findDoubledKeys(files: readonly string[], buckets: readonly number[]): DoubledKeys {
  const opened = files.map((file) => ({ file, descriptor: openSync(file, 'r') }))
  try {
    const heads = opened.map((file) => new Uint32Array(readFrom(file, new ArrayBuffer(HEAD_BYTES), 0, HEAD_BYTES, 0)))
    const sizes = buckets.map((bucket) => heads.reduce((sum, head) => sum + head[bucket]!, 0))
    const memory = entriesOf(Math.max(0, ...sizes))
    return addDoubled(
      buckets.map((bucket, index) => {
        let at = 0
        for (const [part, head] of heads.entries()) {
          const position = head.subarray(0, bucket).reduce((sum, bytes) => sum + bytes, HEAD_BYTES)
          readFrom(opened[part]!, memory, at, head[bucket]!, position)
          at += head[bucket]!
        }
        return doubledIn(new Uint32Array(memory, 0, sizes[index]! / 4))
      }),
    )
  } finally {
    for (const { descriptor } of opened) closeSync(descriptor)
  }
}

/** A thread uses the same memory for one bucket after the other. */
let entryMemory = new ArrayBuffer(0)
let slotMemory = new ArrayBuffer(0)

function entriesOf(bytes: number): ArrayBuffer {
  if (entryMemory.byteLength < bytes) entryMemory = new ArrayBuffer(bytes)
  return entryMemory
}

/** Gives a hash table of free slots. @param size number of slots, a power of two */
function slotsOf(size: number): Uint32Array {
  if (slotMemory.byteLength < 4 * size) slotMemory = new ArrayBuffer(4 * size)
  return new Uint32Array(slotMemory, 0, size).fill(0)
}

interface OpenedFile {
  readonly file: string
  readonly descriptor: number
}

function readFrom({ file, descriptor }: OpenedFile, target: ArrayBuffer, offset: number, length: number, position: number): ArrayBuffer {
  const bytes = new Uint8Array(target, offset, length)
  for (let at = 0; at < length; ) {
    const read = readSync(descriptor, bytes, at, length - at, position + at)
    if (read === 0) throw new DaybreakError('StorageDamaged', `${file} is shorter than it says`, { place: { file } })
    at += read
  }
  return target
}

/** Adds up what was found in different buckets: no key is in two of them. */
export function addDoubled(all: readonly DoubledKeys[]): DoubledKeys {
  return {
    keys: all.reduce((sum, { keys }) => sum + keys, 0),
    records: all.reduce((sum, { records }) => sum + records, 0),
    lines: firstOf(all.flatMap(({ lines }) => lines)),
  }
}

const firstOf = (lines: readonly number[]) => [...lines].sort((a, b) => a - b).slice(0, KEPT_LINES)

/** Gives the length of an entry. Length and place are in words of four bytes. */
const entryWords = (entries: Uint32Array, at: number) => ENTRY_WORDS + ((entries[at + 2]! + 3) >>> 2)

/** Finds the doubled keys of one bucket, with a hash table of open addressing. */
function doubledIn(entries: Uint32Array): DoubledKeys {
  let count = 0
  for (let at = 0; at < entries.length; at += entryWords(entries, at)) count += 1
  let size = 16
  while (size < count * 2) size *= 2
  // A slot holds the place of the first entry of its key, plus one; 0 means that it is free.
  const table = slotsOf(size)
  /** Slots of keys that were found doubled, so that each key counts once. */
  const seen = new Set<number>()
  let [records, lines] = [0, [] as number[]]
  for (let at = 0; at < entries.length; at += entryWords(entries, at)) {
    // The lowest eight bits chose the bucket and are the same here, so the next ones choose the slot.
    let slot = (entries[at]! >>> 8) & (size - 1)
    while (table[slot] !== 0 && !sameKey(entries, table[slot]! - 1, at)) slot = (slot + 1) & (size - 1)
    const first = table[slot]! - 1
    if (first < 0) {
      table[slot] = at + 1
      continue
    }
    records += 1
    seen.add(slot)
    // Entries of a block may come in another order than its lines. The record on the earliest line is never the doubled one.
    const [earlier, later] = [entries[first + 1]!, entries[at + 1]!]
    lines.push(Math.max(earlier, later))
    if (later < earlier) table[slot] = at + 1
    if (lines.length > 10 * KEPT_LINES) lines = firstOf(lines)
  }
  return { keys: seen.size, records, lines: firstOf(lines) }
}

function sameKey(entries: Uint32Array, one: number, other: number): boolean {
  if (entries[one] !== entries[other] || entries[one + 2] !== entries[other + 2]) return false
  const words = entryWords(entries, one)
  for (let word = ENTRY_WORDS; word < words; word += 1) if (entries[one + word] !== entries[other + word]) return false
  return true
}
