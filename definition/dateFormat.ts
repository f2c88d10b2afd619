/** Days written otherwise than `YYYY-MM-DD`: a declared format, compiled once into a reader. */
import { type Day, parseDay } from './dates.js'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** Parts of a format; longer ones first, so that `MMM` is not `MM` and an M. */
const PARTS: Readonly<Record<string, { readonly group: string; readonly pattern: string }>> = {
  YYYY: { group: 'year', pattern: '\\d{4}' },
  MMM: { group: 'month', pattern: MONTHS.join('|') },
  MM: { group: 'month', pattern: '\\d{2}' },
  M: { group: 'month', pattern: '\\d{1,2}' },
  DD: { group: 'day', pattern: '\\d{2}' },
  D: { group: 'day', pattern: '\\d{1,2}' },
  HH: { group: 'hour', pattern: '[01]\\d|2[0-3]' },
  mm: { group: 'minute', pattern: '[0-5]\\d' },
  ss: { group: 'second', pattern: '[0-5]\\d' },
}
const PART = new RegExp(Object.keys(PARTS).join('|'), 'g')

/** Reads a day, or nothing when the text is none. */
export type DayReader = (text: string) => Day | undefined

/** A reader for a format; `undefined` when the format does not say year, month and day, each once. */
export function compileDateFormat(format: string): DayReader | undefined {
  const groups: string[] = []
  let [pattern, from] = ['', 0]
  for (const { 0: part, index } of format.matchAll(PART)) {
    const { group, pattern: digits } = PARTS[part]!
    groups.push(group)
    pattern += `${literal(format.slice(from, index))}(?<${group}>${digits})`
    from = index + part.length
  }
  if (new Set(groups).size < groups.length || !['year', 'month', 'day'].every((group) => groups.includes(group))) return undefined
  const whole = new RegExp(`^${pattern}${literal(format.slice(from))}$`)
  return (text) => {
    const found = whole.exec(text)?.groups
    if (!found) return undefined
    const named = MONTHS.indexOf(found.month as (typeof MONTHS)[number])
    const month = named < 0 ? found.month! : String(named + 1)
    return parseDay(`${found.year}-${month.padStart(2, '0')}-${found.day!.padStart(2, '0')}`)
  }
}

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
] as const

/** The common formats by which a text is a day. Several: only whoever wrote the file knows. */
export function formatsOf(text: string): readonly string[] {
  if (parseDay(text) !== undefined) return ['YYYY-MM-DD']
  return COMMON.filter((format) => compileDateFormat(format)?.(text) !== undefined)
}
