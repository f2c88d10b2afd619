/**
 * Writes the keys of a block's plain records as entries, bucket after bucket by the lowest bits of their hash. An entry is hash, line and
 * length, u32 each, then the key, then zeros up to a multiple of four bytes. engine/batch/keyFile.ts makes the entries of all other
 * records.
 */
import { allocate } from './memory'
import { bounds, careful, count, lines, wanted } from './records'

const BUCKETS: i32 = 256
const HEAD: i32 = 12

/** Address of the entries, and of the size of each bucket in bytes, u32 each. */
export let keys: usize = 0
export let keyBytes: usize = 0
let hashes: usize = 0
const cursors = memory.data(1024)

/** Sets up room for the keys of a block: keys that fill the window, and what an entry has besides. */
export function prepareKeys(window: i32, capacity: i32): void {
  keys = allocate(window + (HEAD + 4) * capacity)
  keyBytes = allocate(4 * BUCKETS)
  hashes = allocate(4 * capacity)
}

/** FNV-1a, mixed at the end as MurmurHash3 does. `keyFile.ts` must do the same, or one key is in two buckets. */
function hashOf(start: i32, size: i32): u32 {
  let hash: u32 = 0x811c9dc5
  for (let at = start; at < start + size; at += 1) hash = (hash ^ load<u8>(at)) * 0x01000193
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35
  return hash ^ (hash >> 16)
}

function entryBytes(size: i32): i32 {
  return HEAD + ((size + 3) & ~3)
}

/** Writes the entries of the block; a blank key is no key. The first pass finds the sizes of the buckets, the second one fills them. */
export function addKeys(field: i32): void {
  memory.fill(keyBytes, 0, 4 * BUCKETS)
  for (let record = 0; record < count; record += 1) {
    if (load<u8>(careful + record)) continue
    const bound = bounds + 8 * (record * wanted + field)
    const start = load<i32>(bound)
    const size = load<i32>(bound, 4) - start
    if (size == 0) continue
    const hash = hashOf(start, size)
    store<u32>(hashes + 4 * record, hash)
    const bucket = keyBytes + 4 * (hash & (BUCKETS - 1))
    store<u32>(bucket, load<u32>(bucket) + entryBytes(size))
  }
  let begin = <u32>keys
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    store<u32>(cursors + 4 * bucket, begin)
    begin += load<u32>(keyBytes + 4 * bucket)
  }
  for (let record = 0; record < count; record += 1) {
    if (load<u8>(careful + record)) continue
    const bound = bounds + 8 * (record * wanted + field)
    const start = load<i32>(bound)
    const size = load<i32>(bound, 4) - start
    if (size == 0) continue
    const hash = load<u32>(hashes + 4 * record)
    const cursor = cursors + 4 * (hash & (BUCKETS - 1))
    const to = load<u32>(cursor)
    const end = to + entryBytes(size)
    store<u32>(to, hash)
    store<u32>(to, <u32>load<f64>(lines + 8 * record), 4)
    store<u32>(to, size, 8)
    store<u32>(end - 4, 0)
    memory.copy(to + HEAD, start, size)
    store<u32>(cursor, end)
  }
}
