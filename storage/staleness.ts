/** What differs now from a published day: would the same run give other numbers today? */
import { stat } from 'node:fs/promises'
import type { Manifest } from '../definition/records.js'
import { hashFile, systemCode } from './fileSystem.js'

/** What a run would use now. */
export interface InForce {
  /** Fingerprint of the definition. */
  readonly definition: string
  /** Absolute path of the model. */
  readonly modelFile: string
}

export type Change = 'input' | 'definition' | 'model'

/** What changed since an attempt was sealed. An input or model that is no longer there is no change: there is nothing to redo it with. */
export async function whatChanged(now: InForce, sealed: Manifest): Promise<readonly Change[]> {
  const { input, model, fingerprints } = sealed
  const changes: Change[] = []
  if (input && (await inputChanged(input))) changes.push('input')
  if (fingerprints.definition !== now.definition) changes.push('definition')
  if (model && (await differs(now.modelFile, model.sha256))) changes.push('model')
  return changes
}

/** Size and time of change as recorded are taken for the same bytes: a range of large files must not be read for a look. */
async function inputChanged({ path, bytes, modifiedAt, sha256 }: NonNullable<Manifest['input']>): Promise<boolean> {
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
