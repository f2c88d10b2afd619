/**
 * Decodes the cells of plain records into values, a column at a time. A cell that is anything but ordinary (blank where it must not be, out
 * of its limits, written in an unusual way) makes its record not plain: the strict reader decides about it.
 */
import { bounds, careful, count, wanted } from './records'

const PLUS: u8 = 0x2b
const MINUS: u8 = 0x2d
const ZERO: u8 = 0x30
const SPACE: u8 = 0x20
const DELETE: u8 = 0x7f

/** Powers of ten that a double holds exactly. A division by one of them rounds once, and so rounds right. */
const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
])

/** Gives ten to the power of 0 to 22. */
export function power(exponent: i32): f64 {
  return load<f64>(POWERS + 8 * exponent)
}

/** A double holds every integer of so many digits exactly. */
const EXACT_DIGITS: i32 = 15

/** Answer of `readNumber` for a number with more digits: the host reads it. */
const LONG: f64 = Infinity

/** Reads the bytes as JavaScript's `Number()` does. Gives NaN when they are no number or have an exponent: the strict reader decides. */
function readNumber(from: usize, end: usize, point: u8): f64 {
  let at = from
  const negative = at < end && load<u8>(at) == MINUS
  if (negative || (at < end && load<u8>(at) == PLUS)) at += 1
  const first = at
  let mantissa: u64 = 0
  let fraction: usize = 0
  for (; at < end; at += 1) {
    const byte = load<u8>(at)
    const digit = byte - ZERO
    if (digit <= 9) mantissa = mantissa * 10 + digit
    else if (byte == point && fraction == 0) fraction = at + 1
    else return NaN
  }
  const digits = <i32>(end - first) - i32(fraction != 0)
  const places = fraction == 0 ? 0 : <i32>(end - fraction)
  // `5.` and `.` are no numbers.
  if (digits <= 0 || (fraction != 0 && places == 0)) return NaN
  if (digits > EXACT_DIGITS) return LONG
  const value = places == 0 ? <f64>mantissa : <f64>mantissa / power(places)
  return negative ? -value : value
}

/** Says whether the text of the value may stand for a blank. `suspects` is the address of such values, f64 each. */
function isSuspect(value: f64, suspects: usize, many: i32): bool {
  for (let index = 0; index < many; index += 1) if (load<f64>(suspects + 8 * index) == value) return true
  return false
}

/** Keeps a value that is within its limits and no suspect. Otherwise the record is not plain. */
function keep(record: i32, values: usize, value: f64, least: f64, most: f64, suspects: usize, many: i32): void {
  // NaN fails every comparison.
  if (value >= least && value <= most && (many == 0 || !isSuspect(value, suspects, many))) store<f64>(values + 8 * record, value)
  else store<u8>(careful + record, 1)
}

/**
 * Reads numbers as f64, NaN for a blank. A number of more digits than a double holds for sure is left to the host: `later` gets its record.
 * `point` is the byte before a fraction. Returns how many records `later` has.
 */
export function readNumbers(
  field: i32,
  values: usize,
  point: i32,
  integer: bool,
  nullable: bool,
  least: f64,
  most: f64,
  suspects: usize,
  many: i32,
  later: usize,
): i32 {
  let left = 0
  for (let record = 0; record < count; record += 1) {
    if (load<u8>(careful + record)) continue
    const bound = bounds + 8 * (record * wanted + field)
    const start = load<i32>(bound)
    const end = load<i32>(bound, 4)
    if (nullable && start == end) {
      store<f64>(values + 8 * record, NaN)
      continue
    }
    const value = readNumber(start, end, <u8>point)
    if (value == LONG) {
      store<i32>(later + 4 * left, record)
      left += 1
    } else if (integer && (value != floor(value) || abs(value) > 9007199254740991)) store<u8>(careful + record, 1)
    else keep(record, values, value, least, most, suspects, many)
  }
  return left
}

/** The form of a day: its length, where its digits are, and the marks between them. A mark is its offset and its byte, i32 each. */
let length: i32 = 0
let yearAt: i32 = 0
let monthAt: i32 = 0
let dayAt: i32 = 0
let dayMarks: usize = 0
let dayMarkCount: i32 = 0

/** Reads two digits; gives a negative number when they are none, so that every check after it fails. */
function twoDigits(at: usize): i32 {
  const tens: i32 = load<u8>(at) - <i32>ZERO
  const ones: i32 = load<u8>(at, 1) - <i32>ZERO
  return <u32>tens <= 9 && <u32>ones <= 9 ? tens * 10 + ones : -10000
}

