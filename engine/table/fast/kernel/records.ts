/**
 * Where plain records and their fields are: records without a quote, with as many fields as the header, and with an ordinary line end. One
 * pass, 16 bytes at a time. Any other record stops the pass: the host asks the strict reader where it ends, and goes on behind it.
 */
import { allocate } from './memory'

export const LF: u8 = 0x0a
export const CR: u8 = 0x0d
export const QUOTE: u8 = 0x22

/** Why `split` stopped: there are as many records as asked for, the bytes end, or the next record is not plain. */
export const FULL: i32 = 0
export const END: i32 = 1
export const STRICT: i32 = 2

/** Where the bytes begin; behind them 16 bytes of no meaning. Every place in them is an address. */
export let bytes: i32 = 0
/** `[start, end)` of each wanted field, i32 each: those of record `r` begin at `2 * r * wanted`. */
export let bounds: usize = 0
/** u8 a record; 1: not plain. */
export let careful: usize = 0
/** Begin of each record, and its end without the line end; i32. */
export let starts: usize = 0
export let ends: usize = 0
/** Physical line on which each record begins; f64. */
export let lines: usize = 0
/** Records found; where the next begins; the line there. */
export let count: i32 = 0
export let at: i32 = 0
export let line: f64 = 1

export let wanted: i32 = 0
let width: i32 = 0
let delimiter: u8 = 0
export let largest: i32 = 0
/** Field of the file to wanted field; -1: nobody wants it. i32. */
export let slots: usize = 0

/** Sets up a reader of records of `fields` fields, none larger than `largestRecord` bytes. */
export function prepareRecords(window: i32, fields: i32, wantedFields: i32, mark: i32, capacity: i32, largestRecord: i32): void {
  width = fields
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

/** A bit for each of 16 bytes that ends a field or is none in a plain one. */
function marks(from: i32, mark: v128): i32 {
  const sixteen = v128.load(from)
  const found = v128.or(
    v128.or(i8x16.eq(sixteen, mark), i8x16.eq(sixteen, i8x16.splat(LF))),
    v128.or(i8x16.eq(sixteen, i8x16.splat(CR)), i8x16.eq(sixteen, i8x16.splat(QUOTE))),
  )
  return i8x16.bitmask(found)
}

/** Finds records from `at` on until there are `limit`, or the bytes end at `end`; `last`: that ends the last record too. */
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
      if (field != width || here - start > largest) {
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

/** Records that `countLines` passed, and physical lines. */
export let counted: i32 = 0
export let passed: i32 = 0

/**
 * Of bytes in which every line is a record: passes `limit` of them from `from` on, or all up to `end`, which ends the last one; empty lines
 * are none, and are passed with them. Returns where it stopped: a line begins there.
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

function isEmpty(start: i32, end: i32): bool {
  return start == end || (start + 1 == end && load<u8>(start) == CR)
}

function stopped(where: i32, records: i32, all: i32): i32 {
  counted = records
  passed = all
  return where
}

/** Goes on at another place: with so many records found, there, on that line. */
export function seek(records: i32, where: i32, onLine: f64): void {
  count = records
  at = where
  line = onLine
}
