/** Each date gets a line, from what is on disk and, with a server, from what runs there; missing and stale dates are named. */
import { day } from '../../definition/dates.js'
import { readSettings } from '../../engine/loader/settings.js'
import { MOST_DATES } from '../../engine/protocol/backfill.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { serverView } from '../server/serverView.js'
import { type DateRange, gatherStatus } from '../status/gatherStatus.js'
import { statusText } from '../status/statusText.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'

interface StatusOptions extends CommonOptions {
  readonly date?: string
  readonly from?: string
  readonly to?: string
}

export async function status(pipeline: string | undefined, options: StatusOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  const range = rangeOf(options)
  const server = await serverView(settings)
  try {
    const gathered = await gatherStatus(settings, server, pipeline, range)
    output.answer(gathered, statusText(gathered))
    return EXIT.done
  } finally {
    await server?.close()
  }
}

function rangeOf({ date, from, to }: StatusOptions): DateRange {
  for (const given of [date, from, to]) if (given !== undefined) mustBeDate(given)
  if (from && to && from > to) throw new DaybreakError('UsageInvalid', `the range is upside down: ${from} comes after ${to}`)
  if (from && to && day(to) - day(from) >= MOST_DATES)
    throw new DaybreakError('UsageInvalid', `${from} to ${to} are more than ${MOST_DATES} dates`)
  return { from: date ?? from ?? '0001-01-01', to: date ?? to ?? '9999-12-31', asked: date !== undefined || from !== undefined }
}
