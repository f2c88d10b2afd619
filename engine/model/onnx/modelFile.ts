/**
 * Opens the files of a model: plain files alone. A pipe would be waited for, and a device may never end. Weights beside a model are judged by
 * where they lie before a byte of them is read.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { DaybreakError } from '../../protocol/errors.js'
import { systemErrorText } from '../../protocol/systemErrors.js'
import { unusable } from './refusals.js'

/** What a file is that is no plain one. */
class NotPlain extends Error {}

/** Opens a plain file, and never waits for one that is none. */
async function openPlain(path: string): Promise<FileHandle> {
  mustBePlain(await stat(path))
  // It may be another file by now.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    mustBePlain(await handle.stat())
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

function mustBePlain(found: Awaited<ReturnType<typeof stat>>): void {
  if (found.isFile()) return
  const kind = found.isDirectory() ? 'a folder' : found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device'
  throw new NotPlain(`it is ${kind}, not a file`)
}

const why = (error: unknown): string => (error instanceof NotPlain ? error.message : systemErrorText(error))

/** Opens the model itself. The caller closes it. @throws ModelUnusable */
export async function openModelFile(file: string): Promise<FileHandle> {
  return await openPlain(file).catch((error: unknown) => {
    const next = 'Check the path; in a definition model.file starts at the folder of the pipeline.'
    throw unusable(file, `The model ${file} cannot be read: ${why(error)}`, next, [], error)
  })
}

/** Opens a file with weights. The caller closes it. @param location as the model names it @throws ModelUnusable */
export async function openWeights(file: string, location: string): Promise<{ readonly path: string; readonly handle: FileHandle }> {
  const shown = JSON.stringify(location)
  const outside = () =>
    unusable(file, `${file} wants weights from outside its folder: ${shown}`, 'Export it with its weights beside it or inside.')
  const inner = normalize(location)
  if (isAbsolute(inner) || inner.startsWith(`..${sep}`) || inner === '..' || location.includes('\0')) throw outside()
  const path = join(dirname(file), inner)
  try {
    const [folder, real] = await Promise.all([realpath(dirname(file)), realpath(path)])
    if (!real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)) throw outside()
    return { path, handle: await openPlain(real) }
  } catch (error) {
    if (error instanceof DaybreakError) throw error
    const next = 'Copy that file to the folder of the model, or export the model with its weights inside.'
    throw unusable(file, `${file} keeps its weights in ${shown} beside it, which cannot be read: ${why(error)}`, next, [], error)
  }
}
