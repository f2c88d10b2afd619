/**
 * Does the pre-flight: it looks at the raw bytes before anything is parsed, so that a file that is no table is refused for what it is. It
 * mends nothing.
 */
import { isUtf8 } from 'node:buffer'
import { ENCODINGS, type Encoding } from '../../definition/pipeline.js'
import { DaybreakError } from '../protocol/errors.js'
import { visibleText } from '../protocol/text.js'
import type { CsvFormat, TableFormat } from '../table/format.js'
import { type OpenSource, openSource } from '../table/source.js'

/** Bytes that are looked at to tell what kind of file it is. */
const HEAD_BYTES = 64 << 10
const WINDOW_BYTES = 1 << 20
const SHOWN_LINES = 3
const SHOWN_CHARACTERS = 120

const DELIMITERS: Readonly<Record<CsvFormat['delimiter'], string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' }

/** A kind of file that is no table: how messages call it, what to do about it, and how it is known. */
interface Kind {
  readonly seen: string
  readonly next: string
  readonly matches: (head: Buffer, text: string) => boolean
}

/** Knows a file by its first bytes. */
const starts =
  (...magic: number[]) =>
  (head: Buffer) =>
    magic.every((byte, index) => head[index] === byte)
const EXPORT = 'Deliver it as a CSV file in UTF-8.'
const UNPACK = 'Unpack it, or compress it with gzip.'

/** Knows UTF-16 by its mark, or because every other byte of its first two characters is zero. */
function isUtf16(head: Buffer): boolean {
  const zeros = [...head.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : 'x')).join('')
  return starts(0xff, 0xfe)(head) || starts(0xfe, 0xff)(head) || zeros === 'x0x0' || zeros === '0x0x'
}

/** Tab, the four that may break a line, and the one that ended files of old. No text has any other control character. */
const CONTROLS_OF_TEXT: readonly number[] = [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1a]
const isBinary = (bytes: Buffer) => bytes.some((byte) => byte < 0x20 && !CONTROLS_OF_TEXT.includes(byte))

/** What an HTML page may begin with. No delimiter may follow, because a column can have a name such as `<TITLE>`. */
const HTML = /^\s*<(!doctype|!--|(html|head|body|title|meta|script|div|p|pre|h\d|span|table|center)\b[^<>]*>(?!\s*[,;\t|]))/i

/** Kinds of files that are delivered instead of a table, in the order in which they are told apart. */
const KINDS: readonly Kind[] = [
  {
    seen: 'is an HTML page',
    next: 'An error or login page was saved instead of the file: fetch it again.',
    matches: (_, text) => HTML.test(text),
  },
  { seen: 'is an XML document', next: EXPORT, matches: (_, text) => /^\s*<\?xml/i.test(text) },
  { seen: 'is a zip archive or an Excel workbook', next: EXPORT, matches: starts(0x50, 0x4b, 0x03, 0x04) },
  { seen: 'is a Parquet file', next: EXPORT, matches: starts(0x50, 0x41, 0x52, 0x31) },
  { seen: 'is an Avro file', next: EXPORT, matches: (_, text) => text.startsWith('Obj\x01') },
  { seen: 'is an ORC file', next: EXPORT, matches: (head, text) => text.startsWith('ORC') && isBinary(head) },
  { seen: 'is a PDF document', next: EXPORT, matches: (_, text) => text.startsWith('%PDF-') },
  { seen: 'is compressed with bzip2', next: UNPACK, matches: (_, text) => /^BZh[1-9]1AY&SY/.test(text) },
  { seen: 'is compressed with xz', next: UNPACK, matches: starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) },
  { seen: 'is compressed with Zstandard', next: UNPACK, matches: starts(0x28, 0xb5, 0x2f, 0xfd) },
  { seen: 'is an old Excel workbook', next: EXPORT, matches: starts(0xd0, 0xcf, 0x11, 0xe0) },
  { seen: 'is in UTF-32', next: EXPORT, matches: (head) => starts(0xff, 0xfe, 0, 0)(head) || starts(0, 0, 0xfe, 0xff)(head) },
  { seen: 'is in UTF-16', next: "Set input.encoding to 'utf-16le' or 'utf-16be', or deliver it in UTF-8.", matches: isUtf16 },
  {
    seen: 'is only a web address',
    next: 'Deliver the file that the address leads to.',
    matches: (_, text) => /^\s*([a-z][a-z0-9+.-]*:\/\/\S+\s*$|\[InternetShortcut\])/i.test(text),
  },
  {
    seen: 'is a pointer of Git LFS',
    next: 'Fetch the file itself: git lfs pull.',
    matches: (_, text) => /^version https:\/\/git-lfs\./.test(text),
  },
]

