/** Checks a five-field cron expression by its grammar. The server that runs it has the last word. */
import { civilFromDay, type Day, formatDay, weekday } from '../../definition/dates.js'
import type { Schedule } from '../../definition/pipeline.js'
import { dataDateRule } from '../protocol/schedule.js'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Field {
  readonly title: string
  readonly first: number
  readonly last: number
  /** Names that stand for `first`, `first + 1`, … */
  readonly names: readonly string[]
}

const FIELDS: readonly Field[] = [
  { title: 'minute', first: 0, last: 59, names: [] },
  { title: 'hour', first: 0, last: 23, names: [] },
  { title: 'day of the month', first: 1, last: 31, names: [] },
  { title: 'month', first: 1, last: 12, names: MONTHS },
  { title: 'day of the week', first: 0, last: 7, names: WEEKDAYS },
]

/** Says what is wrong with a cron expression; `undefined` when nothing is. */
export function cronProblem(cron: string): string | undefined {
  const texts = cron.trim().split(/\s+/)
  if (texts.length !== FIELDS.length) return `${JSON.stringify(cron)} does not have five fields, such as 0 6 * * *`
  const wrong = FIELDS.flatMap((field, index) => (fieldFits(texts[index]!, field) ? [] : [[field, texts[index]!] as const]))[0]
  if (!wrong) return undefined
  const [field, text] = wrong
  return `${JSON.stringify(text)} is no ${field.title}: ${field.first} to ${field.last}, *, a list, a range or a step such as */2`
}

/** A field is a list of `*`, a value or a range, each with an optional `/step`. */
function fieldFits(text: string, field: Field): boolean {
  return text.split(',').every((part) => {
    const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/([1-9]\d?))?$/.exec(part)
    if (!match) return false
    const from = match[1] === undefined ? field.first : fieldValue(match[1], field)
    const to = match[2] === undefined ? from : fieldValue(match[2], field)
    return from >= field.first && to <= field.last && from <= to
  })
}

function fieldValue(text: string, { first, names }: Field): number {
  if (/^\d{1,2}$/.test(text)) return Number(text)
  const index = names.indexOf(text.toLowerCase())
  return index < 0 ? Number.NaN : first + index
}

/** Does the cron fire on a calendar day? Day of the month, month and day of the week must all fit, as Temporal has it. */
export function cronFiresOn(cron: string, value: Day): boolean {
  const [, , dayOfMonth = '*', month = '*', dayOfWeek = '*'] = cron.trim().split(/\s+/)
  const civil = civilFromDay(value)
  const [, , dayField, monthField, weekdayField] = FIELDS
  const isoWeekday = weekday(value)
  return (
    fieldHas(dayOfMonth, dayField!, [civil.dayOfMonth]) &&
    fieldHas(month, monthField!, [civil.month]) &&
    // Sunday is 0 and 7.
    fieldHas(dayOfWeek, weekdayField!, isoWeekday === 7 ? [0, 7] : [isoWeekday])
  )
}

function fieldHas(text: string, field: Field, values: readonly number[]): boolean {
  return text.split(',').some((part) => {
    const [range = '*', step = '1'] = part.split('/')
    const [from, to] = range === '*' ? [field.first, field.last] : range.split('-').map((end) => fieldValue(end, field))
    // A single value with a step goes on to the end of the field.
    const last = to ?? (part.includes('/') ? field.last : from!)
    return values.some((value) => value >= from! && value <= last && (value - from!) % Number(step) === 0)
  })
}

/** Does the schedule have a run for a data date? */
export function isScheduledDate(schedule: Schedule, date: Day): boolean {
  return cronFiresOn(schedule.cron, date + dataDateRule(schedule).daysBefore)
}

const [DAY_MS, HOUR_MS, MINUTE_MS] = [86_400_000, 3_600_000, 60_000]

/**
 * What keeps a schedule from firing just once on each of its days, in words; `undefined` when nothing does. The server that runs it is asked
 * when it is applied; this is what can be said without one. @param from the first of the days that are looked at
 */
export function scheduleDoubt(
  { cron, timeZone = 'UTC' }: Pick<Schedule, 'cron' | 'timeZone'>,
  from: Day,
  days: number,
): string | undefined {
  const [minutes = '*', hours = '*'] = cron.trim().split(/\s+/)
  const [minuteField, hourField] = FIELDS
  const times = valuesOf(hours, hourField!).flatMap((hour) =>
    valuesOf(minutes, minuteField!).map((minute) => hour * HOUR_MS + minute * MINUTE_MS),
  )
  if (times.length > 1) return `"${cron}" fires ${times.length} times a day, and a day has one data date`
  const [time = 0] = times
  let fires = false
  for (let day = from; day < from + days; day += 1) {
    if (!cronFiresOn(cron, day)) continue
    fires = true
    const instants = instantsOf(day * DAY_MS + time, timeZone)
    if (instants.length !== 1) {
      const what = instants.length === 0 ? 'does not fire' : 'fires twice'
      return `"${cron}" (${timeZone}) ${what} on ${formatDay(day)}: clocks change there`
    }
  }
  return fires ? undefined : `"${cron}" fires on none of the next ${days} days`
}

const valuesOf = (text: string, field: Field): readonly number[] =>
  Array.from({ length: field.last - field.first + 1 }, (_, index) => index + field.first).filter((value) => fieldHas(text, field, [value]))

/** The instants at which clocks of a zone show a time, which is given as if it were UTC: none or two where clocks change. */
function instantsOf(shown: number, timeZone: string): readonly number[] {
  const offsets = new Set([shown - DAY_MS, shown + DAY_MS].map((instant) => offsetOf(instant, timeZone)))
  return [...offsets].map((offset) => shown - offset).filter((instant) => instant + offsetOf(instant, timeZone) === shown)
}

/** How far clocks of a zone are ahead of UTC, milliseconds. */
function offsetOf(instant: number, timeZone: string): number {
  const parts = formatterOf(timeZone).formatToParts(instant)
  const of = (type: string) => Number(parts.find((part) => part.type === type)!.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(instant / 1000) * 1000
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  const numeric = 'numeric' as const
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric }
  const made = new Intl.DateTimeFormat('en', { ...fields, timeZone, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn' })
  formatters.set(timeZone, made)
  return made
}
