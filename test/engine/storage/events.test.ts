import { rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createAttempt } from '../../../engine/storage/attempts.js'
import { appendEvent, brokenLinks, readEvents } from '../../../engine/storage/events.js'
import { layout } from '../../../engine/storage/layout.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { how, sealed, wanted } from './sealedAttempts.js'

const home = temporaryFolder()

test('events come back in their order', async () => {
  const record = await createAttempt(home.path(), wanted('run'))
  for (const key of ['a', 'b', 'c']) await appendEvent(home.path(), record, { at: how.at, event: 'message-sent', key })
  expect((await readEvents(home.path(), record)).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
})

test('events written by many at once are all there, and each follows from the one before', async () => {
  const ref = await sealed(home.path(), '1', 'one')
  const writers = Array.from({ length: 20 }, (_, index) =>
    appendEvent(home.path(), ref, { at: how.at, event: 'message-sent', key: String(index) }),
  )
  await Promise.all(writers)
  const events = await readEvents(home.path(), ref)
  expect(events.map(({ key }) => key).sort()).toEqual([undefined, ...Array.from({ length: 20 }, (_, index) => String(index))].sort())
  expect(await brokenLinks(layout.events(home.path(), ref))).toEqual([])
})

test('a lock that a dead process left behind holds nobody up; one of a living process does', async () => {
  const ref = await sealed(home.path(), '1', 'one')
  const lock = join(layout.attempt(home.path(), ref), '.tmp-lock')
  await writeFile(lock, JSON.stringify({ host: hostname(), pid: 999_999 }))
  await appendEvent(home.path(), ref, { at: how.at, event: 'message-sent', key: 'a' })
  await writeFile(lock, JSON.stringify({ host: hostname(), pid: process.pid }))
  const waiting = appendEvent(home.path(), ref, { at: how.at, event: 'message-sent', key: 'b' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect((await readEvents(home.path(), ref)).map(({ key }) => key)).not.toContain('b')
  await rm(lock)
  await waiting
  expect((await readEvents(home.path(), ref)).map(({ key }) => key)).toContain('b')
})
