/**
 * Numbered records of publications, created exclusively, are the truth of what readers see. The link `published/<date>` is the door: it is
 * switched by one rename, and healed from the highest record after a crash between the two.
 */
import { readlink, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { exists, inHome, jsonText, namesIn, readJson, switchLink, writeExclusive } from '../files/fileSystem.js'
import type { AttemptRef } from '../protocol/documents/attempt.js'
import type { PublicationRecord } from '../protocol/documents/events.js'
import { DaybreakError } from '../protocol/errors.js'
import { systemCode } from '../protocol/systemErrors.js'
import { manifestHash } from './attempts.js'
import { FILES, layout } from './layout.js'
import { publishedNames } from './predictionFiles.js'

/** Reads the newest publication of a date, or `undefined`. */
export async function currentPublication(home: string, pipeline: string, date: string): Promise<PublicationRecord | undefined> {
  const newest = (await publicationFiles(home, pipeline, date)).at(-1)
  return newest ? await readJson<PublicationRecord>(newest) : undefined
}

/** Reads all publications of a date, oldest first. */
export async function listPublications(home: string, pipeline: string, date: string): Promise<readonly PublicationRecord[]> {
  return await Promise.all((await publicationFiles(home, pipeline, date)).map((path) => readJson<PublicationRecord>(path)))
}

async function publicationFiles(home: string, pipeline: string, date: string): Promise<readonly string[]> {
  const folder = layout.publications(home, pipeline, date)
  return (await namesIn(folder))
    .filter((name) => /^\d{4,}\.json$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => join(folder, name))
}

export interface PublishRequest {
  /** Number of the newest publication that whoever publishes knows of. */
  readonly seen: number
  readonly at: string
  readonly by: string
  readonly why: string
}

/**
 * Publishes a sealed attempt as number `seen + 1`. When the same attempt does it again, nothing changes.
 * @throws PublishedMeanwhile when somebody else has that number
 */
export async function publishAttempt(home: string, ref: AttemptRef, request: PublishRequest): Promise<PublicationRecord> {
  const { seen, ...rest } = request
  const record: PublicationRecord = { number: seen + 1, attempt: ref.attempt, ...rest, manifest: await manifestHash(home, ref) }
  const path = join(layout.publications(home, ref.pipeline, ref.date), `${String(record.number).padStart(4, '0')}.json`)
  const created = await writeExclusive(path, jsonText(record))
  const held = created ? record : await readJson<PublicationRecord>(path)
  if (held.attempt !== ref.attempt) {
    throw new DaybreakError(
      'PublishedMeanwhile',
      `${ref.pipeline} ${ref.date}: attempt ${held.attempt} was published as number ${held.number} at ${held.at}, before ${ref.attempt} could be`,
    )
  }
  await openDoor(home, ref.pipeline, ref.date)
  return held
}

/** Makes every published name of a date lead to its newest publication. Anybody may call it at any time. */
export async function openDoor(home: string, pipeline: string, date: string): Promise<void> {
  const door = layout.published(home, pipeline, date)
  for (;;) {
    const current = await currentPublication(home, pipeline, date)
    if (!current) return
    const target = doorTarget(home, pipeline, date, current.attempt)
    if ((await linkTarget(door)) !== target) await switchLink(door, target)
    // Somebody may have published between our look and our switch.
    if ((await currentPublication(home, pipeline, date))?.number === current.number) break
  }
  const names = [
    ...publishedNames(home, pipeline, date),
    [layout.publishedMetrics(home, pipeline, date), FILES.metrics],
    [layout.publishedValidation(home, pipeline, date), FILES.validation],
  ] as const
  for (const [name, file] of names) {
    const target = join(relative(dirname(name), door), file)
    const there = await exists(join(door, file))
    if (there && (await linkTarget(name)) !== target) await switchLink(name, target)
    // The attempt before had its predictions in another form.
    if (!there && (await linkTarget(name)) !== undefined) await inHome(name, () => rm(name, { force: true }))
  }
}

/** Finds the name by which readers find the predictions of a date that is published. */
export async function publishedPredictions(home: string, pipeline: string, date: string): Promise<string> {
  const names = publishedNames(home, pipeline, date).map(([name]) => name)
  const there = await Promise.all(names.map(exists))
  return names.find((_, index) => there[index]) ?? layout.published(home, pipeline, date)
}

/** Says where `published/<date>` leads for an attempt, as the link has it. */
export function doorTarget(home: string, pipeline: string, date: string, attempt: string): string {
  return relative(dirname(layout.published(home, pipeline, date)), layout.attempt(home, { pipeline, date, attempt }))
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'EINVAL') return undefined
    throw error
  }
}
