/**
 * Reads lines of JSON that all look like one: the same keys in the same order with the same spaces, and simple values between them. Such a
 * line is matched, not parsed. A value is taken only if its bytes are the text of its cell. Any other line is left to the strict reader.
 */
import { addPlain, at, bounds, CR, count, END, FULL, LF, largest, line, QUOTE, STRICT, seek, wanted } from './records'

/** What may stand behind a piece of the pattern; 2 is a text. `CLOSE` means nothing, because the line ends. */
const ANY: i32 = 0
const NUMBER: i32 = 1
const BOOLEAN: i32 = 3
const CLOSE: i32 = 4

const BACKSLASH: u8 = 0x5c
const MINUS: u8 = 0x2d
const POINT: u8 = 0x2e
const ZERO: u8 = 0x30

/**
 * Pieces of the pattern, eight i32 each: address and length of the bytes that stand before the value, the kind of the value, the wanted
 * field that it is (or -1), and address and length of the cells that `true` and `false` mean.
 */
let pattern: usize = 0
let pieces: i32 = 0

/** Sets the pattern that lines are matched with from now on. Without one no line is plain. */
export function setPattern(address: usize, many: i32): void {
  pattern = address
  pieces = many
}

/** Finds the plain records of JSON Lines, as `split` does those with delimiters. */
export function splitJson(limit: i32, end: i32, last: bool): i32 {
  let record = count
  let start = at
  let here = line
  let why = FULL
  while (record < limit) {
    const lineEnd = findByte(start, end, LF)
    if (lineEnd == end && (!last || start == end)) {
      why = END
      break
    }
    const stop = lineEnd > start && load<u8>(lineEnd - 1) == CR ? lineEnd - 1 : lineEnd
    if (stop > start) {
      if (stop - start > largest || !matches(record, start, stop)) {
        why = STRICT
        break
      }
      addPlain(record, start, stop, here)
      record += 1
    }
    here += 1
    start = min(lineEnd + 1, end)
  }
  seek(record, start, here)
  return why
}

/** Finds a byte; gives `end` when it is not there. */
function findByte(from: i32, end: i32, byte: u8): i32 {
  const wantedByte = i8x16.splat(byte)
  for (let chunk = from; chunk < end; chunk += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(chunk), wantedByte))
    if (found != 0) return min(end, chunk + <i32>ctz(found))
  }
  return end
}

/** Says whether the line fits the pattern, and sets the bounds of its wanted fields. */
function matches(record: i32, start: i32, stop: i32): bool {
  let cursor = start
  for (let index = 0; index < pieces; index += 1) {
    const piece = pattern + 32 * index
    const size = load<i32>(piece, 4)
    if (cursor + size > stop || !same(cursor, load<i32>(piece), size)) return false
    cursor += size
    const kind = load<i32>(piece, 8)
    if (kind == CLOSE) return cursor == stop
    cursor = readValue(cursor, stop, piece, kind, record)
    if (cursor == 0) return false
  }
  return false
}

function same(one: i32, other: i32, size: i32): bool {
  let done = 0
  for (; done + 8 <= size; done += 8) if (load<u64>(one + done) != load<u64>(other + done)) return false
  for (; done < size; done += 1) if (load<u8>(one + done) != load<u8>(other + done)) return false
  return true
}

/** Reads the value at `from`. Returns where it ends, or 0 when its bytes may not be the text of its cell. */
function readValue(from: i32, stop: i32, piece: usize, kind: i32, record: i32): i32 {
  const byte = load<u8>(from)
  let begin = from
  let size = 0
  let next = 0
  if (byte == QUOTE) {
    if (kind == NUMBER) return 0
    begin = from + 1
    size = textLength(begin, stop)
    if (size < 0) return 0
    next = begin + size + 1
  } else if (byte == 0x6e /* n */) {
    if (from + 4 > stop || load<u32>(from) != 0x6c6c756e /* null */) return 0
    next = from + 4
  } else if (byte == 0x74 /* t */ || byte == 0x66 /* f */) {
    const yes = byte == 0x74
    if (kind != ANY && kind != BOOLEAN) return 0
    next = yes ? from + 4 : from + 5
    if (next > stop || (yes ? load<u32>(from) != 0x65757274 : load<u32>(from + 1) != 0x65736c61)) return 0
    begin = yes ? load<i32>(piece, 16) : load<i32>(piece, 24)
    size = yes ? load<i32>(piece, 20) : load<i32>(piece, 28)
  } else {
    if (kind == BOOLEAN) return 0
    next = numberEnd(from, stop, kind)
    size = next - from
  }
  const slot = load<i32>(piece, 12)
  if (next != 0 && slot >= 0) {
    const bound = bounds + 8 * (record * wanted + slot)
    store<i32>(bound, begin)
    store<i32>(bound, begin + size, 4)
  }
  return next
}

/** Gives the length of a text up to its closing quote; -1 when it has an escape or a control character, or does not end. */
function textLength(from: i32, stop: i32): i32 {
  const quote = i8x16.splat(QUOTE)
  const backslash = i8x16.splat(BACKSLASH)
  const space = i8x16.splat(0x20)
  for (let chunk = from; chunk < stop; chunk += 16) {
    const sixteen = v128.load(chunk)
    const marks = v128.or(v128.or(i8x16.eq(sixteen, quote), i8x16.eq(sixteen, backslash)), i8x16.lt_u(sixteen, space))
    const found = i8x16.bitmask(marks)
    if (found == 0) continue
    const here = chunk + <i32>ctz(found)
    return here < stop && load<u8>(here) == QUOTE ? here - from : -1
  }
  return -1
}

function isDigit(at: i32, stop: i32): bool {
  return at < stop && load<u8>(at) - ZERO <= 9
}

/**
 * Gives the place where a number of JSON ends; 0 when it is none. A number that some field wants must be written as JavaScript writes it,
 * in at most 15 digits and without an exponent, because that text is its cell. Where a text is expected it must be an integer.
 */
function numberEnd(from: i32, stop: i32, kind: i32): i32 {
  let here = from
  if (here < stop && load<u8>(here) == MINUS) here += 1
  const first = here
  if (!isDigit(here, stop)) return 0
  const zero = load<u8>(here) == ZERO
  here += 1
  if (!zero) while (isDigit(here, stop)) here += 1
  const integral = here - first
  let fraction = 0
  if (here < stop && load<u8>(here) == POINT) {
    const point = here
    here += 1
    while (isDigit(here, stop)) here += 1
    fraction = here - point - 1
    if (fraction == 0) return 0
  }
  const exponent = here < stop && (load<u8>(here) | 0x20) == 0x65 /* e */
  if (kind == ANY) return exponent ? exponentEnd(here, stop) : here
  if (exponent || integral + fraction > 15) return 0
  if (fraction == 0) return zero && first > from ? 0 : here
  if (kind != NUMBER || load<u8>(here - 1) == ZERO) return 0
  // JavaScript writes a number below a millionth with an exponent.
  if (zero && fraction > 6) {
    let zeros = first + 2
    while (zeros < here && load<u8>(zeros) == ZERO) zeros += 1
    if (zeros - first - 2 >= 6) return 0
  }
  return here
}

/** Gives the place where an exponent ends that begins at `from`; 0 when it has no digits. */
function exponentEnd(from: i32, stop: i32): i32 {
  let here = from + 1
  if (here < stop && (load<u8>(here) == MINUS || load<u8>(here) == 0x2b)) here += 1
  if (!isDigit(here, stop)) return 0
  while (isDigit(here, stop)) here += 1
  return here
}
