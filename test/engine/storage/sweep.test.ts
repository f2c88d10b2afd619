import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryName } from '../../../engine/files/fileSystem.js'
import { LOCK_NAME } from '../../../engine/files/lock.js'
import { layout } from '../../../engine/storage/layout.js'
import { sweepAfter } from '../../../engine/storage/sweep.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { sealed } from './sealedAttempts.js'

const home = temporaryFolder()
/** More than any system gives to a process. */
const NO_PID = 2 ** 30

/** A temporary name as a process of this host, or of another, gives it. */
function nameOf({ pid = process.pid, host }: { pid?: number; host?: string }): string {
  const [mark = '', ...rest] = basename(temporaryName('x')).split('-')
  const [ownHost = ''] = rest
  return [mark, host ?? ownHost, pid, rest.at(-1)].join('-')
}

test('what dead processes left goes; what somebody may still write stays', async () => {
  const ref = await sealed(home.path(), '1', 'one')
  const folder = dirname(layout.report(home.path(), 'churn', ref.date))
  await mkdir(folder, { recursive: true })
  const names = {
    dead: nameOf({ pid: NO_PID }),
    living: nameOf({}),
    elsewhere: nameOf({ pid: NO_PID, host: '00000000' }),
    elsewhereOld: nameOf({ pid: NO_PID, host: '00000000' }),
    page: 'report_2026-03-03.html',
  }
  for (const name of Object.values(names)) await writeFile(join(folder, name), '')
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000)
  await utimes(join(folder, names.elsewhereOld), twoDaysAgo, twoDaysAgo)
  await utimes(join(folder, names.page), twoDaysAgo, twoDaysAgo)
  await sweepAfter(home.path(), ref)
  expect((await readdir(folder)).sort()).toEqual([names.living, names.elsewhere, names.page].sort())
})

test('a lock that a dead process left goes, one of a living process stays', async () => {
  const ref = await sealed(home.path(), '1', 'one')
  const lock = join(layout.attempt(home.path(), ref), LOCK_NAME)
  const there = async () => (await readdir(dirname(lock))).includes(LOCK_NAME)
  await writeFile(lock, JSON.stringify({ host: hostname(), pid: process.pid }))
  await sweepAfter(home.path(), ref)
  expect(await there()).toBe(true)
  await writeFile(lock, JSON.stringify({ host: hostname(), pid: NO_PID }))
  await sweepAfter(home.path(), ref)
  expect(await there()).toBe(false)
})