const MONTH_DAYS = memory.data<u8>([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

/** Reads a day as days since 1970-01-01; NaN when the bytes are no day of this form. Source: Howard Hinnant, days_from_civil. */
function readDay(from: usize): f64 {
  for (let index = 0; index < dayMarkCount; index += 1) {
    const mark = dayMarks + 8 * index
    if (load<u8>(from + load<i32>(mark)) != <u8>load<i32>(mark, 4)) return NaN
  }
  const year = twoDigits(from + yearAt) * 100 + twoDigits(from + yearAt + 2)
  const month = twoDigits(from + monthAt)
  const day = twoDigits(from + dayAt)
  if (year < 1 || month < 1 || month > 12 || day < 1) return NaN
  const leap = i32(month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
  if (day > <i32>load<u8>(MONTH_DAYS + month) + leap) return NaN
  const shifted = year - i32(month <= 2)
  const era = shifted / 400
  const yearOfEra = shifted - era * 400
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return <f64>(era * 146097 + dayOfEra - 719468)
}

/** Sets the form that `readDays` reads next. */
export function setDayForm(size: i32, year: i32, month: i32, day: i32, marks: usize, marksInAll: i32): void {
  length = size
  yearAt = year
  monthAt = month
  dayAt = day
  dayMarks = marks
  dayMarkCount = marksInAll
}

/** Reads days of the form that was set as f64, NaN for a blank. */
export function readDays(field: i32, values: usize, nullable: bool, least: f64, most: f64, suspects: usize, many: i32): void {
  for (let record = 0; record < count; record += 1) {
    if (load<u8>(careful + record)) continue
    const bound = bounds + 8 * (record * wanted + field)
    const start = load<i32>(bound)
    const end = load<i32>(bound, 4)
    if (nullable && start == end) store<f64>(values + 8 * record, NaN)
    else keep(record, values, end - start == length ? readDay(start) : NaN, least, most, suspects, many)
  }
}

/** Finds a text among `many` listed ones (length and address, i32 each). Gives its index, or -1. */
function find(from: usize, size: i32, listed: usize, many: i32): i32 {
  for (let index = 0; index < many; index += 1) {
    if (load<i32>(listed + 8 * index) == size && memory.compare(from, load<i32>(listed + 8 * index, 4), size) == 0) return index
  }
  return -1
}

/** Reads texts of a list as their indexes, i32 each, -1 for a blank. */
export function readListed(field: i32, values: usize, nullable: bool, listed: usize, many: i32): void {
  for (let record = 0; record < count; record += 1) {
    if (load<u8>(careful + record)) continue
    const bound = bounds + 8 * (record * wanted + field)
    const start = load<i32>(bound)
    const end = load<i32>(bound, 4)
    const index = nullable && start == end ? -1 : find(start, end - start, listed, many)
    if (index >= 0 || (nullable && start == end)) store<i32>(values + 4 * record, index)
    else store<u8>(careful + record, 1)
  }
}

/** Marks records as not plain whose integer is not written as its value is: `01`, `+1`, `1.0`, `1e0`, `-0`. */
export function checkIntegerTexts(field: i32): void {
  for (let record = 0; record < count; record += 1) {
    if (load<u8>(careful + record)) continue
    const bound = bounds + 8 * (record * wanted + field)
    const end = load<i32>(bound, 4)
    let at = load<i32>(bound)
    if (at == end) continue
    const negative = load<u8>(at) == MINUS
    if (negative) at += 1
    // A zero stands alone and has no sign.
    let canonical = at < end && (load<u8>(at) != ZERO || (end - at == 1 && !negative))
    for (; canonical && at < end; at += 1) canonical = <u32>(<i32>load<u8>(at) - <i32>ZERO) <= 9
    if (!canonical) store<u8>(careful + record, 1)
  }
}

/** Says whether a byte is a visible character of ASCII: such a byte is surely no space. */
function isInk(byte: u8): bool {
  return byte > SPACE && byte < DELETE
}

function hasInk(from: usize, end: usize): bool {
  for (let at = from; at < end; at += 1) if (isInk(load<u8>(at))) return true
  return false
}

/**
 * Looks whether texts are what they seem: not blank, in no need of trimming, short enough for sure, and no spelling of a blank. They stay
 * where they are.
 */
export function checkTexts(field: i32, nullable: bool, trimmed: bool, longest: i32, blanks: usize, many: i32): void {
  for (let record = 0; record < count; record += 1) {
    if (load<u8>(careful + record)) continue
    const bound = bounds + 8 * (record * wanted + field)
    const start = load<i32>(bound)
    const end = load<i32>(bound, 4)
    if (nullable && start == end) continue
    const ordinary = start < end && isInk(load<u8>(start)) && isInk(load<u8>(end - 1))
    // A text has at most as many characters as bytes.
    const fits = end - start <= longest && (ordinary || (!trimmed && hasInk(start, end)))
    if (!fits || (many > 0 && find(start, end - start, blanks, many) >= 0)) store<u8>(careful + record, 1)
  }
}
