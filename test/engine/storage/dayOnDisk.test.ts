import { expect, test } from 'vitest'
import { createAttempt } from '../../../engine/storage/attempts.js'
import { readDay, sealedManifests, shownManifest } from '../../../engine/storage/dayOnDisk.js'
import { publishAttempt } from '../../../engine/storage/publications.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { date, how, sealed, wanted } from './sealedAttempts.js'

const home = temporaryFolder()
const EARLY = '2026-03-04T06:00:01.000Z'
const LATE = '2026-03-04T09:00:00.000Z'

test('a date without attempts has none, and shows nothing', async () => {
  expect(await readDay(home.path(), 'churn', date)).toEqual({ date, attempts: [] })
  expect(await shownManifest(home.path(), 'churn', date)).toBeUndefined()
})

test('the last attempt has a manifest once it is sealed, and says before that who it is', async () => {
  const first = await sealed(home.path(), '1', 'one')
  expect(await readDay(home.path(), 'churn', date)).toMatchObject({ last: { attempt: first.attempt, manifest: { verdict: 'pass' } } })
  const running = await createAttempt(home.path(), wanted('2'))
  const day = await readDay(home.path(), 'churn', date)
  expect(day).toEqual({ date, attempts: [first.attempt, running.attempt], last: { attempt: running.attempt, record: running } })
  expect((await sealedManifests(home.path(), 'churn', date)).map(({ attempt }) => attempt)).toEqual([first.attempt])
})

test('the pages show what failed after another attempt was published', async () => {
  await publishAttempt(home.path(), await sealed(home.path(), '1', 'one', { endedAt: EARLY }), { seen: 0, ...how, at: EARLY })
  const failed = await sealed(home.path(), '2', 'two', { endedAt: LATE, verdict: 'failed' })
  expect(await shownManifest(home.path(), 'churn', date)).toMatchObject({ attempt: failed.attempt, verdict: 'failed' })
  expect(await readDay(home.path(), 'churn', date)).toMatchObject({ publication: { attempt: 'a001' }, last: { attempt: 'a002' } })
})

test('the pages show an earlier attempt to which somebody went back', async () => {
  const [first, second] = [
    await sealed(home.path(), '1', 'one', { endedAt: EARLY }),
    await sealed(home.path(), '2', 'two', { endedAt: EARLY }),
  ]
  await publishAttempt(home.path(), second, { seen: 0, ...how, at: EARLY })
  await publishAttempt(home.path(), first, { seen: 1, ...how, at: LATE })
  expect((await shownManifest(home.path(), 'churn', date))?.attempt).toBe(first.attempt)
})
