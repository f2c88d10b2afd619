/**
 * Turns bytes of a declared encoding into UTF-8, and refuses a wrong declaration. An encoding of single bytes reads any bytes as some text,
 * so it is refused when something in the file gives another one away.
 */
import { isAscii } from 'node:buffer'
import type { Encoding } from '../../definition/pipeline.js'
import { DaybreakError } from '../protocol/errors.js'
import { systemCode } from '../protocol/systemErrors.js'

type Chunks = AsyncIterable<Buffer>

/**
 * Makes a step of a stream that turns the bytes of a file into UTF-8.
 * @param path the file as messages call it
 * @throws InputRefused when the bytes cannot be in the encoding, or hardly are
 */
export const decoded = (path: string, encoding: Encoding) =>
  async function* (chunks: Chunks) {
    if (encoding === 'utf-8') {
      yield* chunks
      return
    }
    const text = decoderOf(encoding)
    const doubts = encoding.startsWith('utf-16') ? undefined : new Doubts(encoding)
    const refuse = (doubt: Doubt, cause?: unknown) => notIn(encoding, path, doubt, cause)
    try {
      for await (const chunk of chunks) {
        doubts?.add(chunk)
        yield Buffer.from(text(chunk, true))
      }
      yield Buffer.from(text(Buffer.alloc(0), false))
    } catch (error) {
      if (systemCode(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
      throw refuse(doubts?.strangeByte() ?? { seen: 'some of its bytes stand for no character', next: UNKNOWN }, error)
    }
    const doubt = doubts?.settle()
    if (doubt) throw refuse(doubt)
  }

/** What speaks against an encoding, and what people should do about it. */
interface Doubt {
  readonly seen: string
  readonly next: string
  /** Physical line from 1; left out when no single line is to blame. */
  readonly line?: number
}

const UNKNOWN = 'Set input.encoding to what the file is in.'

function notIn(encoding: Encoding, path: string, { seen, next, line }: Doubt, cause: unknown): DaybreakError {
  const place = { file: path, ...(line === undefined ? {} : { line }) }
  return new DaybreakError('InputRefused', `${path} is not in ${encoding}: ${seen}`, { place, next, cause })
}

const MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** The encodings that have one byte for each character. */
type SingleByte = Exclude<Encoding, 'utf-8' | 'utf-16le' | 'utf-16be'>

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const CONTROLS = range(0x80, 0x9f)

/**
 * Bytes that stand for no character that a text has: for nothing, or for a control character that no file uses. Such a byte shows that the
 * file is in another encoding. Sources: the tables of the Unicode Consortium, VENDORS/MICSFT/WINDOWS and ISO8859.
 */
const STRANGE: Readonly<Record<SingleByte, readonly number[]>> = {
  latin1: CONTROLS,
  'iso-8859-2': CONTROLS,
  'iso-8859-7': [...CONTROLS, 0xae, 0xd2, 0xff],
  'iso-8859-15': CONTROLS,
  'windows-1250': [0x81, 0x83, 0x88, 0x90, 0x98],
  'windows-1251': [0x98],
  'windows-1252': [0x81, 0x8d, 0x8f, 0x90, 0x9d],
  'windows-1253': [0x81, 0x88, 0x8a, ...range(0x8c, 0x90), 0x98, 0x9a, ...range(0x9c, 0x9f), 0xaa, 0xd2, 0xff],
}

/** Encodings that people confuse: the second one has letters and marks where the first has control characters. */
const TAKEN_FOR: Readonly<Partial<Record<SingleByte, SingleByte>>> = {
  latin1: 'windows-1252',
  'iso-8859-2': 'windows-1250',
  'iso-8859-7': 'windows-1253',
  'iso-8859-15': 'windows-1252',
}

const LF = 0x0a

/** Collects what speaks against a single-byte encoding. It is certain only when the whole file was seen. */
class Doubts {
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true })
  private readonly strange: Uint8Array
  private readonly other: SingleByte | undefined
  private readonly strangeInOther: Uint8Array
  private marked: boolean | undefined
  private ascii = true
  private allUtf8 = true
  private line = 1
  private first: { readonly byte: number; readonly line: number } | undefined
  /** Whether all bytes so far stand for characters of the other encoding. */
  private fitsOther = true

  constructor(encoding: Encoding) {
    this.strange = tableOf(STRANGE[encoding as SingleByte])
    this.other = TAKEN_FOR[encoding as SingleByte]
    this.strangeInOther = tableOf(this.other ? STRANGE[this.other] : [])
  }

  add(chunk: Buffer): void {
    this.marked ??= chunk.subarray(0, MARK.length).equals(MARK)
    this.ascii &&= isAscii(chunk)
    this.allUtf8 &&= this.goesOn(chunk, true)
    if (this.ascii) for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) this.line += 1
    else this.look(chunk)
  }

  private look(chunk: Buffer): void {
    const { strange, strangeInOther } = this
    for (const byte of chunk) {
      if (byte === LF) this.line += 1
      if (strange[byte] === 1) this.first ??= { byte, line: this.line }
      if (strangeInOther[byte] === 1) this.fitsOther = false
    }
  }

  private goesOn(bytes: Buffer, stream: boolean): boolean {
    try {
      this.utf8.decode(bytes, { stream })
      return true
    } catch {
      return false
    }
  }

  settle(): Doubt | undefined {
    const next = 'Leave input.encoding out: UTF-8 is what is read without it.'
    // No text in single bytes happens to be UTF-8 from its beginning to its end.
    if (!this.ascii && this.allUtf8 && this.goesOn(Buffer.alloc(0), false)) return { seen: 'all of it is UTF-8', next }
    if (this.marked) return { seen: 'it begins with the byte-order mark of UTF-8', next }
    const found = this.strangeByte()
    if (!found || !this.other || !this.fitsOther) return found
    return {
      ...found,
      seen: `${found.seen}; ${this.other} has letters and marks for all of its bytes`,
      next: `Set input.encoding to '${this.other}', or to what the file is in.`,
    }
  }

  /** Tells the first byte that stands for no character, if there is one. */
  strangeByte(): Doubt | undefined {
    if (!this.first) return undefined
    const { byte, line } = this.first
    return { seen: `byte 0x${byte.toString(16).toUpperCase()} in line ${line} stands for no character there`, line, next: UNKNOWN }
  }
}

/** Makes a table that has 1 at each of the bytes. */
function tableOf(bytes: readonly number[]): Uint8Array {
  const table = new Uint8Array(256)
  for (const byte of bytes) table[byte] = 1
  return table
}

/** The characters of windows-1252 where latin1 has control characters. Source: encoding.spec.whatwg.org, index windows-1252. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

function decoderOf(encoding: Encoding): (bytes: Buffer, more: boolean) => string {
  if (encoding === 'latin1') return (bytes) => bytes.toString('latin1')
  // Node 20 reads windows-1252 as latin1.
  if (encoding === 'windows-1252')
    return (bytes) => bytes.toString('latin1').replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!)
  const decoder = new TextDecoder(encoding, { fatal: true })
  return (bytes, more) => decoder.decode(bytes, { stream: more })
}
