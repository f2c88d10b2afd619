/**
 * Goes back: an earlier sealed attempt becomes what readers of its date see, by somebody's word. All of it happens on disk, with or without
 * a server, and no attempt changes. Whoever published meanwhile wins, and is named.
 */
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { PublicationRecord } from '../engine/protocol/documents/events.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { listAttempts, readManifest, unsealedChanges } from '../engine/storage/attempts.js'
import { sealedManifests } from '../engine/storage/dayOnDisk.js'
import { appendEvent } from '../engine/storage/events.js'
import { readDecision } from '../engine/storage/holds.js'
import { layout } from '../engine/storage/layout.js'
import { currentPublication, openDoor, publishAttempt } from '../engine/storage/publications.js'
import { writeReport } from './report.js'

export interface PublishedAgain {
  /** What readers see now. */
  readonly publication: PublicationRecord
  /** What they saw before. It is missing when nothing was published. */
  readonly before?: PublicationRecord
  /** It is false when the attempt was the published one already. */
  readonly changed: boolean
}

/**
 * Publishes a sealed attempt again, and renders the reports of its date, so that each says what is published now.
 * @throws AttemptUnknown, AttemptRefused, StorageDamaged when its files are not as sealed, PublishedMeanwhile
 */
export async function publishAgain(
  home: string,
  ref: AttemptRef,
  said: { readonly by: string; readonly why: string },
): Promise<PublishedAgain> {
  const manifest = await publishable(home, ref)
  const before = await currentPublication(home, ref.pipeline, ref.date)
  if (before?.attempt === ref.attempt) {
    // Also mends a door or a page that a crash left behind.
    await openDoor(home, ref.pipeline, ref.date)
    await writeReports(home, ref)
    return { publication: before, before, changed: false }
  }
  await mustBeAsSealed(home, manifest)
  const at = new Date().toISOString()
  const publication = await publishAttempt(home, ref, { seen: before?.number ?? 0, at, ...said })
  const { number, by, why } = publication
  await appendEvent(home, ref, { at, event: 'published', detail: `publication ${number} by ${by}: ${why}` })
  await writeReports(home, ref)
  return { publication, ...(before ? { before } : {}), changed: true }
}

async function publishable(home: string, ref: AttemptRef): Promise<Manifest> {
  const { pipeline, date, attempt } = ref
  const there = await listAttempts(home, pipeline, date)
  if (!there.includes(attempt)) {
    const details = [there.length > 0 ? `there is ${there.join(', ')}` : 'the date never ran']
    throw new DaybreakError('AttemptUnknown', `there is no attempt ${JSON.stringify(attempt)} of ${pipeline} ${date}`, { details })
  }
  const manifest = await readManifest(home, ref)
  if (!manifest) throw new DaybreakError('AttemptRefused', `attempt ${attempt} of ${pipeline} ${date} is not sealed: its run has not ended`)
  if (manifest.pipeline !== pipeline || manifest.date !== date || manifest.attempt !== attempt) {
    const place = layout.attempt(home, ref)
    const own = `${manifest.attempt} of ${manifest.pipeline} ${manifest.date}`
    throw new DaybreakError('StorageDamaged', `${place} holds another attempt: ${own}`, { place: { file: place } })
  }
  const approved = manifest.verdict === 'held' && (await readDecision(home, ref))?.decision === 'approved'
  if (manifest.verdict !== 'pass' && manifest.verdict !== 'warn' && !approved) {
    const details = [manifest.headline]
    throw new DaybreakError('AttemptRefused', `attempt ${attempt} of ${pipeline} ${date} ended as ${manifest.verdict}`, { details })
  }
  return manifest
}

/** @throws StorageDamaged when a file of the attempt is not what was sealed */
export async function mustBeAsSealed(home: string, manifest: Manifest): Promise<void> {
  const details = await unsealedChanges(home, manifest)
  if (details.length === 0) return
  const { pipeline, date, attempt } = manifest
  throw new DaybreakError('StorageDamaged', `attempt ${attempt} of ${pipeline} ${date} is not as it was sealed: ${details.join('; ')}`, {
    details,
    next: 'Nothing was published. Name another attempt, or run the date again with --rerun.',
    place: { file: layout.attempt(home, manifest) },
  })
}

/** Renders every report of a date, because each says which attempt is published. */
export async function writeReports(home: string, { pipeline, date }: AttemptRef): Promise<void> {
  for (const sealed of await sealedManifests(home, pipeline, date)) await writeReport(home, sealed)
}