/**
 * Refuses what is no table at all, by its first bytes, whatever its encoding.
 * @param name the file as messages call it
 * @returns `gzip` says whether the file is compressed
 * @throws InputRefused, InputUnreadable
 */
export async function refuseOtherKinds(file: string, encoding: Encoding, name = file): Promise<{ readonly gzip: boolean }> {
  const head = await firstBytes(file)
  if (head.length === 0) throw refusal(name, 'is empty', 'Deliver the file again.', '')
  if (starts(0x1f, 0x8b)(head)) return { gzip: true }
  const text = withoutMark(textOf(head))
  const declared = encoding.startsWith('utf-16')
  const kind = KINDS.find(({ matches }) => matches(head, text) && !(declared && matches === isUtf16))
  if (kind) throw refusal(name, kind.seen, kind.next, text)
  return { gzip: false }
}

/**
 * Does the rest of the pre-flight, on text in UTF-8.
 * @param file where the text is @param name the file as messages call it
 * @throws InputRefused saying what was seen, where, and what to change; InputUnreadable
 */
export async function preflight(file: string, format: TableFormat, name = file): Promise<void> {
  const { gzip } = await refuseOtherKinds(file, 'utf-8', name)
  if (gzip) throw refusal(name, 'is compressed with gzip twice', 'Unpack it, or compress it once.', '')
  const source = await openSource(file, name)
  try {
    await checkBytes(source, await source.size())
  } finally {
    await source.close()
  }
  const head = await firstBytes(file)
  const text = withoutMark(textOf(head))
  if (text.trim() === '')
    throw refusal(
      name,
      head.length < HEAD_BYTES ? 'holds only blank lines' : 'begins with blank lines alone',
      'Deliver the file again.',
      '',
    )
  if (format.kind === 'csv') checkLines(name, text, format)
  else checkJson(name, text)
}

const withoutMark = (text: string) => text.replace(/^\ufeff/, '')

async function firstBytes(file: string): Promise<Buffer> {
  const source = await openSource(file)
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, await source.size()))
    await source.fill(head, 0, 0)
    return head
  } finally {
    await source.close()
  }
}

/** Text in quotes, or from a quote to the end. */
const QUOTED = /"[^"]*(?:"|$)/g

/** Refuses JSON, line ends that are none, and a header in which another delimiter stands than the declared one. */
function checkLines(name: string, text: string, { delimiter, header }: CsvFormat): void {
  const refuse = (seen: string, next: string) => refusal(name, seen, next, text)
  const before = header === false ? 0 : (header?.linesBefore ?? 0)
  if (/^\s*(\{\s*["}]|\[\s*[[{"\]])/.test(text))
    throw refuse(
      'is JSON, not a table',
      "With an object on each line set input.format to 'jsonl'. If an error was saved instead of the file, fetch it again.",
    )
  const lines = text.split('\n', before + 1)
  // What stands in quotes is a name, whatever it looks like.
  const line = (lines[before] ?? '').replace(QUOTED, '')
  if (line.endsWith('\r\r')) throw refuse('has line ends CR CR LF', 'Write it with LF or CRLF: it was converted twice.')
  // With CR alone all lines are one.
  if (/\r./s.test((lines[before] ?? lines.at(-1)!).replace(QUOTED, '')))
    throw refuse('has line ends of CR alone', 'Write it with LF or CRLF.')
  const counted = (one: string) => line.split(one).length - 1
  const [likely] = (Object.keys(DELIMITERS) as CsvFormat['delimiter'][]).sort((a, b) => counted(b) - counted(a))
  if (likely && counted(delimiter) === 0 && counted(likely) > 0) {
    throw refuse(
      `has a header without a single ${DELIMITERS[delimiter]}, but with ${counted(likely)} of ${DELIMITERS[likely]}`,
      `Set input.delimiter to ${JSON.stringify(likely)}, or deliver the file with ${DELIMITERS[delimiter]}s.`,
    )
  }
}

/** Refuses JSON that is not one object on each line. */
function checkJson(name: string, text: string): void {
  const refuse = (seen: string, next: string) => refusal(name, seen, next, text)
  const first = text.split('\n').find((line) => line.trim() !== '') ?? ''
  const LINES = 'Write each record as one object on a line of its own.'
  if (/^\s*\[/.test(first)) throw refuse('is a JSON list, not JSON Lines', LINES)
  if (/^\s*\{\s*$/.test(first)) throw refuse('has an object that is spread over several lines, not JSON Lines', LINES)
  if (!/^\s*\{/.test(first) && !text.includes('{'))
    throw refuse('holds no JSON object', "For a table with a delimiter set input.format to 'csv'.")
}

/** Refuses NUL and bytes that are no UTF-8, wherever they are. */
async function checkBytes(source: OpenSource, size: number): Promise<void> {
  // All windows use one memory. It has four more bytes, because a part of a character may be carried over.
  const memory = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, size) + 4)
  let carried = Buffer.alloc(0)
  let offset = 0
  for (let read = 0; read < size; ) {
    const window = memory.subarray(0, carried.length + Math.min(WINDOW_BYTES, size - read))
    carried.copy(window)
    await source.fill(window, carried.length, read)
    read += window.length - carried.length
    const bytes = window.subarray(0, read === size ? window.length : completeCharacters(window, window.length))
    const nul = bytes.indexOf(0)
    const text = nul < 0 ? bytes : bytes.subarray(0, nul)
    const bad = isUtf8(text) ? nul : firstInvalid(text)
    if (bad >= 0) {
      const shown = Buffer.from(bytes)
      throw badByte(source.name, shown, bad, await positionAt(source, offset))
    }
    offset += bytes.length
    carried = Buffer.from(window.subarray(bytes.length))
  }
}

/** A byte of the file: its offset, its physical line from 1, and the offset of that line's first byte. */
interface Position {
  readonly offset: number
  readonly line: number
  readonly lineOffset: number
}

/** Finds the position of a byte. Lines are counted only here, when somebody must be told. */
async function positionAt(source: OpenSource, offset: number): Promise<Position> {
  let here: Position = { offset: 0, line: 1, lineOffset: 0 }
  const memory = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, offset))
  while (here.offset < offset) {
    const window = memory.subarray(0, Math.min(memory.length, offset - here.offset))
    await source.fill(window, 0, here.offset)
    here = advance(here, window)
  }
  return here
}

