/**
 * One plain file in UTF-8 from what was delivered: a compressed file is unpacked, another encoding is rewritten, a set of files becomes
 * one, in the order of their names. A single plain file stays where it is. Records, and their order, stay as they are.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { DaybreakError, systemErrorText } from '../definition/errors.js'
import type { Encoding } from '../definition/pipeline.js'
import type { InputFile } from '../definition/records.js'
import { hashFile, inHome, systemCode, temporaryName } from '../storage/fileSystem.js'
import type { Header, SetFile, TableFormat } from './format.js'
import { readHeader } from './header.js'
import { preflight, refuseOtherKinds } from './preflight.js'

/** From this size on, what is unpacked may be at most `MOST_TIMES` as large as what was delivered. */
const BOMB_BYTES = 1 << 30
const MOST_TIMES = 200

export interface PreparedInput {
  /** The plain file that records are read from. */
  readonly file: string
  readonly header: Header
  /** What was delivered, in order; of a single plain file nothing. */
  readonly delivered: readonly InputFile[]
  /** Of a set: where its files lie in the whole. */
  readonly set?: readonly SetFile[]
  /** How what was delivered was read, in words, when it was not read as it stands. */
  readonly readAs?: string
}

export interface PrepareOptions {
  readonly format: TableFormat
  readonly encoding: Encoding
  /** Folder for files of its own; made when it is needed. */
  readonly folder: string
}

/** Pre-flight of each file, then all as one plain file. @throws InputRefused, InputUnreadable, ContractBroken, HomeUnusable */
export async function prepareInput(paths: readonly string[], options: PrepareOptions): Promise<PreparedInput> {
  const files: PlainFile[] = []
  for (const [index, path] of paths.entries()) files.push(await plainFile(path, index, options))
  const [first] = files as [PlainFile]
  const readAs = [...(files.some(({ gzip }) => gzip) ? ['gzip'] : []), ...(options.encoding === 'utf-8' ? [] : [options.encoding])].join(
    ', ',
  )
  const words = readAs === '' ? {} : { readAs }
  if (files.length === 1) {
    const { file, header, delivered } = first
    return { file, header, delivered: delivered ? [delivered] : [], ...words }
  }
  const { file, set, dataOffset, dataLine } = await putTogether(files, options)
  const header = { names: first.header.names, dataOffset, dataLine }
  const delivered = await Promise.all(files.map(async ({ path, delivered: known }) => known ?? (await deliveredFile(path))))
  return { file, header, delivered, set, ...words }
}

interface PlainFile {
  readonly path: string
  readonly file: string
  readonly header: Header
  readonly gzip: boolean
  /** Hashed while it was rewritten. */
  readonly delivered?: InputFile
}

async function plainFile(path: string, index: number, { format, ...options }: PrepareOptions): Promise<PlainFile> {
  const plain = await plainText(path, options, index)
  await preflight(plain.file, format, path)
  return { path, ...plain, header: await readHeader(plain.file, format, path) }
}

/** A file as text in UTF-8, whatever its format: unpacked and rewritten where it has to be. @throws InputRefused, InputUnreadable */
export async function plainText(path: string, { encoding, folder }: Omit<PrepareOptions, 'format'>, index = 0) {
  const { gzip } = await refuseOtherKinds(path, encoding)
  if (!gzip && encoding === 'utf-8') return { file: path, gzip }
  const file = join(folder, `input-${String(index + 1).padStart(5, '0')}`)
  return { file, gzip, delivered: await rewrite(path, file, { gzip, encoding, folder }) }
}

async function deliveredFile(path: string): Promise<InputFile> {
  const { mtime } = await stat(path)
  return { path, modifiedAt: mtime.toISOString(), ...(await hashFile(path)) }
}

/** Unpacks and decodes into a file of our own, and hashes what was delivered on the way. */
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
    try {
      const [source, text, file] = [
        createReadStream(path, { highWaterMark: 1 << 20 }),
        decoded(path, encoding),
        createWriteStream(temporary, { flags: 'wx' }),
      ]
      if (gzip) await pipeline(source, counted(hash), createGunzip(), limited(path, size), text, file)
      else await pipeline(source, counted(hash), text, file)
      await rename(temporary, target)
    } catch (error) {
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

type Chunks = AsyncIterable<Buffer>

const counted = (hash: Hash) =>
  async function* (chunks: Chunks) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }

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

/** Bytes of an encoding as UTF-8. */
const decoded = (path: string, encoding: Encoding) =>
  async function* (chunks: Chunks) {
    const text = decoderOf(encoding)
    try {
      for await (const chunk of chunks) yield encoding === 'utf-8' ? chunk : Buffer.from(text(chunk, true))
      if (encoding !== 'utf-8') yield Buffer.from(text(Buffer.alloc(0), false))
    } catch (error) {
      if (systemCode(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
      throw new DaybreakError('InputRefused', `${path} is not in ${encoding}: some of its bytes stand for no character`, {
        cause: error,
        place: { file: path },
        next: 'Set input.encoding to what the file is in.',
      })
    }
  }

/** What windows-1252 has where latin1 has control characters. Source: encoding.spec.whatwg.org, index windows-1252. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

function decoderOf(encoding: Encoding): (bytes: Buffer, more: boolean) => string {
  if (encoding === 'latin1') return (bytes) => bytes.toString('latin1')
  // Node 20 reads windows-1252 as latin1.
  if (encoding === 'windows-1252')
    return (bytes) => bytes.toString('latin1').replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!)
  const decoder = new TextDecoder(encoding, { fatal: true })
  return (bytes, more) => decoder.decode(bytes, { stream: more })
}

/** All records in one file, under the header of the first. @throws ContractBroken when the headers differ */
async function putTogether(files: readonly PlainFile[], { format, folder }: PrepareOptions) {
  const [first] = files as [PlainFile]
  const columns = (header: Header) => header.names.join('\n')
  const other =
    format.kind === 'csv' && format.header !== false ? files.find(({ header }) => columns(header) !== columns(first.header)) : undefined
  if (other) {
    throw new DaybreakError('ContractBroken', `${other.path} has another header than ${basename(first.path)}`, {
      details: [`${basename(first.path)}: ${first.header.names.join(', ')}`, `${basename(other.path)}: ${other.header.names.join(', ')}`],
      place: { file: other.path, line: 1 },
    })
  }
  const target = join(folder, 'input')
  const set: SetFile[] = []
  await inHome(target, async () => {
    await mkdir(folder, { recursive: true })
    const temporary = temporaryName(target)
    try {
      const bytes = async function* () {
        let line = 1
        for (const { path, file, header } of files) {
          set.push({ name: basename(path), line, ownLine: header.dataLine })
          let last = 0x0a
          for await (const chunk of createReadStream(file, { start: header.dataOffset, highWaterMark: 1 << 20 })) {
            const part = chunk as Buffer
            for (let at = part.indexOf(0x0a); at >= 0; at = part.indexOf(0x0a, at + 1)) line += 1
            last = part.at(-1) ?? last
            yield part
          }
          // The next file begins on a line of its own.
          if (last !== 0x0a) {
            line += 1
            yield Buffer.from('\n')
          }
        }
      }
      await pipeline(bytes, createWriteStream(temporary, { flags: 'wx' }))
      await rename(temporary, target)
    } finally {
      await rm(temporary, { force: true })
    }
  })
  return { file: target, set, dataOffset: 0, dataLine: 1 }
}
