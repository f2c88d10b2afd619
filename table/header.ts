/** The header of a file, and where the contract's columns are in it. Their order does not matter. */
import { parse } from 'csv-parse/sync'
import type { AnyColumns } from '../definition/columns.js'
import { DaybreakError } from '../definition/errors.js'
import { compileDecoder } from './decode.js'
import { type CsvFormat, type Header, type TableFormat, visibleText } from './format.js'
import { openInput, readFully, scannerOf } from './records.js'

/** A header longer than this is none. */
const HEADER_BYTES = 4 << 20

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** Reads the header. @param name the file as messages call it. @throws InputRefused when it is blank, broken or all there is */
export async function readHeader(file: string, format: TableFormat, name = file): Promise<Header> {
  const { window, whole } = await beginning(file, 0)
  const start = window.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0
  if (format.kind === 'jsonl') return { names: format.fields.map(({ path }) => path), dataOffset: start, dataLine: 1 }
  const { linesBefore = 0, linesAfter = 0 } = format.header === false ? {} : (format.header ?? {})
  const at = skipLines(window, start, linesBefore)
  const line = linesBefore + 1
  const excerpt = [`line ${line}: ${visibleText(window.toString('utf8', at, Math.min(window.length, at + 120)).split('\n', 1)[0] ?? '')}`]
  const refuse = (message: string, next?: string) =>
    new DaybreakError('InputRefused', `${name} ${message}`, { place: { file: name, line }, excerpt, ...(next ? { next } : {}) })
  const found = scannerOf(format)(window, at, whole)
  if (!found || found.malformed) throw refuse('has a header that cannot be read: look at its quotes and line ends')
  if (window.toString('utf8', found.start, found.end).trim() === '') {
    const lines = linesBefore + blankLines(window.toString('utf8', at))
    throw refuse(
      `begins with a blank line: the header must be ${linesBefore === 0 ? 'the first line' : `line ${line}`}`,
      format.header === false ? 'Take the line out.' : `Take it out, or set input.header to { linesBefore: ${lines} }.`,
    )
  }
  const cells = cellsOf(window.subarray(found.start, found.end), format)
  if (format.header === false) return { names: cells.map((_, index) => String(index + 1)), dataOffset: start, dataLine: 1 }
  const dataOffset = skipLines(window, found.next, linesAfter)
  if (whole && window.toString('utf8', dataOffset).trim() === '') throw refuse('has a header but no rows')
  return { names: cells, dataOffset, dataLine: line + found.lines + linesAfter }
}

/** The first bytes from `offset` on; `whole`: there are no more. */
async function beginning(file: string, offset: number): Promise<{ readonly window: Buffer; readonly whole: boolean }> {
  const handle = await openInput(file)
  try {
    const { size } = await handle.stat()
    const window = Buffer.alloc(Math.max(0, Math.min(HEADER_BYTES, size - offset)))
    await readFully(file, handle, window, 0, offset)
    return { window, whole: offset + window.length === size }
  } finally {
    await handle.close()
  }
}

function skipLines(window: Buffer, from: number, lines: number): number {
  let at = from
  for (let skipped = 0; skipped < lines; skipped += 1) {
    const end = window.indexOf(0x0a, at)
    if (end < 0) return window.length
    at = end + 1
  }
  return at
}

const blankLines = (text: string) => text.split('\n').findIndex((line) => line.trim() !== '')

function cellsOf(record: Buffer, { delimiter }: CsvFormat): readonly string[] {
  return (parse(record, { delimiter, relax_column_count: true }) as string[][])[0] ?? []
}

/** Position of each declared column. @throws ContractBroken naming all columns that are missing or doubled */
export function matchHeader(
  file: string,
  header: Header,
  columns: AnyColumns,
  format: TableFormat,
): { readonly positions: Readonly<Record<string, number>>; readonly unused: readonly string[] } {
  const problems: string[] = []
  const places = format.kind === 'csv' && format.header === false ? byPlace(header, columns, problems) : byName(header, columns, problems)
  if (problems.length > 0) {
    const found = header.names.map((name) => JSON.stringify(visibleText(name))).slice(0, 50)
    const more = header.names.length > found.length ? ` and ${header.names.length - found.length} more` : ''
    const looksLikeData = places.size * 2 <= Object.keys(columns).length && header.names.some((name) => /^-?\d+(\.\d+)?$/.test(name.trim()))
    throw new DaybreakError('ContractBroken', problems.length === 1 ? problems[0]! : `${problems.length} columns are missing or doubled`, {
      details: [
        ...(problems.length === 1 ? [] : problems),
        `the header has ${found.join(', ')}${more}`,
        ...(looksLikeData ? ['the first line looks like a record: without a header set input.header to false'] : []),
      ],
      place: { file, line: Math.max(1, header.dataLine - 1) },
    })
  }
  const used = new Set(places.values())
  return { positions: Object.fromEntries(places), unused: header.names.filter((_, index) => !used.has(index)) }
}

