/** Says what differs now from a published day: would the same run give other numbers today? */
import { stat } from 'node:fs/promises'
import { hashFile } from '../files/fileSystem.js'
import { inputFiles } from '../input/inputFiles.js'
import type { InputFile } from '../protocol/documents/input.js'
import type { Manifest } from '../protocol/documents/manifest.js'
import { systemCode } from '../protocol/systemErrors.js'

/** What a run would use now. */
export interface InForce {
  /** Fingerprint of the definition. */
  readonly definition: string
  /** Absolute path of the model. */
  readonly modelFile: string
}

export type Change = 'input' | 'definition' | 'model'

/**
 * Lists what changed since an attempt was sealed. An input or model that is no longer there is no change, because there is nothing to redo
 * the day with.
 */
export async function whatChanged(now: InForce, sealed: Manifest): Promise<readonly Change[]> {
  const { input, model, fingerprints } = sealed
  const changes: Change[] = []
  if (input && (await inputChanged(input))) changes.push('input')
  if (fingerprints.definition !== now.definition) changes.push('definition')
  if (model && (await modelChanged(now, model))) changes.push('model')
  return changes
}

async function modelChanged(
  { modelFile }: InForce,
  { file, sha256, files = [{ file, sha256 }] }: NonNullable<Manifest['model']>,
): Promise<boolean> {
  // Another file may be named now, or be the latest.
  const now = files.map((one) => ({ ...one, file: one.file === file ? modelFile : one.file }))
  for (const one of now) if (await differs(one.file, one.sha256)) return true
  return false
}

/**
 * Says whether an input changed. Size and time of change as recorded are taken for the same bytes, because a range of large files must not
 * be read for a look.
 */
async function inputChanged({ files, ...input }: NonNullable<Manifest['input']>): Promise<boolean> {
  if (!files) return await fileChanged(input)
  const found = await inputFiles(input.path)
  if (found.length === 0) return false
  if (found.join('\n') !== files.map(({ path }) => path).join('\n')) return true
  for (const file of files) if (await fileChanged(file)) return true
  return false
}

async function fileChanged({ path, bytes, modifiedAt, sha256 }: InputFile): Promise<boolean> {
  const found = await ifThere(stat(path))
  if (!found || (found.size === bytes && found.mtime.toISOString() === modifiedAt)) return false
  return await differs(path, sha256)
}

async function differs(path: string, sha256: string): Promise<boolean> {
  const found = await ifThere(hashFile(path))
  return found !== undefined && found.sha256 !== sha256
}

async function ifThere<T>(looking: Promise<T>): Promise<T | undefined> {
  return await looking.catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  })
}
