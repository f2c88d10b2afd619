import { expect, test } from 'vitest'
import { readManifest } from '../../../engine/storage/attempts.js'
import { heldAttempts, holdOf, readDecision, recordDecision } from '../../../engine/storage/holds.js'
import { publishAttempt } from '../../../engine/storage/publications.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { date, how, sealed } from './sealedAttempts.js'

const home = temporaryFolder()
const EXPIRES = '2026-03-11T06:00:00.000Z'
const EXPIRES_MS = Date.parse(EXPIRES)

const held = (runKey: string, holdExpiresAt?: string) =>
  sealed(home.path(), runKey, runKey, { verdict: 'held', ...(holdExpiresAt ? { holdExpiresAt } : {}) })

test('of many decisions at once one is recorded, and everybody is answered that one', async () => {
  const ref = await held('1')
  const said = Array.from({ length: 8 }, (_, index) => ({
    decision: index % 2 === 0 ? ('approved' as const) : ('rejected' as const),
    at: how.at,
    by: `person ${index}`,
    why: 'Looked at.',
  }))
  const answers = await Promise.all(said.map((decision) => recordDecision(home.path(), ref, decision)))
  const stands = await readDecision(home.path(), ref)
  expect(said).toContainEqual(stands)
  expect(answers).toEqual(said.map(() => stands))
})

test('a held attempt waits until the moment at which it expires', async () => {
  const manifest = (await readManifest(home.path(), await held('1', EXPIRES)))!
  expect((await holdOf(home.path(), manifest, EXPIRES_MS - 1)).state).toBe('waiting')
  expect((await holdOf(home.path(), manifest, EXPIRES_MS)).state).toBe('expired')
})

test('a held attempt without an end waits for good', async () => {
  const manifest = (await readManifest(home.path(), await held('1')))!
  expect((await holdOf(home.path(), manifest, EXPIRES_MS * 2)).state).toBe('waiting')
})

test('what was published after it began supersedes it; what was decided before counts all the same', async () => {
  const [first, second] = [await held('1', EXPIRES), await held('2', EXPIRES)]
  await recordDecision(home.path(), second, { decision: 'rejected', at: how.at, by: 'test', why: 'No.' })
  await publishAttempt(home.path(), await sealed(home.path(), '3', '3'), { seen: 0, ...how })
  const states = (await heldAttempts(home.path(), 'churn', date, EXPIRES_MS)).map(({ manifest, state }) => [manifest.attempt, state])
  expect(states).toEqual([
    [first.attempt, 'superseded'],
    [second.attempt, 'rejected'],
  ])
})

test('what was published before it began does not supersede it', async () => {
  await publishAttempt(home.path(), await sealed(home.path(), '1', '1'), { seen: 0, ...how })
  await sealed(home.path(), '2', '2', { verdict: 'held', seenPublication: 1 })
  expect((await heldAttempts(home.path(), 'churn', date, 0)).map(({ state }) => state)).toEqual(['waiting'])
})
