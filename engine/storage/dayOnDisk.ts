/**
 * Reads what is on disk of a data date: its attempts, the last one, and what readers see. Status, plans, reports and the index page need
 * it.
 */
import type { AttemptRecord } from '../protocol/documents/attempt.js'
import type { PublicationRecord } from '../protocol/documents/events.js'
import type { Manifest } from '../protocol/documents/manifest.js'
import { listAttempts, readAttempt, readManifest } from './attempts.js'
import { currentPublication } from './publications.js'

export interface DayOnDisk {
  readonly date: string
  /** Names, oldest first. */
  readonly attempts: readonly string[]
  /** The newest attempt; without a manifest while it is not sealed. */
  readonly last?: { readonly attempt: string; readonly record?: AttemptRecord; readonly manifest?: Manifest }
  readonly publication?: PublicationRecord
}

export async function readDay(home: string, pipeline: string, date: string): Promise<DayOnDisk> {
  const attempts = await listAttempts(home, pipeline, date)
  const publication = await currentPublication(home, pipeline, date)
  const shared = { date, attempts, ...(publication ? { publication } : {}) }
  const attempt = attempts.at(-1)
  if (attempt === undefined) return shared
  const ref = { pipeline, date, attempt }
  const manifest = await readManifest(home, ref)
  const record = manifest ?? (await readAttempt(home, ref))
  return { ...shared, last: { attempt, ...(record ? { record } : {}), ...(manifest ? { manifest } : {}) } }
}

/**
 * Finds the attempt that the pages show for a date: the one that was sealed or published last. So a day that failed after another was
 * published shows as failed, and a date that somebody took back to an earlier attempt shows as that attempt.
 */
export async function shownManifest(home: string, pipeline: string, date: string): Promise<Manifest | undefined> {
  const newest = (await sealedManifests(home, pipeline, date)).at(-1)
  const current = await currentPublication(home, pipeline, date)
  if (!newest || !current || current.attempt === newest.attempt || current.at < newest.endedAt) return newest
  return (await readManifest(home, { pipeline, date, attempt: current.attempt })) ?? newest
}

/** Reads the manifests of a date's sealed attempts, oldest first. */
export async function sealedManifests(home: string, pipeline: string, date: string): Promise<readonly Manifest[]> {
  const attempts = await listAttempts(home, pipeline, date)
  const manifests = await Promise.all(attempts.map((attempt) => readManifest(home, { pipeline, date, attempt })))
  return manifests.filter((manifest) => manifest !== undefined)
}
