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
    try {
      for await (const chunk of chunks) {
        doubts?.add(chunk)
        yield Buffer.from(text(chunk, true))
      }
      yield Buffer.from(text(Buffer.alloc(0), false))
    } catch (error) {
      if (systemCode(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
      throw notIn(encoding, path, 'some of its bytes stand for no character', 'Set input.encoding to what the file is in.', error)
    }
    const doubt = doubts?.settle()
    if (doubt) throw notIn(encoding, path, doubt.seen, doubt.next)
  }

function notIn(encoding: Encoding, path: string, seen: string, next: string, cause?: unknown): DaybreakError {
  return new DaybreakError('InputRefused', `${path} is not in ${encoding}: ${seen}`, { place: { file: path }, next, cause })
}

const MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** What an encoding is taken for that has letters and marks where it has control characters. */
const TAKEN_FOR: Partial<Record<Encoding, Encoding>> = {
  latin1: 'windows-1252',
  'iso-8859-2': 'windows-1250',
  'iso-8859-7': 'windows-1253',
  'iso-8859-15': 'windows-1252',
}

/** What speaks against a single-byte encoding; known when the whole file was seen. */
class Doubts {
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true })
  private marked: boolean | undefined
  private ascii = true
  private allUtf8 = true
  /** The first byte that is a control character of latin1. */
  private control: number | undefined

  constructor(private readonly encoding: Encoding) {}

  add(chunk: Buffer): void {
    this.marked ??= chunk.subarray(0, MARK.length).equals(MARK)
    this.ascii &&= isAscii(chunk)
    this.allUtf8 &&= this.goesOn(chunk, true)
    if (!this.ascii && TAKEN_FOR[this.encoding]) this.control ??= chunk.find((byte) => byte >= 0x80 && byte < 0xa0)
  }

  private goesOn(bytes: Buffer, stream: boolean): boolean {
    try {
      this.utf8.decode(bytes, { stream })
      return true
    } catch {
      return false
    }
  }

  settle(): { readonly seen: string; readonly next: string } | undefined {
    const next = 'Leave input.encoding out: UTF-8 is what is read without it.'
    // No text in single bytes happens to be UTF-8 from its beginning to its end.
    if (!this.ascii && this.allUtf8 && this.goesOn(Buffer.alloc(0), false)) return { seen: 'all of it is UTF-8', next }
    if (this.marked) return { seen: 'it begins with the byte-order mark of UTF-8', next }
    if (this.control === undefined) return undefined
    const other = TAKEN_FOR[this.encoding]
    return {
      seen: `its byte 0x${this.control.toString(16).toUpperCase()} is a control character there; ${other} has letters and marks in such places`,
      next: `Set input.encoding to '${other}', or to what the file is in.`,
    }
  }
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
