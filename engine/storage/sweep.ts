/** Sweeps up temporary files that a killed process left outside working folders, once the date that they belong to is told. */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from '../files/alive.js'
import { namesIn, TEMPORARY_PREFIX, temporaryOwner } from '../files/fileSystem.js'
import { isLeft, LOCK_NAME } from '../files/lock.js'
import type { AttemptRef } from '../protocol/documents/attempt.js'
import { foldersOf, layout } from './layout.js'

/** A temporary file of another host, or of a process whose number somebody else has, is left behind after this. */
const STALE_MS = 86_400_000

/** Sweeps the folders that a run of this attempt writes to. Files that somebody still writes stay. */
export async function sweepAfter(home: string, ref: AttemptRef): Promise<void> {
  const { pipeline, date } = ref
  for (const folder of [...foldersOf(home, pipeline, date), layout.attempt(home, ref)]) {
    for (const name of await namesIn(folder)) {
      if (name.startsWith(TEMPORARY_PREFIX) && (await isAbandoned(join(folder, name), name)))
        await rm(join(folder, name), { recursive: true, force: true })
    }
  }
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  if (name === LOCK_NAME) return await isLeft(path)
  const { here, pid } = temporaryOwner(name)
  if (here && !isAlive(pid)) return true
  const changedMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  )
  return Date.now() - changedMs > STALE_MS
}
