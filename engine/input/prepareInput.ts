/**
 * Makes one text file in UTF-8 of what was delivered: a compressed file is unpacked, another encoding is rewritten, and a set of files is
 * joined in the order of their names. A single text file stays where it is. Records and their order are never changed.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Encoding } from '../../definition/pipeline.js'
import { hashFile, inHome, temporaryName } from '../files/fileSystem.js'
import type { InputFile } from '../protocol/documents/input.js'
import { DaybreakError } from '../protocol/errors.js'
import { systemCode, systemErrorText } from '../protocol/systemErrors.js'
import type { Header, SetFile, TableFormat, TextFile } from '../table/format.js'
import { readHeader } from '../table/header.js'
import { decoded } from './encoding.js'
import { preflight, refuseOtherKinds } from './preflight.js'
import { putTogether } from './putTogether.js'

/** A file that unpacks to more than this may unpack to at most `MOST_TIMES` its size: a small one must not fill the disk. */
const BOMB_BYTES = 1 << 30
const MOST_TIMES = 200

export interface PreparedInput {
  /** The text file that records are read from. */
  readonly file: string
  readonly header: Header
  /** Each delivered file by itself, in order. */
  readonly files: readonly TextFile[]
  /** The files as they were delivered, in order. A single text file is left out: it is `file` itself, which is hashed later. */
  readonly delivered: readonly InputFile[]
  /** The files of a set, with their lines in the joined file; left out for a single file. */
  readonly set?: readonly SetFile[]
  /** How the files were read, such as `gzip, latin1`; left out when they were read as they stand. */
  readonly readAs?: string
}

export interface PrepareOptions {
  readonly format: TableFormat
  readonly encoding: Encoding
  /** Folder for the text files that are made. It is created when it is needed. */
  readonly folder: string
}

/**
 * Does the pre-flight of each file, then makes one text file of them.
 * @param paths delivered files in order, at least one
 * @throws InputRefused, InputUnreadable; ContractBroken when the headers of a set differ; HomeUnusable
 */
export async function prepareInput(paths: readonly string[], options: PrepareOptions): Promise<PreparedInput> {
  const files: PreparedFile[] = []
  for (const [index, path] of paths.entries()) files.push(await textFile(path, index, options))
  const [first] = files as [PreparedFile]
  const readAs = [...(files.some(({ gzip }) => gzip) ? ['gzip'] : []), ...(options.encoding === 'utf-8' ? [] : [options.encoding])].join(
    ', ',
  )
  const words = readAs === '' ? {} : { readAs }
  if (files.length === 1) {
    const { file, header, delivered } = first
    return { file, header, files, delivered: delivered ? [delivered] : [], ...words }
  }
  const { file, set, dataOffset, dataLine } = await putTogether(files, options)
  const header = { names: first.header.names, dataOffset, dataLine }
  const delivered = await Promise.all(files.map(async ({ path, delivered: known }) => known ?? (await deliveredFile(path))))
  return { file, header, files, delivered, set, ...words }
}

interface PreparedFile extends TextFile {
  readonly gzip: boolean
  /** The delivered file, which was hashed while it was rewritten; left out when it was not rewritten. */
  readonly delivered?: InputFile
}

async function textFile(path: string, index: number, { format, ...options }: PrepareOptions): Promise<PreparedFile> {
  const text = await asText(path, options, index)
  await preflight(text.file, format, path)
  return { path, ...text, header: await readHeader(text.file, format, path) }
}

/**
 * Gives a file as text in UTF-8, whatever its format: it is unpacked and rewritten where it has to be.
 * @param index number of the file in its set, from 0, which the name of a copy has
 * @throws InputRefused, InputUnreadable, HomeUnusable
 */
export async function asText(path: string, { encoding, folder }: Omit<PrepareOptions, 'format'>, index = 0) {
  const { gzip } = await refuseOtherKinds(path, encoding)
  if (!gzip && encoding === 'utf-8') return { file: path, gzip }
  const file = join(folder, `input-${String(index + 1).padStart(5, '0')}`)
  return { file, gzip, delivered: await rewrite(path, file, { gzip, encoding, folder }) }
}

async function deliveredFile(path: string): Promise<InputFile> {
  const { mtime } = await stat(path)
  return { path, modifiedAt: mtime.toISOString(), ...(await hashFile(path)) }
}

/** Unpacks and decodes a file into a copy, and hashes what was delivered on the way. */
async function rewrite(
  path: string,
  target: string,
  { gzip, encoding, folder }: { gzip: boolean; encoding: Encoding; folder: string },
): Promise<InputFile> {
  const { mtime, size } = await stat(path)
  const hash = createHash('sha256')
  await inHome(target, async () => {
    await mkdir(folder, { recursive: true })
    const temporary = temporaryName(target)
    const gunzip = gzip ? createGunzip() : undefined
    try {
      const [source, text, file] = [
        createReadStream(path, { highWaterMark: 1 << 20 }),
        decoded(path, encoding),
        createWriteStream(temporary, { flags: 'wx' }),
      ]
      if (gunzip) await pipeline(source, counted(hash), gunzip, limited(path, size), text, file)
      else await pipeline(source, counted(hash), text, file)
      if (gunzip) mustBeWhole(path, size - gunzip.bytesWritten)
      await rename(temporary, target)
    } catch (error) {
      // When the compressed data end before the file does, the pipeline mostly fails too, with an error that does not say so.
      if (gunzip?.readableEnded) mustBeWhole(path, size - gunzip.bytesWritten)
      if (!String(systemCode(error)).startsWith('Z_')) throw error
      throw new DaybreakError('InputRefused', `${path} is compressed with gzip and cannot be unpacked: ${systemErrorText(error)}`, {
        cause: error,
        place: { file: path },
        next: 'It is damaged or was cut off: deliver it again.',
      })
    } finally {
      await rm(temporary, { force: true })
    }
  })
  return { path, bytes: size, sha256: hash.digest('hex'), modifiedAt: mtime.toISOString() }
}

/** Refuses a file that goes on behind its compressed data. Zeros there end the unpacking silently; anything else is no gzip. */
function mustBeWhole(path: string, bytesLeft: number): void {
  if (bytesLeft <= 0) return
  throw new DaybreakError('InputRefused', `${path} is compressed with gzip, and ${bytesLeft} bytes follow its end`, {
    place: { file: path },
    next: 'They are padding, or it is damaged: deliver it again, without them.',
  })
}

type Chunks = AsyncIterable<Buffer>

/** Passes chunks on and hashes them. */
const counted = (hash: Hash) =>
  async function* (chunks: Chunks) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }

/** Passes chunks on while they are no more than a file of this size may unpack to. */
const limited = (path: string, size: number) =>
  async function* (chunks: Chunks) {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > Math.max(BOMB_BYTES, size * MOST_TIMES)) {
        throw new DaybreakError('InputRefused', `${path} grows to more than ${MOST_TIMES} times its size when it is unpacked`, {
          place: { file: path },
          next: 'No ordinary table does: look at the file. If it is right, deliver it unpacked.',
        })
      }
      yield chunk
    }
  }
