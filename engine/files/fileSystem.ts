/**
 * The few moves on the file system that everything at rest is built from: whole files by rename, exclusive files by link, hashes. Every
 * writer uses a temporary file of its own, so that two tries of one step can overlap without harm.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { DaybreakError } from '../protocol/errors.js'
import { saysAbsent, systemCode, systemErrorText } from '../protocol/systemErrors.js'

const PLACE_CODES = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'EMFILE',
  'ENFILE',
  'ENAMETOOLONG',
  'EIO',
])

/** @throws HomeUnusable when one of these folders leads out of the home: nothing is ever written through such a link */
export async function mustStayInside(home: string, folders: readonly string[]): Promise<void> {
  const real = (path: string) =>
    realpath(path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    })
  const root = await real(home)
  for (const folder of folders) {
    const found = await inHome(folder, () => real(folder))
    if (root === undefined || found === undefined || `${found}/`.startsWith(`${root}/`)) continue
    throw new DaybreakError('HomeUnusable', `${folder} leads out of the home, to ${found}`, {
      place: { file: folder },
      next: 'Take the link away; the home itself may be one.',
    })
  }
}

/** Lists the names in a folder; there are none when there is no folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return await inHome(folder, () =>
    readdir(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return []
      throw error
    }),
  )
}

/** Runs file system work below the home; what the place is to blame for becomes `HomeUnusable`, naming the path. */
export async function inHome<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!PLACE_CODES.has(systemCode(error) ?? '')) throw error
    throw new DaybreakError('HomeUnusable', `${path} cannot be used: ${systemErrorText(error)}`, { cause: error, place: { file: path } })
  }
}

/** The names of files that are still being written begin with it. */
export const TEMPORARY_PREFIX = '.tmp-'

/** It tells the hosts apart that share a home. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)

/** Makes a name beside `path` that nobody else uses. It is hidden, so that listings pass over it, and says whose it is. */
export function temporaryName(path: string): string {
  return join(dirname(path), `${TEMPORARY_PREFIX}${HOST}-${process.pid}-${randomBytes(6).toString('hex')}`)
}

/** Says which process made a temporary name, and whether it is one of this host. */
export function temporaryOwner(name: string): { readonly here: boolean; readonly pid: number } {
  const [host, pid] = name.slice(TEMPORARY_PREFIX.length).split('-')
  return { here: host === HOST, pid: Number(pid) }
}

/** Writes a whole file: readers see the old bytes or the new ones. They are on the disk when it returns. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await inHome(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    const temporary = temporaryName(path)
    try {
      await writeDurably(temporary, content)
      await rename(temporary, path)
    } finally {
      await rm(temporary, { force: true })
    }
  })
}

/** Writes a whole file only if there is none. Returns false when there is one. */
export async function writeExclusive(path: string, content: string): Promise<boolean> {
  return await inHome(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    const temporary = temporaryName(path)
    try {
      await writeDurably(temporary, content)
      await link(temporary, path)
      return true
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false
      throw error
    } finally {
      await rm(temporary, { force: true })
    }
  })
}

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Points a relative symbolic link somewhere else by one rename. */
export async function switchLink(path: string, target: string): Promise<void> {
  await inHome(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    const temporary = temporaryName(path)
    try {
      await symlink(target, temporary)
      await rename(temporary, path)
    } finally {
      await rm(temporary, { force: true })
    }
  })
}

/** Reads the text of a file, or `undefined` when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (saysAbsent(error)) return undefined
    throw error
  }
}

/** Reads a JSON file of our own, or `undefined` when there is none. @throws StorageDamaged when it is no JSON */
export async function readJsonIfThere<T>(path: string): Promise<T | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new DaybreakError('StorageDamaged', `${path} is not valid JSON`, { cause: error, place: { file: path } })
  }
}

/** Reads a JSON file of our own that must be there. @throws StorageDamaged when it is not */
export async function readJson<T>(path: string): Promise<T> {
  const value = await readJsonIfThere<T>(path)
  if (value === undefined) throw new DaybreakError('StorageDamaged', `${path} is missing`, { place: { file: path } })
  return value
}

/** Writes JSON as all our files have it: with two spaces, and a line end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (saysAbsent(error)) return false
    throw error
  }
}

/** Is there a file, and not a folder? */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (saysAbsent(error)) return false
    throw error
  }
}

/** So many bytes of a file are hashed together. */
const HASHED_BYTES = 1 << 19

/** Takes sha256 (hex) and size of a file in one pass: the next bytes are read while the ones before are hashed. */
export async function hashFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  const handle = await open(path, 'r')
  try {
    let [now, next] = [Buffer.allocUnsafe(HASHED_BYTES), Buffer.allocUnsafe(HASHED_BYTES)]
    let bytes = 0
    for (let reading = handle.read(now, 0, HASHED_BYTES, 0); ; ) {
      const { bytesRead } = await reading
      if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes }
      bytes += bytesRead
      reading = handle.read(next, 0, HASHED_BYTES, bytes)
      hash.update(now.subarray(0, bytesRead))
      ;[now, next] = [next, now]
    }
  } finally {
    await handle.close()
  }
}

/** Counts the line ends of a text file, and says whether there is a quote in it. */
export async function countLines(path: string): Promise<{ lines: number; quotes: boolean }> {
  let [lines, quotes] = [0, false]
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1
    quotes ||= bytes.includes(34)
  }
  return { lines, quotes }
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
