/** Finds the files of a day's input: one, or all that a pattern in the file's name matches. It never opens them. */
import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DaybreakError } from '../protocol/errors.js'
import { systemCode, systemErrorText } from '../protocol/systemErrors.js'

/** Says whether the file's name is a pattern, and so stands for several. Only the name may be one, no folder. */
export const isPattern = (path: string): boolean => /[*?]/.test(basename(path))

/**
 * Lists the files that a path stands for, in the order of their names, by code unit. A path without a pattern is given back, there or not.
 */
export async function inputFiles(path: string): Promise<readonly string[]> {
  if (!isPattern(path)) return [path]
  const words: Readonly<Record<string, string>> = { '*': '.*', '?': '.' }
  const name = basename(path).replace(/[\\^$.*+?()[\]{}|]/g, (character) => words[character] ?? `\\${character}`)
  // A file that begins with a dot is on its way; a sidecar is none of the day's files.
  const matches = new RegExp(`^(?![.])${name}(?<![.]done)$`, 's')
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return []
    throw error
  })
  return names
    .filter((one) => matches.test(one))
    .sort()
    .map((one) => join(dirname(path), one))
}

/** Looks at what is under a path; `undefined` when nothing is. @throws InputUnreadable */
export async function lookUp(path: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw new DaybreakError('InputUnreadable', `${path} cannot be looked at: ${systemErrorText(error)}`, {
      cause: error,
      place: { file: path },
    })
  })
}

/** Lists the names that a set lacks: names such as `part-00001-of-00004` say how many files there are. */
export function missingShards(paths: readonly string[]): readonly string[] {
  const numbered = paths.flatMap((path) => {
    const found = /^(.*?)(\d+)-of-(\d+)(.*)$/.exec(basename(path))
    return found ? [{ stem: found[1]!, number: Number(found[2]), of: Number(found[3]), digits: found[2]!.length, rest: found[4]! }] : []
  })
  const [first] = numbered
  if (!first || numbered.length < paths.length || first.of > 100_000) return []
  const present = new Set(numbered.map(({ number }) => number))
  // Some programs count from 0, some from 1.
  const from = present.has(0) ? 0 : 1
  const missing = Array.from({ length: first.of }, (_, index) => index + from).filter((number) => !present.has(number))
  return missing.map(
    (number) =>
      `${first.stem}${String(number).padStart(first.digits, '0')}-of-${String(first.of).padStart(first.digits, '0')}${first.rest}`,
  )
}

/**
 * Makes sure that the input has the size with which it was read, and that a pattern stands for the same files: rows that were appended or
 * delivered later would be missing from the results. A file that is gone by now does no harm, because it was read to its end.
 * @throws InputChanged, InputUnreadable
 */
export async function mustNotHaveGrown({ path, bytes, files = [{ path, bytes }] }: DeliveredInput): Promise<void> {
  const changes: string[] = []
  for (const file of files) {
    const found = await lookUp(file.path)
    if (found && found.size !== file.bytes) changes.push(`${file.path} has ${found.size} bytes, and had ${file.bytes}`)
  }
  const known = new Set(files.map((file) => file.path))
  if (isPattern(path)) for (const file of await inputFiles(path)) if (!known.has(file)) changes.push(`${file} came after the others`)
  if (changes.length === 0) return
  throw new DaybreakError('InputChanged', `${path} is not what it was when the run inspected it: ${changes[0]}`, {
    details: changes,
    place: { file: path },
  })
}

/** What was read as the input of a day. */
export interface DeliveredInput {
  readonly path: string
  readonly bytes: number
  /** The files of a set; left out when the input is one file. */
  readonly files?: readonly { readonly path: string; readonly bytes: number }[]
}
