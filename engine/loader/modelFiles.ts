/** Finds the files of a definition's model: `{version}` is filled in, `latest` resolved, and paths are made absolute. */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { AnyPipeline } from '../../definition/pipeline.js'
import { isFile } from '../files/fileSystem.js'
import { DaybreakError } from '../protocol/errors.js'

export interface ModelFiles {
  /** As the definition has it; for `latest` the one that was found. */
  readonly modelVersion: string
  /** Absolute. */
  readonly modelFile: string
  /** ONNX files that features go through before the model, in that order; `model.steps` in a definition. Absolute. */
  readonly preprocessingFiles: readonly string[]
}

const VERSION = '{version}'

/** @param folder the pipeline's @param pinned the version that a run chose when it began. @throws ModelUnusable when there is no version */
export async function modelFiles(
  folder: string,
  { file, version, steps = [] }: AnyPipeline['model'],
  pinned?: string,
): Promise<ModelFiles> {
  const chosen = version === 'latest' && file.includes(VERSION) ? (pinned ?? (await latest(folder, file))) : version
  const at = (path: string) => resolve(folder, path.replaceAll(VERSION, chosen))
  return { modelVersion: chosen, modelFile: at(file), preprocessingFiles: steps.map(at) }
}

/** Finds the highest name in the place of `{version}` under which the file is there. */
async function latest(folder: string, file: string): Promise<string> {
  const before = file.slice(0, file.indexOf(VERSION))
  const parent = resolve(folder, before.slice(0, before.lastIndexOf('/') + 1))
  const [prefix, segment] = [before.slice(before.lastIndexOf('/') + 1), file.slice(before.length + VERSION.length).split('/', 1)[0]!]
  const names = await readdir(parent).catch(() => [])
  const versions = names
    .filter((name) => name.startsWith(prefix) && name.endsWith(segment) && name.length > prefix.length + segment.length)
    .map((name) => name.slice(prefix.length, name.length - segment.length))
    .filter((name) => !name.startsWith('.'))
    .sort(byVersion)
  const isModel = (version: string) => isFile(resolve(folder, file.replaceAll(VERSION, version))).catch(() => false)
  for (const version of versions.toReversed()) if (await isModel(version)) return version
  throw new DaybreakError('ModelUnusable', `there is no version of the model: nothing matches ${join(folder, file)}`, {
    details: names.length > 0 ? [`${parent} holds ${names.slice(0, 10).join(', ')}`] : [`${parent} is empty or not there`],
    next: 'Put a model there, or name its version as model.version.',
  })
}

/** Compares versions: runs of digits as numbers, all else by code unit. So 1.10.0 is after 1.9.0, and 2026-03-10 after 2026-03-09. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]]
    if (one === undefined) return -1
    if (other === undefined) return 1
    const difference = Number(one) - Number(other)
    if (difference !== 0 && !Number.isNaN(difference)) return difference
    if (Number.isNaN(difference) && one !== other) return one < other ? -1 : 1
  }
  return 0
}
