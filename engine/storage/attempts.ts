/**
 * An attempt is created exclusively with the run's key inside, sealed by a manifest, and never changed afterwards. A retried step finds its
 * own folder by the key. An attempt whose run is gone is an orphan.
 */
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  exists,
  hashFile,
  inHome,
  jsonText,
  namesIn,
  readJson,
  readJsonIfThere,
  TEMPORARY_PREFIX,
  temporaryName,
  writeWhole,
} from '../files/fileSystem.js'
import type { AttemptRecord, AttemptRef } from '../protocol/documents/attempt.js'
import type { Manifest } from '../protocol/documents/manifest.js'
import { DaybreakError } from '../protocol/errors.js'
import { systemCode } from '../protocol/systemErrors.js'
import { appendEvent, readEvents } from './events.js'
import { FILES, layout } from './layout.js'
import { predictionsIn, rejectsIn } from './predictionFiles.js'

const ATTEMPT_NAME = /^a\d{3,}$/

/** Lists the names of a date's attempts, oldest first. */
export async function listAttempts(home: string, pipeline: string, date: string): Promise<readonly string[]> {
  const names = await namesIn(layout.attempts(home, pipeline, date))
  return names.filter((name) => ATTEMPT_NAME.test(name)).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
}

/** Lists the dates that have attempts, oldest first. */
export async function listDates(home: string, pipeline: string): Promise<readonly string[]> {
  const names = await namesIn(join(layout.pipeline(home, pipeline), 'attempts'))
  return names.filter((name) => /^\d{4}-\d{2}-\d{2}$/.test(name)).sort()
}

/** Finds the attempt that a run created before, if it did. */
export async function findAttemptOfRun(home: string, pipeline: string, date: string, runKey: string): Promise<AttemptRecord | undefined> {
  for (const attempt of (await listAttempts(home, pipeline, date)).toReversed()) {
    const record = await readAttempt(home, { pipeline, date, attempt })
    if (record?.runKey === runKey) return record
  }
  return undefined
}

/** Creates the next attempt of a date. Two that create at once get two numbers. */
export async function createAttempt(home: string, record: Omit<AttemptRecord, 'attempt'>): Promise<AttemptRecord> {
  const folder = layout.attempts(home, record.pipeline, record.date)
  return await inHome(folder, async () => {
    await mkdir(folder, { recursive: true })
    // It is filled first, then renamed, so that a folder that has the name of an attempt always says whose it is.
    const prepared = temporaryName(join(folder, 'attempt'))
    await mkdir(prepared)
    try {
      for (;;) {
        const last = (await listAttempts(home, record.pipeline, record.date)).at(-1)
        const attempt = `a${String(last ? Number(last.slice(1)) + 1 : 1).padStart(3, '0')}`
        const whole: AttemptRecord = { ...record, attempt }
        await writeWhole(join(prepared, FILES.attempt), jsonText(whole))
        if (await renameExclusive(prepared, join(folder, attempt))) return whole
      }
    } finally {
      await rm(prepared, { recursive: true, force: true })
    }
  })
}

async function renameExclusive(from: string, to: string): Promise<boolean> {
  try {
    // A folder that is not empty is never replaced by a rename.
    await rename(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOTEMPTY' || systemCode(error) === 'EEXIST') return false
    throw error
  }
}

export async function readAttempt(home: string, ref: AttemptRef): Promise<AttemptRecord | undefined> {
  return await readJsonIfThere<AttemptRecord>(join(layout.attempt(home, ref), FILES.attempt))
}

/** Reads the record of an attempt that must be there. @throws StorageDamaged */
export async function mustBeAttempt(home: string, ref: AttemptRef): Promise<AttemptRecord> {
  const record = await readAttempt(home, ref)
  if (record) return record
  throw new DaybreakError('StorageDamaged', `${layout.attempt(home, ref)} is not there: do worker and client share one home?`)
}

/** Reads the manifest of a sealed attempt; `undefined` while it is not sealed. */
export async function readManifest(home: string, ref: AttemptRef): Promise<Manifest | undefined> {
  return await readJsonIfThere<Manifest>(join(layout.attempt(home, ref), FILES.manifest))
}

/** Takes size and sha256 of the predictions of an attempt, as far as they are there. */
export async function hashPredictions(home: string, ref: AttemptRef): Promise<Manifest['files']> {
  const folder = layout.attempt(home, ref)
  return await hashFiles(folder, await predictionsIn(folder))
}

async function hashFiles(folder: string, names: readonly string[], known: Manifest['files'] = {}): Promise<Manifest['files']> {
  const files: Record<string, Manifest['files'][string]> = {}
  for (const name of names) files[name] = known[name] ?? (await hashFile(join(folder, name)))
  return files
}

/**
 * Writes the manifest with size and sha256 of each file there is, clears the working files and begins the events. Sealing twice changes
 * nothing.
 * @param known files that were hashed when they were checked: so what is sealed is what was checked
 */
export async function sealAttempt(
  home: string,
  ref: AttemptRef,
  manifest: Omit<Manifest, 'files'>,
  known: Manifest['files'] = {},
): Promise<Manifest> {
  const sealedBefore = await readManifest(home, ref)
  const folder = layout.attempt(home, ref)
  if (!sealedBefore) {
    const files = await hashFiles(folder, await resultsIn(folder), known)
    await writeWhole(join(folder, FILES.manifest), jsonText({ ...manifest, files }))
  }
  await inHome(folder, () => clearLeftovers(folder))
  const sealed = sealedBefore ?? (await readJson<Manifest>(join(folder, FILES.manifest)))
  if (!(await readEvents(home, ref)).some(({ event }) => event === 'sealed')) {
    await appendEvent(home, ref, { at: sealed.endedAt, event: 'sealed', manifest: await manifestHash(home, ref) })
  }
  return sealed
}

/** Lists the files that a manifest seals, in its order, as far as they are there. */
async function resultsIn(folder: string): Promise<readonly string[]> {
  const [predictions, rejects] = [await predictionsIn(folder), await rejectsIn(folder)]
  const names = [FILES.attempt, ...predictions, ...(rejects ? [rejects] : []), FILES.validation, FILES.metrics, FILES.profile]
  const there = await Promise.all(names.map((name) => exists(join(folder, name))))
  return names.filter((_, index) => there[index])
}

/** Takes the hex sha256 of the manifest as it lies on disk. Events and publications hold it against the file. */
export async function manifestHash(home: string, ref: AttemptRef): Promise<string> {
  return (await hashFile(join(layout.attempt(home, ref), FILES.manifest))).sha256
}

/** Says what is no longer as it was sealed, one sentence a file. It is empty when every byte is as it was. */
export async function unsealedChanges(home: string, manifest: Manifest): Promise<readonly string[]> {
  const folder = layout.attempt(home, manifest)
  const names = new Set([...Object.keys(manifest.files), ...(await resultsIn(folder))])
  const changes = [...names].map(async (name) => {
    const sealed = manifest.files[name]
    const found = (await exists(join(folder, name))) ? await hashFile(join(folder, name)) : undefined
    if (sealed?.sha256 === found?.sha256) return undefined
    if (!found) return `${name} is missing`
    return sealed ? `${name} is not what was sealed: ${found.bytes} bytes, ${sealed.bytes} then` : `${name} was not sealed`
  })
  return (await Promise.all(changes)).filter((change) => change !== undefined)
}

/** Clears the working files, and the temporary files that a killed process left behind. */
async function clearLeftovers(folder: string): Promise<void> {
  const names = (await namesIn(folder)).filter((name) => name === FILES.work || name.startsWith(TEMPORARY_PREFIX))
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}
