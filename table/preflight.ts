/** Pre-flight: the raw bytes are looked at before anything is parsed, so that a file that is no table is refused by name. */
import { isUtf8 } from 'node:buffer'
import { DaybreakError } from '../definition/errors.js'
import { type TableFormat, visibleText } from './format.js'
import { openInput } from './records.js'

/** Bytes looked at to tell what kind of file it is. */
const HEAD_BYTES = 64 << 10
const WINDOW_BYTES = 4 << 20
const SHOWN_LINES = 3
const SHOWN_CHARACTERS = 120

const DELIMITERS: Readonly<Record<TableFormat['delimiter'], string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' }

interface Kind {
  readonly seen: string
  readonly next: string
  readonly matches: (head: Buffer, text: string) => boolean
}

const starts =
  (...magic: number[]) =>
  (head: Buffer) =>
    magic.every((byte, index) => head[index] === byte)
const EXPORT = 'Deliver it as a CSV file in UTF-8.'

/** What is delivered instead of a table, in the order it is told apart. */
const KINDS: readonly Kind[] = [
  {
    seen: 'is an HTML page',
    next: 'An error or login page was saved instead of the file: fetch it again.',
    matches: (_, text) => /^\s*<(!doctype|html|head|body)/i.test(text),
  },
  { seen: 'is an XML document', next: EXPORT, matches: (_, text) => /^\s*<\?xml/i.test(text) },
  { seen: 'is a zip archive or an Excel workbook', next: EXPORT, matches: starts(0x50, 0x4b, 0x03, 0x04) },
  { seen: 'is compressed with gzip', next: 'Unpack it before it is delivered.', matches: starts(0x1f, 0x8b) },
  { seen: 'is a Parquet file', next: EXPORT, matches: starts(0x50, 0x41, 0x52, 0x31) },
  { seen: 'is an old Excel workbook', next: EXPORT, matches: starts(0xd0, 0xcf, 0x11, 0xe0) },
  { seen: 'is in UTF-16', next: EXPORT, matches: (head) => starts(0xff, 0xfe)(head) || starts(0xfe, 0xff)(head) },
  {
    seen: 'is only a web address',
    next: 'Deliver the file that the address leads to.',
    matches: (_, text) => /^\s*https?:\/\/\S+\s*$/i.test(text),
  },
]

/** @throws InputRefused, saying what was seen, where, and what to change; InputUnreadable */
export async function preflight(file: string, format: TableFormat): Promise<void> {
  const handle = await openInput(file)
  try {
    const { size } = await handle.stat()
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size))
    await handle.read(head, 0, head.length, 0)
    checkHead(file, head, size, format)
    await checkBytes(file, handle, size)
  } finally {
    await handle.close()
  }
}

function checkHead(file: string, head: Buffer, size: number, format: TableFormat): void {
  const text = head.toString('latin1')
  const refuse = (seen: string, next: string) => refusal(file, seen, next, head)
  if (size === 0) throw refuse('is empty', 'Deliver the file again.')
  const kind = KINDS.find(({ matches }) => matches(head, text))
  if (kind) throw refuse(kind.seen, kind.next)
  const line = text.split('\n', 1)[0] ?? ''
  if (line.endsWith('\r\r')) throw refuse('has line ends CR CR LF', 'Write it with LF or CRLF: it was converted twice.')
  if (!text.includes('\n') && /\r./s.test(text)) throw refuse('has line ends of CR alone', 'Write it with LF or CRLF.')
  const counted = (delimiter: string) => line.split(delimiter).length - 1
  const [likely] = (Object.keys(DELIMITERS) as TableFormat['delimiter'][]).sort((a, b) => counted(b) - counted(a))
  if (likely && counted(format.delimiter) === 0 && counted(likely) > 0) {
    throw refuse(
      `has a header without a single ${DELIMITERS[format.delimiter]}, but with ${counted(likely)} of ${DELIMITERS[likely]}`,
      `Set input.delimiter to ${JSON.stringify(likely)}, or deliver the file with ${DELIMITERS[format.delimiter]}s.`,
    )
  }
}

/** NUL and invalid UTF-8, wherever they are. */
async function checkBytes(file: string, handle: Awaited<ReturnType<typeof openInput>>, size: number): Promise<void> {
  let [position, line, kept] = [0, 1, 0]
  const window = Buffer.alloc(WINDOW_BYTES)
  while (position < size) {
    const { bytesRead } = await handle.read(window, kept, window.length - kept, position)
    if (bytesRead === 0) return
    const filled = kept + bytesRead
    const whole = position + bytesRead >= size ? filled : wholeCharacters(window, filled)
    const bytes = window.subarray(0, whole)
    const nul = bytes.indexOf(0)
    const bad = nul >= 0 ? nul : isUtf8(bytes) ? -1 : firstInvalid(bytes)
    if (bad >= 0) throw badByte(file, bytes, bad, position - kept + bad, line)
    line += countLines(bytes)
    window.copyWithin(0, whole, filled)
    kept = filled - whole
    position += bytesRead
  }
}

/** Length of the bytes before a character that is cut off at the end. */
function wholeCharacters(window: Buffer, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back += 1) {
    const byte = window[length - back]!
    if (byte < 0x80) return length
    if (byte >= 0xc0) return length - back
  }
  return length
}

/** Position of the first byte that is no UTF-8: the longest valid beginning, by halving. */
function firstInvalid(bytes: Buffer): number {
  let [valid, invalid] = [0, bytes.length]
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1
    const whole = wholeCharacters(bytes, middle)
    if (isUtf8(bytes.subarray(0, whole))) valid = middle
    else invalid = middle
  }
  return wholeCharacters(bytes, valid)
}

function badByte(file: string, bytes: Buffer, at: number, offset: number, firstLine: number): DaybreakError {
  const line = firstLine + countLines(bytes.subarray(0, at))
  const column = at - bytes.lastIndexOf(0x0a, at) || 1
  const value = bytes[at]!
  const hex = `0x${value.toString(16).padStart(2, '0').toUpperCase()}`
  const seen = value === 0 ? 'holds a NUL byte' : `is not UTF-8: byte ${hex}`
  const next =
    value === 0 ? 'The file is damaged or no text: deliver it again.' : 'Deliver the file in UTF-8; it looks like latin1 or windows-1252.'
  const start = bytes.lastIndexOf(0x0a, at) + 1
  const shown = bytes.toString('latin1', start, Math.min(bytes.length, start + SHOWN_CHARACTERS)).split('\n', 1)[0] ?? ''
  return new DaybreakError('InputRefused', `${file} ${seen} at line ${line}, byte ${column} of the line (byte ${offset} of the file)`, {
    excerpt: [`line ${line}: ${visibleText(shown)}`],
    next,
    place: { file, line },
  })
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines += 1
  return lines
}

function refusal(file: string, seen: string, next: string, head: Buffer): DaybreakError {
  const lines = head.toString('latin1').split(/\r?\n/, SHOWN_LINES)
  const excerpt = head.length === 0 ? [] : lines.map((line, index) => `line ${index + 1}: ${visibleText(line.slice(0, SHOWN_CHARACTERS))}`)
  return new DaybreakError('InputRefused', `${file} ${seen}`, { excerpt, next, place: { file } })
}
