/**
 * Writes lines of predictions by a list of pieces, the same for every record. Each line is written twice: full, and steady, which is
 * without what differs from run to run (a timestamp). The results digest is taken over the steady lines. The kernel stops at a record that
 * is not plain, or whose line it cannot write: the host writes that one.
 */
import { power } from './columns'
import { allocate } from './memory'
import { bounds, careful, count, lines, wanted } from './records'

const COMMA: u8 = 0x2c
const POINT: u8 = 0x2e
const ZERO: u8 = 0x30
const MINUS: u8 = 0x2d
const SPACE: u8 = 0x20
const DELETE: u8 = 0x7f

/** Kinds of pieces. A piece has four i32: its kind, two operands, and 1 when it is in the full line only. The operands are: */
const LITERAL: i32 = 0 // address and length of the bytes
const FIELD: i32 = 1 // place of a wanted field, which is written as it stands
const LISTED: i32 = 2 // address of an i32 index by record, and of a list of lengths and addresses
const FLOAT32: i32 = 3 // address of an f32 by record
// A piece of any other kind is the physical line of the record and has no operands.

/** Addresses of the full and the steady lines that wait, and how many bytes they take. */
export let full: usize = 0
export let fullLength: i32 = 0
export let steady: usize = 0
export let steadyLength: i32 = 0
/** Bytes of each of the two areas. */
let capacity: i32 = 0
let program: usize = 0
let pieces: i32 = 0
/** Address of a u8 by record; 1 when it has no line. */
export let skipped: usize = 0

/** Sets up two areas of `size` bytes for lines of at most `records` records, and the pieces that they are made of. */
export function prepareLines(size: i32, records: i32, piecesAt: usize, pieceCount: i32): void {
  capacity = size
  // A copy takes eight bytes at a time, and so goes up to seven bytes too far.
  full = allocate(size + 8)
  steady = allocate(size + 8)
  skipped = allocate(records)
  program = piecesAt
  pieces = pieceCount
}

/** Says how many bytes wait: the host has taken some, or has written a line of its own. */
export function setLengths(fullBytes: i32, steadyBytes: i32): void {
  fullLength = fullBytes
  steadyLength = steadyBytes
}

/** Writes lines from record `from` on. Returns the first record whose line it did not write, for want of room or because the host must. */
export function writeLines(from: i32): i32 {
  for (let record = from; record < count; record += 1) {
    if (load<u8>(skipped + record)) continue
    if (load<u8>(careful + record) || !writeLine(record)) return record
  }
  return count
}

/** Bytes that a piece may take that is no copy: a number has fewer. */
const PIECE_ROOM: i32 = 32

/** Writes one line; `false` when it did not, and then nothing of the line counts. */
function writeLine(record: i32): bool {
  let to = full + fullLength
  let twin = steady + steadyLength
  const end = full + capacity
  for (let index = 0; index < pieces; index += 1) {
    const piece = program + 16 * index
    const kind = load<i32>(piece)
    const operand = load<i32>(piece, 4)
    const begun = to
    if (kind == LITERAL) {
      const size = load<i32>(piece, 8)
      if (to + size > end) return false
      to = copy(to, operand, size)
    } else if (kind == FIELD) {
      const bound = bounds + 8 * (record * wanted + operand)
      const start = load<i32>(bound)
      const size = load<i32>(bound, 4) - start
      if (to + size > end || !needsNoQuotes(start, size)) return false
      to = copy(to, start, size)
    } else if (to + PIECE_ROOM > end) return false
    else if (kind == LISTED) {
      const entry = load<i32>(piece, 8) + 8 * load<i32>(operand + 4 * record)
      const size = load<i32>(entry)
      if (to + size > end) return false
      to = copy(to, load<i32>(entry, 4), size)
    } else if (kind == FLOAT32) {
      to = writeFloat32(to, load<f32>(operand + 4 * record))
      if (to == 0) return false
    } else to = writeInteger(to, <u32>load<f64>(lines + 8 * record))
    // A piece that is the same in every run is in both lines.
    if (load<i32>(piece, 12) == 0) twin = copy(twin, begun, <i32>(to - begun))
  }
  fullLength = <i32>(to - full)
  steadyLength = <i32>(twin - steady)
  return true
}

