/** Finds the calendar days of instants in a time zone, for millions of them. The rules of zones are those of the runtime's `Intl`. */
import { type Day, dayFromCivil } from './dates.js'

/** Compiles a reader of days from instants (milliseconds since 1970) by the calendar of a zone. @throws {RangeError} when there is no such zone */
export function calendarOf(timeZone: string): (instantMs: number) => Day {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  return (instantMs) => {
    const found = Object.fromEntries(parts.formatToParts(instantMs).map(({ type, value }) => [type, value]))
    const year = Number(found.year)
    // The year before 1 is 1 BC.
    return dayFromCivil(found.era?.startsWith('B') ? 1 - year : year, Number(found.month), Number(found.day))
  }
}

const SECONDS_PER_DAY = 86_400
/** Clocks are mostly set at a multiple of this. */
const QUARTER_SECONDS = 900
/** So many quarters are remembered, which are more than ten years. */
const MOST_QUARTERS = 400_000
const FIRST_DAY = dayFromCivil(1, 1, 1)
const LAST_DAY = dayFromCivil(9999, 12, 31)

/**
 * Compiles a reader of days from instants (seconds since 1970) that remembers quarters of an hour, because to ask `Intl` takes microseconds.
 * It gives `undefined` for a day that is not of the years 1 to 9999. @throws {RangeError} when there is no such zone
 */
export function dayInZone(timeZone: string): (seconds: number) => Day | undefined {
  const calendar = calendarOf(timeZone)
  const days = new Map<number, Day>()
  const dayAt = (seconds: number): Day => {
    if (timeZone === 'UTC') return Math.floor(seconds / SECONDS_PER_DAY)
    const quarter = Math.floor(seconds / QUARTER_SECONDS)
    const known = days.get(quarter)
    if (known !== undefined) return known
    const [first, last] = [quarter * QUARTER_SECONDS, (quarter + 1) * QUARTER_SECONDS - 1].map((second) => calendar(second * 1000))
    // A midnight, or clocks that are set, within the quarter.
    if (first !== last) return calendar(seconds * 1000)
    if (days.size >= MOST_QUARTERS) days.clear()
    days.set(quarter, first!)
    return first!
  }
  return (seconds) => {
    const found = dayAt(seconds)
    return found >= FIRST_DAY && found <= LAST_DAY ? found : undefined
  }
}