/** Gives the position behind `bytes`, which begin at `from`. */
function advance(from: Position, bytes: Buffer): Position {
  let { line, lineOffset } = from
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    line += 1
    lineOffset = from.offset + at + 1
  }
  return { offset: from.offset + bytes.length, line, lineOffset }
}

/** Gives the length without a character that is cut off at the end. */
function completeCharacters(window: Buffer, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back += 1) {
    const byte = window[length - back]!
    if (byte < 0x80) return length
    // The first byte of a character tells how many it has.
    if (byte >= 0xc0) return back >= (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : length - back
  }
  return length
}

/** Finds the first byte that is no UTF-8: halving finds the longest beginning that is valid. */
function firstInvalid(bytes: Buffer): number {
  let [valid, invalid] = [0, bytes.length]
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1
    const complete = completeCharacters(bytes, middle)
    if (isUtf8(bytes.subarray(0, complete))) valid = middle
    else invalid = middle
  }
  return completeCharacters(bytes, valid)
}

function badByte(file: string, bytes: Buffer, at: number, windowStart: Position): DaybreakError {
  const { offset, line, lineOffset } = advance(windowStart, bytes.subarray(0, at))
  const value = bytes[at]!
  const hex = `0x${value.toString(16).padStart(2, '0').toUpperCase()}`
  const seen = value === 0 ? 'holds a NUL byte' : `is not UTF-8: byte ${hex}`
  const next =
    value === 0 || isBinary(bytes.subarray(0, HEAD_BYTES))
      ? 'The file is damaged or no text: deliver it again.'
      : `Deliver the file in UTF-8, or say what it is in: input.encoding takes ${ENCODINGS.slice(1).join(', ')}.`
  const start = Math.max(0, lineOffset - windowStart.offset)
  const shown = bytes.toString('latin1', start, Math.min(bytes.length, start + SHOWN_CHARACTERS)).split('\n', 1)[0] ?? ''
  return new DaybreakError(
    'InputRefused',
    `${file} ${seen} at line ${line}, byte ${offset - lineOffset + 1} of the line (byte ${offset} of the file)`,
    {
      excerpt: [`line ${line}: ${visibleText(shown)}`],
      next,
      place: { file, line },
    },
  )
}

/** Gives bytes of any encoding as text, to be looked at and to be shown. */
function textOf(bytes: Buffer): string {
  const complete = bytes.subarray(0, completeCharacters(bytes, bytes.length))
  return isUtf8(complete) ? complete.toString('utf8') : bytes.toString('latin1')
}

function refusal(file: string, seen: string, next: string, text: string): DaybreakError {
  const lines = text === '' ? [] : text.split(/\r?\n/, SHOWN_LINES)
  const excerpt = lines.map((line, index) => `line ${index + 1}: ${visibleText(line.slice(0, SHOWN_CHARACTERS))}`)
  return new DaybreakError('InputRefused', `${file} ${seen}`, { excerpt, next, place: { file } })
}
