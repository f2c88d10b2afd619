/** Ids, queues and attributes are what they always were, an id says what it was made of, and a stranger's id says nothing. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDay } from '../../../definition/dates.js'
import {
  backfillIds,
  dayIds,
  installationOf,
  launcherIds,
  runKey,
  SEARCH_ATTRIBUTE_NAMES,
  scheduleIds,
  standInScheduleId,
  taskQueues,
  WORKFLOW_TYPES,
} from '../../../engine/protocol/ids.js'
import * as workflows from '../../../workflows/index.js'

const KINDS = { dayIds, backfillIds, scheduleIds, launcherIds }

const named = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
/** From the year 1 to the year 9999. */
const date = fc.integer({ min: -719_162, max: 2_932_896 }).map(formatDay)
const parts = fc.record({ name: named, pipeline: named, date })

test('what is stored on servers stays valid: the names do not change', () => {
  const day = { name: 'daybreak', pipeline: 'churn', date: '2026-11-22' }
  expect(dayIds.make(day)).toBe('daybreak/predict/churn/2026-11-22')
  expect(backfillIds.make(day)).toBe('daybreak/backfill/churn')
  expect(scheduleIds.make(day)).toBe('daybreak/schedule/churn')
  expect(launcherIds.make(day)).toBe('daybreak/launch/churn')
  expect(standInScheduleId(scheduleIds.make(day), '0a1b')).toBe('daybreak/schedule/churn/probe-0a1b')
  expect(runKey(dayIds.make(day), '6f1c')).toBe('daybreak/predict/churn/2026-11-22/6f1c')
  expect(taskQueues('daybreak')).toEqual({
    main: 'daybreak',
    scoring: 'daybreak-scoring',
    backfillScoring: 'daybreak-scoring-backfill',
  })
  expect(SEARCH_ATTRIBUTE_NAMES).toEqual(['DataDate', 'Pipeline', 'RunKind', 'Verdict'])
})

test('an id says what it was made of', () => {
  fc.assert(
    fc.property(parts, ({ name, pipeline, date }) => {
      expect(dayIds.parse(dayIds.make({ name, pipeline, date }))).toEqual({ name, pipeline, date })
      for (const kind of [backfillIds, scheduleIds, launcherIds])
        expect(kind.parse(kind.make({ name, pipeline }))).toEqual({ name, pipeline })
    }),
  )
})

test('an id of one kind is none of another', () => {
  fc.assert(
    fc.property(parts, (made) => {
      for (const [maker, { make }] of Object.entries(KINDS))
        for (const [reader, { parse }] of Object.entries(KINDS)) if (maker !== reader) expect(parse(make(made))).toBeUndefined()
    }),
  )
})

test("a stranger's id is nobody's", () => {
  const strangers = [
    ...['', '/', 'order-1', 'daybreak/predict', 'daybreak/predict/churn', '/predict/churn/2026-11-22', 'daybreak/predict//2026-11-22'],
    ...[
      'daybreak/predict/churn/',
      'daybreak/predict/churn/tomorrow',
      'daybreak/predict/churn/2026-11-22/0',
      'a/daybreak/predict/churn/2026-11-22',
    ],
    ...['daybreak/schedule/', '/schedule/churn', standInScheduleId('daybreak/schedule/churn', '0a1b')],
  ]
  for (const { parse } of Object.values(KINDS)) for (const id of strangers) expect(parse(id), id).toBeUndefined()
})

test('the installation of an id is the one that made it, the time that the server appends included', () => {
  fc.assert(
    fc.property(parts, (made) => {
      for (const { make } of Object.values(KINDS)) expect(installationOf(make(made))).toBe(made.name)
      expect(installationOf(`${launcherIds.make(made)}-2026-11-23T06:00:00Z`)).toBe(made.name)
    }),
  )
})

test('the workflows are called as their functions are', () => {
  expect(Object.keys(workflows).sort()).toEqual(Object.values(WORKFLOW_TYPES).sort())
})
