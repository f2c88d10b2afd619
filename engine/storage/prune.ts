/**
 * Keeps house: old attempts that nobody needs go, and never one that is published, held, running or the newest of its date. A folder is
 * renamed before it is removed, so that a crash leaves no half attempt.
 */
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inHome, namesIn, TEMPORARY_PREFIX, temporaryName } from '../files/fileSystem.js'
import type { AttemptRef } from '../protocol/documents/attempt.js'
import { listAttempts, listDates, readManifest } from './attempts.js'
import { holdOf } from './holds.js'
import { layout } from './layout.js'
import { currentPublication } from './publications.js'

export interface PrunedAttempt extends AttemptRef {
  /** It was sealed then, ISO 8601, UTC. */
  readonly endedAt: string
}

/** Finds the attempts that were sealed before `beforeMs` and that nothing needs, oldest date first. */
export async function prunableAttempts(home: string, pipeline: string, beforeMs: number, nowMs: number): Promise<readonly PrunedAttempt[]> {
  const found: PrunedAttempt[] = []
  for (const date of await listDates(home, pipeline)) {
    // The newest attempt says how the date stands, and keeps its number from being given again.
    const older = (await listAttempts(home, pipeline, date)).slice(0, -1)
    const published = (await currentPublication(home, pipeline, date))?.attempt
    for (const attempt of older) {
      const ref = { pipeline, date, attempt }
      const manifest = await readManifest(home, ref)
      if (!manifest || attempt === published || Date.parse(manifest.endedAt) >= beforeMs) continue
      if (manifest.verdict === 'held' && (await holdOf(home, manifest, nowMs)).state === 'waiting') continue
      found.push({ ...ref, endedAt: manifest.endedAt })
    }
  }
  return found
}

/** Removes an attempt, and what an interrupted removal left beside it. */
export async function removeAttempt(home: string, ref: AttemptRef): Promise<void> {
  const folder = layout.attempt(home, ref)
  await inHome(folder, async () => {
    // It was published meanwhile, by somebody's word, so it stays.
    if ((await currentPublication(home, ref.pipeline, ref.date))?.attempt === ref.attempt) return
    const doomed = temporaryName(folder)
    await rename(folder, `${doomed}-pruned`)
    const parent = layout.attempts(home, ref.pipeline, ref.date)
    const left = (await namesIn(parent)).filter((name) => name.startsWith(TEMPORARY_PREFIX) && name.endsWith('-pruned'))
    for (const name of left) await rm(join(parent, name), { recursive: true, force: true })
  })
}
