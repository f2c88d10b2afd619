/**
 * Reads days that are written otherwise than `YYYY-MM-DD`, by a declared format that is compiled once. A time with its offset from UTC is an
 * instant, and its day is the one that the calendar of a zone has then.
 */
import { type Day, parseDay } from './dates.js'
import { dayInZone } from './timeZones.js'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The parts of a format. Longer ones come first, so that `MMM` is not `MM` and an M. */
const PARTS: Readonly<Record<string, { readonly group: string; readonly pattern: string }>> = {
  YYYY: { group: 'year', pattern: '\\d{4}' },
  YY: { group: 'year', pattern: '\\d{2}' },
  MMM: { group: 'month', pattern: '[A-Za-z]{3}' },
  MM: { group: 'month', pattern: '\\d{2}' },
  M: { group: 'month', pattern: '\\d{1,2}' },
  DD: { group: 'day', pattern: '\\d{2}' },
  D: { group: 'day', pattern: '\\d{1,2}' },
  HH: { group: 'hour', pattern: '[01]\\d|2[0-3]' },
  H: { group: 'hour', pattern: '[01]?\\d|2[0-3]' },
  hh: { group: 'hour', pattern: '0[1-9]|1[0-2]' },
  h: { group: 'hour', pattern: '0?[1-9]|1[0-2]' },
  mm: { group: 'minute', pattern: '[0-5]\\d' },
  ss: { group: 'second', pattern: '[0-5]\\d' },
  SSSSSSSSS: { group: 'fraction', pattern: '\\d{9}' },
  SSSSSSS: { group: 'fraction', pattern: '\\d{7}' },
  SSSSSS: { group: 'fraction', pattern: '\\d{6}' },
  SSS: { group: 'fraction', pattern: '\\d{3}' },
  S: { group: 'fraction', pattern: '\\d' },
  A: { group: 'half', pattern: '[AaPp][Mm]' },
  // Offsets from UTC, as Unicode (UTS 35) names them: XXX with a colon, XX without, X with or without minutes.
  XXX: { group: 'offset', pattern: 'Z|[+-](?:0\\d|1[0-8]):[0-5]\\d' },
  XX: { group: 'offset', pattern: 'Z|[+-](?:0\\d|1[0-8])[0-5]\\d' },
  X: { group: 'offset', pattern: 'Z|[+-](?:0\\d|1[0-8])(?:[0-5]\\d)?' },
  // These words stand for themselves.
  UTC: { group: 'UTC', pattern: 'UTC' },
  T: { group: 'T', pattern: 'T' },
  Z: { group: 'Z', pattern: 'Z' },
}
const PART = new RegExp(Object.keys(PARTS).join('|'), 'g')

/** Two digits mean a year from 1969 to 2068, as POSIX and Python have it. */
const FIRST_OF_LAST_CENTURY = 69

/** Reads a day, or nothing when the text is none. */
export type DayReader = (text: string) => Day | undefined

const groupsOf = (format: string) => [...format.matchAll(PART)].map(({ 0: part }) => PARTS[part]!.group)

/** Says whether a format has an offset from UTC, so that it depends on a zone what day an instant is. */
export const hasOffset = (format: string): boolean => groupsOf(format).includes('offset')

/** Says what is wrong with a format, as the end of a sentence; `undefined` when nothing is. */
export function dateFormatProblem(format: string): string | undefined {
  const [letter] = /[A-Za-z]/.exec(format.replace(PART, '')) ?? []
  if (letter !== undefined) return `has a letter ${letter} that is no part of a date; the parts are ${Object.keys(PARTS).join(', ')}`
  const groups = groupsOf(format)
  const once = new Set(groups).size === groups.length && ['year', 'month', 'day'].every((group) => groups.includes(group))
  if (!once) return 'does not say year, month and day, each once, as DD/MM/YYYY does'
  if (!groups.includes('offset')) return undefined
  if (!groups.includes('hour')) return 'has an offset and no hour: which instant it is cannot be told'
  const halfHours = /h/.test(format.replace(PART, (part) => (PARTS[part]!.group === 'hour' ? part : '')))
  return halfHours && !groups.includes('half') ? 'has an offset and hours to 12 without A (AM, PM)' : undefined
}

