/** What is on disk of a data date: its attempts, the last one, and what readers see. For status, plans and the index page. */
import type { AttemptRecord, Manifest, PublicationRecord } from '../definition/records.js'
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
