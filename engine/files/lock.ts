/**
 * Locks a file by one beside it, for a read that a write follows. A lock is held for milliseconds. Whether its holder died is seen by the
 * holder's process, or on another host by the age of the lock.
 */
import { rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive } from './alive.js'
import { readIfThere, TEMPORARY_PREFIX, writeExclusive } from './fileSystem.js'

/** A lock that is older than this was left behind, by another host or by a process whose number somebody else has now. */
const STALE_MS = 10_000
const WAIT_MS = 10

export const LOCK_NAME = `${TEMPORARY_PREFIX}lock`

interface Holder {
  readonly host: string
  readonly pid: number
}

/** Does `work` while nobody else does theirs for the same file. */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = join(dirname(path), LOCK_NAME)
  const holder: Holder = { host: hostname(), pid: process.pid }
  while (!(await writeExclusive(lock, JSON.stringify(holder)))) {
    if (await isLeft(lock)) await rm(lock, { force: true })
    else await delay(WAIT_MS)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

/** Was a lock left behind? */
export async function isLeft(lock: string): Promise<boolean> {
  const text = await readIfThere(lock)
  if (text === undefined) return false
  const { host, pid } = JSON.parse(text) as Holder
  if (host === hostname() && !isAlive(pid)) return true
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
  return age > STALE_MS
}
