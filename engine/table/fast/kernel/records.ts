/**
 * Finds plain records and their fields: records without a quote, with as many fields as the header and an ordinary line end. It looks at 16
 * bytes at a time, once. At any other record it stops: the host asks the strict reader where that one ends, and goes on behind it.
 */
import { allocate } from './memory'

export const LF: u8 = 0x0a
export const CR: u8 = 0x0d
export const QUOTE: u8 = 0x22

/** Why `split` stopped: it has found as many records as were asked for, the bytes end, or the next record is not plain. */
export const FULL: i32 = 0
export const END: i32 = 1
export const STRICT: i32 = 2

/** Address of the window. Behind it are 16 bytes without meaning, because it is read 16 bytes at a time. */
export let bytes: i32 = 0
/**
 * Address of `[start, end)` of each wanted field, i32 each, which are addresses too. Those of record `r` begin `8 * r * wanted` bytes
 * further.
 */
export let bounds: usize = 0
/** Address of a u8 by record; 1 when it is not plain. */
export let careful: usize = 0
/** Addresses of where each record begins, and where it ends without its line end; i32 each. */
export let starts: usize = 0
export let ends: usize = 0
/** Address of the physical line on which each record begins, from 1; f64 each. */
export let lines: usize = 0
/** Number of records that were found, where the next one begins, and the physical line there. */
export let count: i32 = 0
export let at: i32 = 0
export let line: f64 = 1

/** Number of wanted fields, and of all fields of a record. */
export let wanted: i32 = 0
let width: i32 = 0
/** Is the last field of each record, which nobody wants, blank? */
let lastIsBlank: bool = false
let delimiter: u8 = 0
/** Bytes of the largest record that is not malformed. */
export let largest: i32 = 0
/** Address of the place among the wanted fields that each field of a record has, i32 each; -1 when nobody wants it. */
export let slots: usize = 0

/** Sets up the tables for at most `capacity` records of `fields` fields each. `mark` is the delimiter; `blankLast` says that the last field is blank. */
export function prepareRecords(
  window: i32,
  fields: i32,
  wantedFields: i32,
  mark: i32,
  capacity: i32,
  largestRecord: i32,
  blankLast: bool,
): void {
  width = fields
  lastIsBlank = blankLast
  wanted = wantedFields
  delimiter = <u8>mark
  largest = largestRecord
  bytes = <i32>allocate(window + 16)
  slots = allocate(4 * fields)
  bounds = allocate(8 * capacity * wantedFields)
  careful = allocate(capacity)
  starts = allocate(4 * capacity)
  ends = allocate(4 * capacity)
  lines = allocate(8 * capacity)
}

/** Sets a bit for each of 16 bytes that ends a field, or that a plain record does not have within one. */
function marks(from: i32, mark: v128): i32 {
  const sixteen = v128.load(from)
  const found = v128.or(
    v128.or(i8x16.eq(sixteen, mark), i8x16.eq(sixteen, i8x16.splat(LF))),
    v128.or(i8x16.eq(sixteen, i8x16.splat(CR)), i8x16.eq(sixteen, i8x16.splat(QUOTE))),
  )
  return i8x16.bitmask(found)
}

/**
 * Finds records from `at` on until there are `limit` of them or the bytes end. `last` says that the file ends at `end`. Returns why it
 * stopped.
 */
export function split(limit: i32, end: i32, last: bool): i32 {
  const mark = i8x16.splat(delimiter)
  let record = count
  let start = at
  let begin = start
  let field = 0
  let chunk = start
  let found = marks(chunk, mark)
  let why = FULL
  while (record < limit) {
    while (found == 0 && chunk + 16 < end) {
      chunk += 16
      found = marks(chunk, mark)
    }
    const here = found == 0 ? end : min(end, chunk + <i32>ctz(found))
    let byte = LF
    if (here < end) byte = load<u8>(here)
    else if (!last || start == end) {
      why = END
      break
    }
    let next = here + 1
    if (byte == CR) {
      if (next < end) {
        if (load<u8>(next) == LF) next += 1
        else byte = QUOTE
      } else if (!last) {
        why = END
        break
      }
    }
    if (byte == QUOTE || field >= width) {
      why = STRICT
      break
    }
    if (byte != delimiter && here == start) {
      // An empty line is no record.
      line += 1
    } else {
      const slot = load<i32>(slots + 4 * field)
      if (slot >= 0) {
        const bound = bounds + 8 * (record * wanted + slot)
        store<i32>(bound, begin)
        store<i32>(bound, here, 4)
      }
      field += 1
      if (byte == delimiter) {
        begin = next
        found &= found - 1
        continue
      }
      if (field != width || here - start > largest || (lastIsBlank && here != begin)) {
        why = STRICT
        break
      }
      addPlain(record, start, here, line)
      record += 1
      line += 1
    }
    start = begin = min(next, end)
    field = 0
    if (next - chunk < 16) found &= -1 << (next - chunk)
    else {
      chunk = next
      found = next < end ? marks(chunk, mark) : 0
    }
  }
  count = record
  at = start
  return why
}

/** Notes where a plain record is. */
export function addPlain(record: i32, start: i32, end: i32, onLine: f64): void {
  store<i32>(starts + 4 * record, start)
  store<i32>(ends + 4 * record, end)
  store<f64>(lines + 8 * record, onLine)
  store<u8>(careful + record, 0)
}

/** How many records `countLines` passed, and how many physical lines. */
export let counted: i32 = 0
export let passed: i32 = 0

/**
 * Counts in bytes in which every line is a record, and which end with a line. Passes `limit` records, or all up to `end`, and the empty
 * lines around them, which are no records. Returns where it stopped, which is where a line begins.
 */
export function countLines(from: i32, end: i32, limit: i32): i32 {
  let start = from
  let records = 0
  let all = 0
  for (let chunk = from; chunk < end; chunk += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(chunk), i8x16.splat(LF)))
    while (found != 0) {
      const here = chunk + <i32>ctz(found)
      if (here >= end) break
      if (!isEmpty(start, here)) {
        if (records == limit) return stopped(start, records, all)
        records += 1
      }
      found &= found - 1
      all += 1
      start = here + 1
    }
  }
  if (start < end) {
    if (!isEmpty(start, end)) {
      if (records == limit) return stopped(start, records, all)
      records += 1
    }
    all += 1
    start = end
  }
  return stopped(start, records, all)
}

/** Says whether a line is empty; a CR alone is its line end. */
function isEmpty(start: i32, end: i32): bool {
  return start == end || (start + 1 == end && load<u8>(start) == CR)
}

function stopped(where: i32, records: i32, all: i32): i32 {
  counted = records
  passed = all
  return where
}

/** Goes on at another place: with so many records found so far, at that address, on that physical line. */
export function seek(records: i32, where: i32, onLine: f64): void {
  count = records
  at = where
  line = onLine
}
