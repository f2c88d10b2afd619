/**
 * The server has the last word on when a schedule fires, so it is asked, and for a schedule that is only wanted too. A cron that misses
 * a day, or fires twice on one, is refused.
 */
import { randomBytes } from 'node:crypto'
import type { ScheduleOptions } from '@temporalio/client'
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js'
import { formatDay } from '../../definition/dates.js'
import { cronFiresOn } from '../../engine/loader/cronFields.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { standInScheduleId } from '../../engine/protocol/ids.js'
import { localDay, type ScheduledDayInput } from '../../engine/protocol/schedule.js'
import { type Server, serverError } from './openServer.js'

const DAY_MS = 86_400_000
/** A cron is looked at so far ahead for days it misses: both changes of the clock are in it. */
const LOOK_AHEAD_DAYS = 400
export const LOOK_AHEAD_MS = LOOK_AHEAD_DAYS * DAY_MS

/** Asks for the nominal times of a schedule in a span, in milliseconds since 1970. */
export async function firingTimes(server: Server, scheduleId: string, fromMs: number, toMs: number): Promise<readonly number[]> {
  const { startTime } = await server.client.workflowService.listScheduleMatchingTimes({
    namespace: server.target.namespace,
    scheduleId,
    startTime: msToTs(fromMs),
    endTime: msToTs(toMs),
  })
  return (startTime ?? []).map((time) => tsToMs(time))
}

/** Asks when a wanted schedule would fire, by a paused stand-in that is gone afterwards. @throws ScheduleUnfit */
export async function wouldFireAt(server: Server, options: ScheduleOptions): Promise<readonly number[]> {
  const scheduleId = standInScheduleId(options.scheduleId, randomBytes(4).toString('hex'))
  const standIn = await server.client.schedule
    .create({ ...options, scheduleId, state: { paused: true, note: 'asks when it would fire' } })
    .catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw serverError(server, error)
      throw new DaybreakError('ScheduleUnfit', `the server does not take the schedule: ${error.message}`)
    })
  try {
    const now = Date.now()
    // Two days are looked at first: a cron that fires every minute must not list a year.
    const soon = await firingTimes(server, scheduleId, now, now + 2 * DAY_MS)
    return soon.length > 3 ? soon : await firingTimes(server, scheduleId, now, now + LOOK_AHEAD_MS)
  } finally {
    await standIn.delete()
  }
}

/** @throws ScheduleUnfit naming the first day that the cron misses or meets twice */
export function mustFireDaily({ pipeline, cron, rule }: ScheduledDayInput, times: readonly number[]): void {
  const days = times.map((time) => localDay(time, rule.timeZone))
  const twice = days.find((day, index) => days[index - 1] === day)
  const named = `"${cron}" (${rule.timeZone}) of ${pipeline}`
  if (twice !== undefined) throw unfit(`${named} fires more than once on ${formatDay(twice)}`)
  const fired = new Set(days)
  const today = localDay(Date.now(), rule.timeZone)
  for (let day = today + 1; day < today + LOOK_AHEAD_DAYS - 1; day += 1) {
    if (cronFiresOn(cron, day) && !fired.has(day)) throw unfit(`${named} does not fire on ${formatDay(day)}: that time is skipped there`)
  }
}

function unfit(message: string): DaybreakError {
  const next = 'Choose one time a day, outside 00:00 to 03:59 where clocks change, or the zone UTC.'
  return new DaybreakError('ScheduleUnfit', message, { next })
}
