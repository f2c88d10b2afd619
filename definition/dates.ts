/**
 * The data date is a calendar day without zone or clock, kept as days since 1970-01-01. This is pure integer arithmetic in the proleptic
 * Gregorian calendar, so that a workflow may use it too.
 */

/** A calendar day as the number of days since 1970-01-01. A plain number is accepted where a `Day` is asked for. */
export type Day = number & { readonly unit?: 'days since 1970-01-01' }

const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/

/** Gives the days since 1970-01-01 of a civil date. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
export function dayFromCivil(year: number, month: number, dayOfMonth: number): Day {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** Gives the civil date of a day. Source: the same paper, civil_from_days. */
export function civilFromDay(day: Day): { year: number; month: number; dayOfMonth: number } {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153)
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1,
  }
}

/** Reads `YYYY-MM-DD`, years 0001 to 9999; `undefined` for anything else, 2026-02-30 included. */
export function parseDay(text: string): Day | undefined {
  const match = ISO_DAY.exec(text)
  if (!match) return undefined
  const [year, month, dayOfMonth] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (year < 1 || month < 1 || month > 12 || dayOfMonth < 1) return undefined
  const day = dayFromCivil(year, month, dayOfMonth)
  const back = civilFromDay(day)
  return back.month === month && back.dayOfMonth === dayOfMonth ? day : undefined
}

/** Reads a day that is known to be one. @throws {RangeError} when the text is no calendar day */
export function day(text: string): Day {
  const parsed = parseDay(text)
  if (parsed === undefined) throw new RangeError(`"${text}" is not a calendar day of the form YYYY-MM-DD`)
  return parsed
}

/** Writes a day as `YYYY-MM-DD`. */
export function formatDay(value: Day): string {
  const { year, month, dayOfMonth } = civilFromDay(value)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`
}

/** Gives the day of the week, 1 = Monday … 7 = Sunday (ISO 8601). */
export function weekday(value: Day): number {
  return ((((value + 3) % 7) + 7) % 7) + 1
}

/** Replaces `{date}` (YYYY-MM-DD) and `{yyyymmdd}` in a path template. */
export function expandDate(template: string, date: string): string {
  return template.replaceAll('{date}', date).replaceAll('{yyyymmdd}', date.replaceAll('-', ''))
}
