import { readdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isLeft, LOCK_NAME, locked } from '../../../engine/files/lock.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
/** More than any system gives to a process. */
const NO_PID = 2 ** 30

const leave = (holder: { host: string; pid: number }) => writeFile(folder.path(LOCK_NAME), JSON.stringify(holder))

test('work for one file is never done by two at once, and nobody is left out', async () => {
  let [inside, most, done] = [0, 0, 0]
  await Promise.all(
    Array.from({ length: 12 }, () =>
      locked(folder.path('file'), async () => {
        inside += 1
        most = Math.max(most, inside)
        await delay(2)
        inside -= 1
        done += 1
      }),
    ),
  )
  expect([most, done]).toEqual([1, 12])
  expect(await readdir(folder.path())).toEqual([])
})

test('work that fails lets the next one in', async () => {
  await expect(locked(folder.path('file'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await locked(folder.path('file'), async () => 'in')).toBe('in')
})

test('a lock is left behind when its process of this host is dead, or when it is too old; one that is gone is not', async () => {
  const lock = folder.path(LOCK_NAME)
  expect(await isLeft(lock)).toBe(false)
  await leave({ host: hostname(), pid: process.pid })
  expect(await isLeft(lock)).toBe(false)
  await leave({ host: hostname(), pid: NO_PID })
  expect(await isLeft(lock)).toBe(true)
  await leave({ host: 'another', pid: NO_PID })
  expect(await isLeft(lock)).toBe(false)
  const aMinuteAgo = new Date(Date.now() - 60_000)
  await utimes(lock, aMinuteAgo, aMinuteAgo)
  expect(await isLeft(lock)).toBe(true)
  expect(await locked(folder.path('file'), async () => 'in')).toBe('in')
})
