/**
 * A held attempt is sealed, not published, and waits for somebody's word. The word is a file that is created exclusively: the first one
 * counts.
 */
import { join } from 'node:path'
import { jsonText, readJson, readJsonIfThere, writeExclusive } from '../files/fileSystem.js'
import type { AttemptRef } from '../protocol/documents/attempt.js'
import type { HoldDecision } from '../protocol/documents/events.js'
import type { Manifest } from '../protocol/documents/manifest.js'
import { sealedManifests } from './dayOnDisk.js'
import { FILES, layout } from './layout.js'
import { currentPublication } from './publications.js'

/** `superseded`: another attempt was published after this one began. */
export type HoldState = 'waiting' | 'approved' | 'rejected' | 'expired' | 'superseded'

export interface HeldAttempt {
  readonly manifest: Manifest
  readonly state: HoldState
  readonly decision?: HoldDecision
}

export async function readDecision(home: string, ref: AttemptRef): Promise<HoldDecision | undefined> {
  return await readJsonIfThere<HoldDecision>(join(layout.attempt(home, ref), FILES.decision))
}

/** Records a decision unless there is one. The answer is the one that stands. */
export async function recordDecision(home: string, ref: AttemptRef, decision: HoldDecision): Promise<HoldDecision> {
  const path = join(layout.attempt(home, ref), FILES.decision)
  return (await writeExclusive(path, jsonText(decision))) ? decision : await readJson<HoldDecision>(path)
}

/** Says how it stands with a held attempt. */
export async function holdOf(home: string, manifest: Manifest, nowMs: number): Promise<HeldAttempt> {
  const decision = await readDecision(home, manifest)
  if (decision) return { manifest, state: decision.decision, decision }
  const current = await currentPublication(home, manifest.pipeline, manifest.date)
  const superseded = current !== undefined && current.number > manifest.seenPublication
  const expired = manifest.holdExpiresAt !== undefined && nowMs >= Date.parse(manifest.holdExpiresAt)
  return { manifest, state: superseded ? 'superseded' : expired ? 'expired' : 'waiting' }
}

/** Lists the held attempts of a date, oldest first. */
export async function heldAttempts(home: string, pipeline: string, date: string, nowMs: number): Promise<readonly HeldAttempt[]> {
  const held = (await sealedManifests(home, pipeline, date)).filter(({ verdict }) => verdict === 'held')
  return await Promise.all(held.map((manifest) => holdOf(home, manifest, nowMs)))
}