/** Compiles a format; `undefined` when there is something wrong with it. @param timeZone the zone whose days those of instants are */
export function compileDateFormat(format: string, timeZone = 'UTC'): DayReader | undefined {
  if (dateFormatProblem(format) !== undefined) return undefined
  let [pattern, from] = ['', 0]
  for (const { 0: part, index } of format.matchAll(PART)) {
    const { group, pattern: digits } = PARTS[part]!
    pattern += `${literal(format.slice(from, index))}(?<${group}>${digits})`
    from = index + part.length
  }
  const whole = new RegExp(`^${pattern}${literal(format.slice(from))}$`)
  const inZone = hasOffset(format) ? dayInZone(timeZone) : undefined
  return (text) => {
    const groups = whole.exec(text)?.groups
    const written = groups && writtenDay(groups)
    if (groups === undefined || written === undefined || inZone === undefined) return written
    return inZone(written * SECONDS_PER_DAY + secondsOf(groups) - offsetSeconds(groups.offset!))
  }
}

type Groups = Readonly<Partial<Record<string, string>>>

/** Reads the day that stands in the text. */
function writtenDay({ year = '', month = '', day = '' }: Groups): Day | undefined {
  const named = MONTHS.indexOf(month.toLowerCase())
  return parseDay(`${wholeYear(year)}-${(named < 0 ? month : String(named + 1)).padStart(2, '0')}-${day.padStart(2, '0')}`)
}

const SECONDS_PER_DAY = 86_400

/** Reads the seconds since the midnight that stands in the text. */
function secondsOf({ hour = '0', minute = '0', second = '0', half }: Groups): number {
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
  return hours * 3600 + Number(minute) * 60 + Number(second)
}

function offsetSeconds(text: string): number {
  if (text === 'Z') return 0
  const digits = text.replace(/\D/g, '')
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60
  return text.startsWith('-') ? -seconds : seconds
}

const wholeYear = (year: string) => (year.length > 2 ? year : `${Number(year) < FIRST_OF_LAST_CENTURY ? '20' : '19'}${year}`)

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** The formats that a hint tries, in this order. */
const COMMON = [
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'DD.MM.YYYY',
  'YYYY/MM/DD',
  'YYYYMMDD',
  'YYYY-MM-DD HH:mm:ss',
  'YYYY-MM-DDTHH:mm:ss',
  'D/M/YYYY',
  'DD-MM-YYYY',
  'DD-MMM-YYYY',
  'M/D/YYYY H:mm',
  'D/M/YYYY H:mm',
  'M/D/YYYY h:mm A',
  'M/D/YY',
  'D/M/YY',
  'YYYY-MM-DD HH:mm:ss.SSS',
  'YYYY-MM-DD HH:mm:ss.SSSSSS',
  'YYYY-MM-DDTHH:mm:ss.SSS',
  'YYYY-MM-DDTHH:mm:ss.SSSSSS',
  'YYYY-MM-DDTHH:mm:ssXXX',
  'YYYY-MM-DDTHH:mm:ss.SSSXXX',
  'YYYY-MM-DDTHH:mm:ss.SSSSSSXXX',
  'YYYY-MM-DDTHH:mm:ssXX',
  'YYYY-MM-DD HH:mm:ssXXX',
  'YYYY-MM-DD HH:mm:ss.SSSSSSXXX',
  'YYYY-MM-DD HH:mm:ssX',
  'YYYY-MM-DD HH:mm:ss UTC',
] as const

/** They are compiled when the first hint is asked for. */
let readers: readonly { readonly format: string; readonly read: DayReader }[] | undefined

/** Finds the common formats by which a text is a day. When there are several, only whoever wrote the file knows which one is meant. */
export function formatsOf(text: string): readonly string[] {
  if (parseDay(text) !== undefined) return ['YYYY-MM-DD']
  readers ??= COMMON.map((format) => ({ format, read: compileDateFormat(format)! }))
  return readers.flatMap(({ format, read }) => (read(text) === undefined ? [] : [format]))
}
