/** Refuses what is no file before anybody reads of it: a pipe is waited for, and a device may never end. For files that commands are given. */
import { stat } from 'node:fs/promises'
import { DaybreakError } from '../protocol/errors.js'

/** A folder, and what is not there, is left to what reads it. @throws InputRefused */
export async function mustBePlainFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found || found.isFile() || found.isDirectory()) return
  const kind = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device'
  throw new DaybreakError('InputRefused', `${path} is ${kind}, not a file`, {
    next: 'Write what it gives to a file, and name that.',
    place: { file: path },
  })
}
