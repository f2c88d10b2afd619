/**
 * Puts somebody's word on a held attempt into effect: approved, it becomes what readers see; rejected, it stays in its folder. All of it
 * happens on disk, wherever the home is to be seen, with or without a server. The first word counts.
 */
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { HoldDecision, PublicationRecord } from '../engine/protocol/documents/events.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { appendEvent, readEvents } from '../engine/storage/events.js'
import { type HeldAttempt, heldAttempts, recordDecision } from '../engine/storage/holds.js'
import { currentPublication, publishAttempt } from '../engine/storage/publications.js'
import { mustBeAsSealed, writeReports } from './publishAgain.js'

export interface Decided {
  readonly attempt: string
  readonly decision: HoldDecision
  /** Only an approved attempt has one. */
  readonly publication?: PublicationRecord
}

export interface DecideRequest {
  readonly pipeline: string
  readonly date: string
  /** It is needed when several attempts of the date wait. */
  readonly attempt?: string
}

/** @throws NothingHeld, UsageInvalid when several wait, HoldExpired, StorageDamaged when its files are not as sealed, PublishedMeanwhile */
export async function decideHeld(home: string, request: DecideRequest, said: Omit<HoldDecision, 'at'>): Promise<Decided> {
  const { manifest, state } = await chosen(home, request, said)
  const { pipeline, date, attempt, seenPublication } = manifest
  const ref = { pipeline, date, attempt }
  if (said.decision === 'approved') {
    if (state === 'expired') {
      throw new DaybreakError('HoldExpired', `attempt ${attempt} of ${pipeline} ${date} could be approved until ${manifest.holdExpiresAt}`)
    }
    await mustBeAsSealed(home, manifest)
  }
  const decision = await recordDecision(home, ref, { ...said, at: new Date().toISOString() })
  if (decision.decision !== said.decision) throw nothingHeld(request, [{ manifest, state: decision.decision, decision }])
  await recordOnce(home, ref, decision)
  const { at, by, why } = decision
  const publication = decision.decision === 'approved' ? await publishAttempt(home, ref, { seen: seenPublication, at, by, why }) : undefined
  if (publication) await recordOnce(home, ref, { ...decision, decision: 'published' }, `publication ${publication.number}`)
  await writeReports(home, ref)
  return { attempt, decision, ...(publication ? { publication } : {}) }
}

/**
 * Finds the attempt that is meant: the one that is named, or the only one that waits. An approved one whose publication a crash kept back
 * is taken too, and done to its end.
 */
async function chosen(home: string, request: DecideRequest, { decision }: Omit<HoldDecision, 'at'>): Promise<HeldAttempt> {
  const { pipeline, date, attempt } = request
  const held = await heldAttempts(home, pipeline, date, Date.now())
  const named = held.filter(({ manifest }) => attempt === undefined || manifest.attempt === attempt)
  const current = await currentPublication(home, pipeline, date)
  const open = named.filter(
    ({ state, manifest }) =>
      state === 'waiting' ||
      (state === 'expired' && attempt !== undefined) ||
      (state === decision && manifest.attempt !== current?.attempt),
  )
  const [only, second] = open.length > 1 ? open.filter(({ state }) => state === 'waiting') : open
  if (only && !second) return only
  if (!only) throw nothingHeld(request, named.length > 0 ? named : held)
  throw new DaybreakError('UsageInvalid', `several attempts of ${pipeline} ${date} wait for a decision`, {
    details: open.map(heldSentence),
    next: 'Name one with --attempt.',
  })
}

function nothingHeld({ pipeline, date, attempt }: DecideRequest, held: readonly HeldAttempt[]): DaybreakError {
  const what = attempt === undefined ? `no attempt of ${pipeline} ${date} waits` : `attempt ${attempt} of ${pipeline} ${date} does not wait`
  return new DaybreakError('NothingHeld', `${what} for a decision`, { details: held.map(heldSentence) })
}

function heldSentence({ manifest, state, decision }: HeldAttempt): string {
  const { attempt, endedAt, holdExpiresAt } = manifest
  if (decision) return `${attempt} was ${state} by ${decision.by} at ${decision.at}: ${decision.why}`
  if (state === 'expired') return `${attempt} could be approved until ${holdExpiresAt}`
  return state === 'superseded' ? `${attempt}: another attempt was published since` : `${attempt} waits since ${endedAt}`
}

async function recordOnce(
  home: string,
  ref: AttemptRef,
  { decision: event, at, by, why }: Omit<HoldDecision, 'decision'> & { decision: HoldDecision['decision'] | 'published' },
  detail = why,
): Promise<void> {
  if ((await readEvents(home, ref)).some((known) => known.event === event)) return
  await appendEvent(home, ref, { at, event, by, detail })
}