/** Copies bytes, eight at a time. What is copied too much is overwritten by the next piece. */
function copy(to: usize, from: usize, size: i32): usize {
  for (let done = 0; done < size; done += 8) store<u64>(to + done, load<u64>(from + done))
  return to + size
}

/**
 * Says whether a field stands as it is in CSV: it is blank, or has visible ASCII at both ends and no comma. Plain records have no quotes.
 */
function needsNoQuotes(from: usize, size: i32): bool {
  if (size == 0) return true
  const first = load<u8>(from)
  const last = load<u8>(from + size - 1)
  if (first <= SPACE || first >= DELETE || last <= SPACE || last >= DELETE) return false
  const comma = i8x16.splat(COMMA)
  for (let done = 0; done < size; done += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(from + done), comma))
    if (found != 0 && done + <i32>ctz(found) < size) return false
  }
  return true
}

/** Writes an integer in decimal. Returns the place behind it. */
function writeInteger(to: usize, value: u32): usize {
  let size = 1
  for (let rest = value / 10; rest > 0; rest /= 10) size += 1
  writeDigits(to, value, size)
  return to + size
}

/** Writes the last `size` digits of an integer, with zeros before them. */
function writeDigits(to: usize, value: u32, size: i32): void {
  let rest = value
  for (let at = to + size - 1; at >= to; at -= 1) {
    const next = rest / 10
    store<u8>(at, ZERO + <u8>(rest - next * 10))
    rest = next
  }
}

/** Answer of `readsBack`: the rounding of the product could be the wrong one. */
const UNSURE: i64 = -2

/** Gives the digits of the value rounded to so many places, as an integer, if they read back to the same float32; -1 when they do not. */
function readsBack(value: f32, places: i32): i64 {
  const scaled = <f64>value * power(places)
  const digits = floor(scaled + 0.5)
  // The product is off by less than a millionth; nearer than that to a half, the exact value may round the other way.
  if (abs(scaled - digits) > 0.499999) return UNSURE
  return <f32>(digits / power(places)) == value ? <i64>digits : -1
}

/**
 * Writes the shortest text that reads back to the same float32, as JavaScript prints numbers; engine/table/numberText.ts is its twin. It
 * tries eight significant digits first, then more or fewer. Returns the place behind the text, or 0 for a number that the host must write:
 * one with an exponent, or whose rounding is not sure.
 */
function writeFloat32(to: usize, value: f32): usize {
  if (value == 0) {
    store<u8>(to, ZERO)
    return to + 1
  }
  const size = abs(value)
  // Smaller numbers have an exponent, and larger ones may end in zeros before the point. NaN fails both comparisons.
  if (!(size >= 1e-6 && size < 16777216)) return 0
  // The eighth significant digit stands so many places behind the point.
  let places = 7
  for (let limit: f32 = 10; size >= limit; limit *= 10) places -= 1
  if (size < 1) {
    places = 8
    for (let limit: f64 = 0.1; <f64>size < limit; limit /= 10) places += 1
  }
  let digits = readsBack(size, places)
  if (digits == -1) {
    places += 1
    digits = readsBack(size, places)
  } else if (digits >= 0) {
    while (places > 0) {
      const fewer = readsBack(size, places - 1)
      if (fewer == -1 || fewer == 0) break
      digits = fewer
      if (fewer == UNSURE) break
      places -= 1
    }
  }
  if (digits < 0) return 0
  if (value < 0) {
    store<u8>(to, MINUS)
    to += 1
  }
  return writeDecimal(to, <u32>digits, places)
}

/** Writes digits with a point before the last `places` of them, without zeros at the end of the fraction. Returns the place behind them. */
function writeDecimal(to: usize, digits: u32, places: i32): usize {
  let rest = digits
  let behind = places
  while (behind > 0 && rest % 10 == 0) {
    rest /= 10
    behind -= 1
  }
  if (behind == 0) return writeInteger(to, rest)
  const scale = behind > 9 ? 0 : <u32>power(behind)
  const before = scale == 0 ? 0 : rest / scale
  const at = writeInteger(to, before)
  store<u8>(at, POINT)
  writeDigits(at + 1, rest - before * scale, behind)
  return at + 1 + behind
}
