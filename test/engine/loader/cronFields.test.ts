import { expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { cronProblem, scheduleDoubt } from '../../../engine/loader/cronFields.js'

test.each(['* * * * *', '0 6 * * *', '*/15 0-6/2 1,15 jan-mar,12 MON-FRI', ' 0  6 31 12 7 '])('%j is a cron expression', (cron) => {
  expect(cronProblem(cron)).toBeUndefined()
})

test.each([
  ['', 'does not have five fields'],
  ['@daily', 'does not have five fields'],
  ['0 0 6 * * *', 'does not have five fields'],
  ['60 6 * * *', '"60" is no minute: 0 to 59'],
  ['0 6 0 * *', '"0" is no day of the month: 1 to 31'],
  ['0 6 * 13 *', '"13" is no month: 1 to 12'],
  ['0 6 * * 8', '"8" is no day of the week: 0 to 7'],
  ['0 6 * * fri-mon', '"fri-mon" is no day of the week'],
  ['0 6-2 * * *', '"6-2" is no hour'],
  ['*/0 6 * * *', '"*/0" is no minute'],
  ['0, 6 * * *', '"0," is no minute'],
  ['-1 6 * * *', '"-1" is no minute'],
])('%j is refused', (cron, problem) => {
  expect(cronProblem(cron)).toContain(problem)
})

test.each([
  ['0 6 * * *', 'UTC', undefined],
  ['0 6 * * *', 'Europe/Berlin', undefined],
  ['30 2 * * *', 'Europe/Berlin', '"30 2 * * *" (Europe/Berlin) does not fire on 2026-03-29: clocks change there'],
  ['30 2 * * 1', 'Europe/Berlin', undefined],
  ['30 1 * * *', 'Europe/London', '"30 1 * * *" (Europe/London) does not fire on 2026-03-29: clocks change there'],
  ['30 1 * * *', 'America/New_York', '"30 1 * * *" (America/New_York) fires twice on 2026-11-01: clocks change there'],
  ['0 0 * * *', 'America/Asuncion', undefined],
  ['0 */6 * * *', 'UTC', '"0 */6 * * *" fires 4 times a day, and a day has one data date'],
  ['0 6 31 2 *', 'UTC', '"0 6 31 2 *" fires on none of the next 400 days'],
])('what a server would refuse is said without one: %s in %s', (cron, timeZone, doubt) => {
  expect(scheduleDoubt({ cron, timeZone }, day('2026-01-01'), 400)).toBe(doubt)
})
