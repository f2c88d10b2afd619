import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryName } from '../../../engine/files/fileSystem.js'
import { createAttempt } from '../../../engine/storage/attempts.js'
import { layout } from '../../../engine/storage/layout.js'
import { prunableAttempts, removeAttempt } from '../../../engine/storage/prune.js'
import { publishAttempt } from '../../../engine/storage/publications.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { date, how, sealed, wanted } from './sealedAttempts.js'

const home = temporaryFolder()
const OLD = '2026-03-01T00:00:00.000Z'
const OLD_MS = Date.parse(OLD)

const old = (runKey: string, changes: Parameters<typeof sealed>[3] = {}) =>
  sealed(home.path(), runKey, runKey, { endedAt: OLD, ...changes })

const prunable = async (beforeMs: number) =>
  (await prunableAttempts(home.path(), 'churn', beforeMs, OLD_MS)).map((one) => `${one.date} ${one.attempt}`)

test('what is old enough goes, the oldest date first; the newest attempt of a date stays', async () => {
  await old('1', { date: '2026-03-02' })
  await old('2', { date: '2026-03-02' })
  await old('3', { date: '2026-03-01' })
  await old('4', { date: '2026-03-01' })
  expect(await prunable(OLD_MS + 1)).toEqual(['2026-03-01 a001', '2026-03-02 a001'])
  expect(await prunable(OLD_MS)).toEqual([])
})

test('what is published, not sealed, or held and waiting stays; what was held and has expired goes', async () => {
  await publishAttempt(home.path(), await old('1'), { seen: 0, ...how })
  await createAttempt(home.path(), wanted('2'))
  await old('3', { verdict: 'held', seenPublication: 1 })
  await old('4', { verdict: 'held', seenPublication: 1, holdExpiresAt: OLD })
  await old('5')
  expect(await prunable(OLD_MS + 1)).toEqual([`${date} a004`])
})

test('a removal takes what an earlier one left half done with it, and nothing else', async () => {
  const [first] = [await old('1'), await old('2')]
  const attempts = layout.attempts(home.path(), 'churn', date)
  await mkdir(`${temporaryName(join(attempts, 'a000'))}-pruned`)
  const written = temporaryName(join(attempts, 'attempt'))
  await mkdir(written)
  await removeAttempt(home.path(), first)
  expect((await readdir(attempts)).sort()).toEqual([written.slice(attempts.length + 1), 'a002'])
})

test('an attempt that was published meanwhile is not removed', async () => {
  const ref = await old('1')
  await publishAttempt(home.path(), ref, { seen: 0, ...how })
  await removeAttempt(home.path(), ref)
  expect(await readdir(layout.attempts(home.path(), 'churn', date))).toEqual([ref.attempt])
})