function byName(header: Header, columns: AnyColumns, problems: string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [name, { from = name }] of Object.entries(columns)) {
    const places = typeof from === 'number' ? [from - 1] : header.names.flatMap((one, index) => (one === from ? [index] : []))
    if (places.length > 1) {
      const all = places.map((place) => place + 1)
      problems.push(
        `column ${JSON.stringify(from)} stands ${places.length} times, as column ${all.join(' and ')}; its place as from would choose one`,
      )
    } else if (places.length === 0) problems.push(`column ${JSON.stringify(from)} is missing${alike(String(from), header.names)}`)
    else if (places[0]! >= header.names.length)
      problems.push(`column ${JSON.stringify(name)} is missing: the file has ${header.names.length}`)
    else found.set(name, places[0]!)
  }
  return found
}

/** Without a header: every column says its place, or they stand in the order of the definition and are all there are. */
function byPlace(header: Header, columns: AnyColumns, problems: string[]): ReadonlyMap<string, number> {
  const names = Object.keys(columns)
  const width = header.names.length
  const ordered = names.every((name) => columns[name]!.from === undefined)
  if (ordered && names.length !== width) {
    problems.push(`the first line has ${width} fields, and the definition ${names.length} columns: give each column its place as from`)
    return new Map()
  }
  const places = names.map((name, index): [string, number] => [name, Number(columns[name]!.from ?? index + 1) - 1])
  for (const [name, place] of places)
    if (place >= width) problems.push(`column ${JSON.stringify(name)} is missing: the first line has ${width} fields`)
  return new Map(places)
}

/** @throws InputRefused when the first record is a second header: its texts stand where the contract says number or date */
export async function refuseSecondHeader(
  file: string,
  header: Header,
  columns: AnyColumns,
  positions: Readonly<Record<string, number>>,
  format: TableFormat,
  name = file,
): Promise<void> {
  if (format.kind === 'jsonl') return
  const { window, whole } = await beginning(file, header.dataOffset)
  const found = scannerOf(format)(window, 0, whole)
  if (!found || found.malformed) return
  const cells = cellsOf(window.subarray(found.start, found.end), format)
  if (cells.length !== header.names.length || format.header === false) return
  const typed = Object.entries(columns).filter(([, { kind }]) => kind === 'number' || kind === 'integer' || kind === 'date')
  const decoder = compileDecoder(Object.fromEntries(typed), positions, Number.POSITIVE_INFINITY, {})
  const wrong = decoder.decode(cells, decoder.newRow()).filter(({ rule, value }) => rule.endsWith('.invalid') && /\p{L}/u.test(value))
  const again = cells.every((cell, index) => cell.trim().toLowerCase() === header.names[index]!.trim().toLowerCase())
  if (!again && (typed.length < 2 || wrong.length < typed.length)) return
  const { linesAfter = 0 } = format.header ?? {}
  throw new DaybreakError('InputRefused', `${name} has a second header in line ${header.dataLine}`, {
    place: { file: name, line: header.dataLine },
    excerpt: [`line ${header.dataLine}: ${visibleText(window.toString('utf8', found.start, Math.min(found.end, found.start + 120)))}`],
    next: `Take the line out, or set input.header to { linesAfter: ${linesAfter + 1} }.`,
  })
}

/** Names the one that differs in case, spaces or underscores, or else in one place only. */
function alike(wanted: string, names: readonly string[]): string {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, '')
  const near = names.find((name) => plain(name) === plain(wanted)) ?? names.find((name) => misspelt(plain(name), plain(wanted)))
  return near === undefined ? '' : `; there is ${JSON.stringify(visibleText(near))}`
}

/** Do they differ within two neighbouring characters (one, in short names)? That is most slips of the hand. */
function misspelt(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  let [front, back] = [0, 0]
  while (front < shorter && a[front] === b[front]) front += 1
  while (back < shorter - front && a.at(-1 - back) === b.at(-1 - back)) back += 1
  return Math.max(a.length, b.length) - front - back <= (b.length <= 3 ? 1 : 2)
}
