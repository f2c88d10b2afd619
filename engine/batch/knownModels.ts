/**
 * Remembers which models came back from their trial, and which did not, so that a day does not pay for it again: in the cache folder of the
 * user, by the bytes of the files, what the definition wants of them and the version of the code. Losing it costs a trial each.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { codeFingerprint } from '../loader/codeFingerprint.js'
import type { ModelDescription } from '../model/onnx/describe.js'
import { openModelFile } from '../model/onnx/modelFile.js'
import type { ModelSpec } from '../model/plan.js'
import { DaybreakError } from '../protocol/errors.js'
import type { ScoringSpec } from '../scoring/openScoring.js'
import { breaks, tryApart } from './trial.js'

/** What did not come back is tried again after so long: its reason may have been the machine. */
const REFUSED_FOR_MS = 86_400_000

interface KnownModel {
  /** How it broke; none when it came back. */
  readonly breaks?: string
  /** When it was tried, in ms. */
  readonly at: number
  /** Files with weights, as they were then. */
  readonly weights: readonly { readonly file: string; readonly bytes: number; readonly changedMs: number }[]
}

export interface MustComeBack {
  /** What the definition wants of it. */
  readonly wanted: ModelSpec
  /** Try it whatever is remembered. @default false */
  readonly anew?: boolean
  readonly signal?: AbortSignal
}

/** Has a model tried apart, unless it is known. What else is wrong with it is told when it is opened. @throws ModelBreaks; Interrupted */
export async function mustComeBack(spec: ScoringSpec, { wanted, anew = false, signal }: MustComeBack): Promise<void> {
  const { modelFile } = spec
  const place = await placeOf(spec, wanted)
  const known = place === undefined || anew ? undefined : await recall(place)
  if (known?.breaks !== undefined) throw breaks(modelFile, `${known.breaks}, as was found before`)
  if (known) return
  try {
    const description = await tryApart(modelFile, { spec }, signal ? { signal } : {})
    await remember(place, { weights: await weightsOf(description) })
  } catch (error) {
    if (!(error instanceof DaybreakError)) return
    if (error.code === 'Interrupted') throw error
    if (error.code !== 'ModelBreaks') return
    await remember(place, { weights: [], breaks: error.message.slice(`The model ${modelFile} `.length) })
    throw error
  }
}

/** Where the verdict is; none when a file cannot be read, which is told when it is opened. */
async function placeOf({ modelFile, preprocessingFiles }: ScoringSpec, wanted: ModelSpec): Promise<string | undefined> {
  const hash = createHash('sha256').update(JSON.stringify([codeFingerprint(), wanted]))
  try {
    for (const file of [...preprocessingFiles, modelFile]) {
      const handle = await openModelFile(file)
      for await (const chunk of handle.createReadStream()) hash.update(chunk as Buffer)
    }
  } catch {
    return undefined
  }
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'daybreak', 'models', hash.digest('hex'))
}

async function recall(place: string): Promise<KnownModel | undefined> {
  try {
    const known = JSON.parse(await readFile(place, 'utf8')) as KnownModel
    if (known.breaks !== undefined && Date.now() - known.at > REFUSED_FOR_MS) return undefined
    for (const { file, bytes, changedMs } of known.weights) {
      const now = await stat(file)
      if (now.size !== bytes || now.mtimeMs !== changedMs) return undefined
    }
    return known
  } catch {
    return undefined
  }
}

/** Where it cannot be written the model is tried each time. */
async function remember(place: string | undefined, verdict: Omit<KnownModel, 'at'>): Promise<void> {
  if (place === undefined) return
  const temporary = `${place}.${process.pid}.${Math.random()}`
  try {
    await mkdir(join(place, '..'), { recursive: true })
    await writeFile(temporary, JSON.stringify({ ...verdict, at: Date.now() }))
    await rename(temporary, place)
  } catch {
    // The next run tries it again.
  }
}

async function weightsOf({ file, files = [] }: ModelDescription): Promise<KnownModel['weights']> {
  const beside = files.filter((one) => one.file !== file)
  return await Promise.all(
    beside.map(async (one) => {
      const { size, mtimeMs } = await stat(one.file)
      return { file: one.file, bytes: size, changedMs: mtimeMs }
    }),
  )
}
