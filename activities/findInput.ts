/**
 * Step 1 looks for the input, once. A file that is there need not be complete: the newest of its change times must be `settle` old, or a
 * `.done` sidecar must stand beside it. A file of zero bytes has not arrived.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { formatDuration } from '../definition/durations.js'
import { exists } from '../engine/files/fileSystem.js'
import { inputFiles, isPattern, lookUp, missingShards } from '../engine/input/inputFiles.js'
import { inputPathOf } from '../engine/loader/loadPipeline.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { nearestNames } from '../engine/protocol/nearestNames.js'
import { dayPolicy, settleMs } from '../engine/protocol/policy.js'
import type { FindInputRequest, InputFound } from '../engine/protocol/steps.js'
import { systemErrorText } from '../engine/protocol/systemErrors.js'
import { mustBeAttempt } from '../engine/storage/attempts.js'
import { openedPipeline, type Step } from './context.js'

/** So many names are shown of what is there instead. */
const SHOWN = 5

interface Look {
  readonly ready: boolean
  /** What is there, in words, when it is not ready. */
  readonly why: string
  readonly bytes: number
  /** The file will have settled then, if nobody touches it. */
  readonly againMs?: number
}

export const findInput: Step<FindInputRequest, InputFound> = async (context, { attempt, arrived, last }) => {
  const record = await mustBeAttempt(context.settings.home, attempt)
  const loaded = await openedPipeline(context, attempt)
  const path = record.givenInput ?? inputPathOf(loaded, attempt.date)
  const given = record.givenInput !== undefined
  const look = await lookAt(path, given || arrived ? 0 : settleMs(loaded.definition))
  if (look.ready) return { path, bytes: look.bytes }
  // A backfill is about days that are over: what is not there now is not waited for.
  const hopeless = given || (record.kind === 'backfill' && look.bytes <= 0)
  if (hopeless || last) {
    const waited = hopeless ? '' : ` (waited ${formatDuration(dayPolicy(loaded.definition).timeoutMs)})`
    throw new DaybreakError('InputMissing', `${path}: ${look.why}${waited}`, {
      details: look.bytes < 0 ? await whatIsThere(path) : [],
      place: { file: path },
    })
  }
  throw new DaybreakError('InputNotReady', `${path} is not ready: ${look.why}`, {
    place: { file: path },
    ...(look.againMs === undefined ? {} : { retryAfterMs: look.againMs }),
  })
}

/** Every file of the input must be ready; a set must be all there as far as its names tell. */
async function lookAt(path: string, settle: number): Promise<Look> {
  const files = await inputFiles(path)
  if (files.length === 0) return { ready: false, why: 'no file matches it', bytes: -1 }
  const missing = missingShards(files)
  // Whoever wrote the folder says that it is whole.
  const told = isPattern(path) && (await exists(join(dirname(path), '_SUCCESS')))
  const looks = await Promise.all(files.map((file) => lookAtFile(file, told ? 0 : settle)))
  const bytes = looks.reduce((sum, look) => sum + Math.max(0, look.bytes), 0)
  if (missing.length > 0) {
    const shown = missing.slice(0, SHOWN).join(', ')
    return { ready: false, why: `${files.length} files are there, and not yet ${shown}${missing.length > SHOWN ? ', …' : ''}`, bytes }
  }
  const waiting = looks.findIndex(({ ready }) => !ready)
  if (waiting < 0) return { ready: true, why: '', bytes }
  const look = looks[waiting]!
  const again = looks.flatMap(({ againMs }) => againMs ?? [])
  if (files.length === 1) return look
  return {
    ready: false,
    why: `${basename(files[waiting]!)}: ${look.why}`,
    bytes,
    ...(again.length > 0 ? { againMs: Math.max(...again) } : {}),
  }
}

async function lookAtFile(path: string, settle: number): Promise<Look> {
  const found = await lookUp(path)
  if (!found) return { ready: false, why: 'there is no such file', bytes: -1 }
  if (!found.isFile()) return { ready: false, why: 'it is not a file', bytes: -1 }
  if (found.size === 0) return { ready: false, why: 'the file is there but empty', bytes: 0 }
  if (settle === 0 || (await exists(`${path}.done`))) return { ready: true, why: '', bytes: found.size }
  const age = ageMs(found.mtimeMs, found.ctimeMs, Date.now())
  if (age >= settle) return { ready: true, why: '', bytes: found.size }
  const why = `it changed ${formatDuration(Math.round(age))} ago and must rest for ${formatDuration(settle)} (${found.size} bytes so far)`
  return { ready: false, why, bytes: found.size, againMs: Math.ceil(settle - age) }
}

/** The time since the newest change. A copied file may bring a change time from the future: then the time of the inode counts. */
export function ageMs(mtimeMs: number, ctimeMs: number, nowMs: number): number {
  return Math.max(0, nowMs - (mtimeMs > nowMs ? ctimeMs : Math.max(mtimeMs, ctimeMs)))
}

/** Says what the folder holds instead: the nearest names, and which of them are empty or have just changed. */
async function whatIsThere(path: string): Promise<readonly string[]> {
  const folder = dirname(path)
  let names: readonly string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    return [`the folder ${folder} cannot be read: ${systemErrorText(error)}`]
  }
  if (names.length === 0) return [`the folder ${folder} is empty`]
  const nearest = nearestNames(basename(path), names).slice(0, SHOWN)
  const shown = nearest.length > 0 ? nearest : [...names].sort().slice(-SHOWN)
  return [
    `${folder} holds ${names.length} other ${names.length === 1 ? 'name' : 'names'}`,
    ...(await Promise.all(shown.map((name) => describe(folder, name)))),
  ]
}

async function describe(folder: string, name: string): Promise<string> {
  const found = await stat(`${folder}/${name}`).catch(() => undefined)
  if (!found) return `${name}: cannot be looked at`
  if (!found.isFile()) return `${name}: a folder`
  return found.size === 0 ? `${name}: empty` : `${name}: ${found.size} bytes, changed ${found.mtime.toISOString()}`
}
