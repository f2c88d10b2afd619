import { expect, test } from 'vitest'
import { cronProblem } from '../../../engine/loader/cronFields.js'

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
