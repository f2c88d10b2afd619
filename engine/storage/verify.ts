/**
 * Proves afterwards that nothing was touched: everything that a date has at rest is held against what was recorded when it was sealed. One
 * changed byte is found in any sealed file, in the manifest, in an event or a decision, and so is a door that leads elsewhere.
 */
import { readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { countLines, readJsonIfThere } from '../files/fileSystem.js'
import type { AttemptRef } from '../protocol/documents/attempt.js'
import type { PublicationRecord } from '../protocol/documents/events.js'
import type { Manifest } from '../protocol/documents/manifest.js'
import type { ValidationFile } from '../protocol/documents/validation.js'
import { systemCode } from '../protocol/systemErrors.js'
import { listAttempts, manifestHash, readManifest, unsealedChanges } from './attempts.js'
import { brokenLinks, readEvents } from './events.js'
import { readDecision } from './holds.js'
import { FILES, layout } from './layout.js'
import { predictionsIn } from './predictionFiles.js'
import { currentPublication, doorTarget, listPublications } from './publications.js'

export interface VerifiedAttempt {
  readonly attempt: string
  readonly sealed: boolean
  /** So many files were compared byte by byte. */
  readonly files: number
  readonly events: number
  readonly resultsDigest?: string
  /** What is not as it was, one sentence each. It is empty when all is. */
  readonly differences: readonly string[]
}

export interface VerifiedDate {
  readonly attempts: readonly VerifiedAttempt[]
  readonly publications: number
  /** What is wrong with publications and with the names that readers use. */
  readonly differences: readonly string[]
}

/** Verifies the attempts of a date, or one of them, and its publications. */
export async function verifyDate(home: string, pipeline: string, date: string, attempt?: string): Promise<VerifiedDate> {
  const names = attempt === undefined ? await listAttempts(home, pipeline, date) : [attempt]
  const publications = await listPublications(home, pipeline, date)
  const attempts: VerifiedAttempt[] = []
  for (const name of names) attempts.push(await verifyAttempt(home, { pipeline, date, attempt: name }))
  const differences = [...(await verifyPublications(home, pipeline, date, publications)), ...(await verifyDoor(home, pipeline, date))]
  return { attempts, publications: publications.length, differences }
}

async function verifyAttempt(home: string, ref: AttemptRef): Promise<VerifiedAttempt> {
  const manifest = await readManifest(home, ref)
  const links = await brokenLinks(layout.events(home, ref))
  const chain = links.map((line) => `${FILES.events} line ${line} does not follow from the line before it`)
  if (!manifest) return { attempt: ref.attempt, sealed: false, files: 0, events: 0, differences: chain }
  const events = await readEvents(home, ref).catch(() => [])
  const differences = [
    ...(await unsealedChanges(home, manifest)),
    ...(await verifyManifest(home, ref, manifest)),
    ...(await verifyAccounts(home, ref, manifest)),
    ...(await verifyDecision(home, ref, manifest)),
    ...chain,
  ]
  const { attempt, files, resultsDigest } = manifest
  const shared = { attempt, sealed: true, files: Object.keys(files).length + 1, events: events.length, differences }
  return { ...shared, ...(resultsDigest ? { resultsDigest } : {}) }
}

/** Holds the manifest against what its first event and its place say. */
async function verifyManifest(home: string, ref: AttemptRef, manifest: Manifest): Promise<readonly string[]> {
  const events = await readEvents(home, ref).catch(() => undefined)
  if (!events) return [`${FILES.events} cannot be read`]
  const sealed = events.find(({ event }) => event === 'sealed')
  const own = manifest.pipeline === ref.pipeline && manifest.date === ref.date && manifest.attempt === ref.attempt
  return [
    ...(own ? [] : [`${FILES.manifest} is that of ${manifest.pipeline} ${manifest.date} ${manifest.attempt}`]),
    ...(sealed ? [] : [`${FILES.events} has no line that the attempt was sealed`]),
    ...(sealed && sealed.manifest !== (await manifestHash(home, ref)) ? [`${FILES.manifest} is not what was sealed`] : []),
  ]
}

/** Holds the rows in the files against the accounts: read = predicted + rejected, each to be found. */
async function verifyAccounts(home: string, ref: AttemptRef, { accounts }: Manifest): Promise<readonly string[]> {
  if (!accounts) return []
  const { read, predicted, rejected } = accounts
  const folder = layout.attempt(home, ref)
  const validation = await readJsonIfThere<ValidationFile>(join(folder, FILES.validation)).catch(() => undefined)
  const stated = validation?.accounts
  const rows = await countRecords(folder)
  return [
    ...(read === predicted + rejected ? [] : [`${read} rows read are not ${predicted} predicted and ${rejected} rejected`]),
    ...(rows === undefined || rows === predicted ? [] : [`predictions have ${rows} rows, ${predicted} were predicted`]),
    ...(stated && (stated.read !== read || stated.predicted !== predicted || stated.rejected !== rejected)
      ? [`${FILES.validation} has other accounts than ${FILES.manifest}`]
      : []),
  ]
}

/** Counts the rows of the predictions, when no row spans lines. */
async function countRecords(folder: string): Promise<number | undefined> {
  const names = await predictionsIn(folder)
  let rows = 0
  for (const name of names) {
    const { lines, quotes } = await countLines(join(folder, name))
    if (name.endsWith('.csv') && quotes) return undefined
    rows += name.endsWith('.csv') ? lines - 1 : lines
  }
  return names.length === 0 ? undefined : rows
}

async function verifyDecision(home: string, ref: AttemptRef, { verdict }: Manifest): Promise<readonly string[]> {
  const decision = await readDecision(home, ref).catch(() => 'unreadable' as const)
  if (decision === undefined) return []
  if (decision === 'unreadable') return [`${FILES.decision} cannot be read`]
  if (verdict !== 'held') return [`${FILES.decision} is there, but the attempt was not held`]
  const event = (await readEvents(home, ref).catch(() => [])).find(({ event }) => event === decision.decision)
  const same = event && event.at === decision.at && event.by === decision.by && event.detail === decision.why
  return same ? [] : [`${FILES.decision} is not what ${FILES.events} says`]
}

async function verifyPublications(
  home: string,
  pipeline: string,
  date: string,
  publications: readonly PublicationRecord[],
): Promise<readonly string[]> {
  const there = new Set(await listAttempts(home, pipeline, date))
  const differences: string[] = []
  for (const [index, { number, attempt, manifest }] of publications.entries()) {
    const named = `publication ${number}`
    if (number !== index + 1) differences.push(`${named} is where number ${index + 1} should be`)
    const newest = index === publications.length - 1
    if (!there.has(attempt)) {
      // An attempt that nobody sees any more may have been pruned.
      if (newest) differences.push(`${named} names ${attempt}, which is not there`)
      continue
    }
    const sealed = await readManifest(home, { pipeline, date, attempt })
    if (!sealed) differences.push(`${named} names ${attempt}, which is not sealed`)
    else if ((await manifestHash(home, { pipeline, date, attempt })) !== manifest) {
      differences.push(`${named} was of another manifest than ${attempt} has`)
    }
  }
  return differences
}

/** Do the names that readers use lead to the newest publication? */
async function verifyDoor(home: string, pipeline: string, date: string): Promise<readonly string[]> {
  const current = await currentPublication(home, pipeline, date)
  const door = layout.published(home, pipeline, date)
  const target = await readlink(door).catch((error: unknown) => (systemCode(error) === 'EINVAL' ? 'no link' : undefined))
  const shown = relative(home, door)
  if (!current) return target === undefined ? [] : [`${shown} is there, but nothing was published`]
  if (target === undefined) return [`${shown} is missing`]
  return target === doorTarget(home, pipeline, date, current.attempt) ? [] : [`${shown} does not lead to ${current.attempt}`]
}
