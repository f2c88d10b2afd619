/** Reads days that are written otherwise than `YYYY-MM-DD`, by a declared format that is compiled once. */
import { type Day, parseDay } from './dates.js'

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
  SSSSSS: { group: 'fraction', pattern: '\\d{6}' },
  SSS: { group: 'fraction', pattern: '\\d{3}' },
  A: { group: 'half', pattern: '[AaPp][Mm]' },
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

/** Says what is wrong with a format, as the end of a sentence; `undefined` when nothing is. */
export function dateFormatProblem(format: string): string | undefined {
  const [letter] = /[A-Za-z]/.exec(format.replace(PART, '')) ?? []
  if (letter !== undefined) return `has a letter ${letter} that is no part of a date; the parts are ${Object.keys(PARTS).join(', ')}`
  const groups = [...format.matchAll(PART)].map(({ 0: part }) => PARTS[part]!.group)
  const once = new Set(groups).size === groups.length && ['year', 'month', 'day'].every((group) => groups.includes(group))
  return once ? undefined : 'does not say year, month and day, each once, as DD/MM/YYYY does'
}

/** Compiles a format; `undefined` when there is something wrong with it. */
export function compileDateFormat(format: string): DayReader | undefined {
  if (dateFormatProblem(format) !== undefined) return undefined
  let [pattern, from] = ['', 0]
  for (const { 0: part, index } of format.matchAll(PART)) {
    const { group, pattern: digits } = PARTS[part]!
    pattern += `${literal(format.slice(from, index))}(?<${group}>${digits})`
    from = index + part.length
  }
  const whole = new RegExp(`^${pattern}${literal(format.slice(from))}$`)
  return (text) => {
    const { year, month, day } = whole.exec(text)?.groups ?? {}
    if (year === undefined || month === undefined || day === undefined) return undefined
    const named = MONTHS.indexOf(month.toLowerCase())
    return parseDay(`${wholeYear(year)}-${(named < 0 ? month : String(named + 1)).padStart(2, '0')}-${day.padStart(2, '0')}`)
  }
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
] as const

/** Finds the common formats by which a text is a day. When there are several, only whoever wrote the file knows which one is meant. */
export function formatsOf(text: string): readonly string[] {
  if (parseDay(text) !== undefined) return ['YYYY-MM-DD']
  return COMMON.filter((format) => compileDateFormat(format)?.(text) !== undefined)
}
