/** A data date as somebody gave it, on a command line or in a request: a calendar day, or an error that says how one is written. */
import { type Day, parseDay } from '../../definition/dates.js'
import { DaybreakError } from './errors.js'

/** @throws DateInvalid when it is no day of the calendar, written `YYYY-MM-DD` */
export function mustBeDate(text: string): Day {
  const day = parseDay(text)
  if (day === undefined) throw new DaybreakError('DateInvalid', `"${text}" is not a calendar day`)
  return day
}
