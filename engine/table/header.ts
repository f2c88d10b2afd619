/**
 * Reads the header of a file and finds the contract's columns in it; their order does not matter. Only the beginning of the file is read.
 */
import { parse } from 'csv-parse/sync'
import type { AnyColumns } from '../../definition/columns.js'
import type { HeaderPlace } from '../../definition/pipeline.js'
import { DaybreakError } from '../protocol/errors.js'
import { nearestNames } from '../protocol/nearestNames.js'
import { visibleText } from '../protocol/text.js'
import type { CsvFormat, Header, TableFormat } from './format.js'
import { MAX_RECORD_BYTES, type RecordRange, type RecordSpan, scannerOf } from './scanRecords.js'
import { nameOf, openSource, type Source } from './source.js'

/** Bytes that are looked at for the header: more than the largest record, and the lines before a header are few. */
const HEADER_BYTES = 3 << 19
/** A message shows at most this many bytes of a line. */
export const SHOWN_BYTES = 120

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Reads the header. JSON Lines have none: their names come from the format.
 * @param name the source as messages call it
 * @throws InputRefused when the header is missing, blank, broken or all there is; InputUnreadable
 */
export async function readHeader(source: Source, format: TableFormat, name = nameOf(source)): Promise<Header> {
  const { window, complete } = await beginning(source, 0)
  if (format.kind === 'jsonl') return { names: format.fields.map(({ path }) => path), dataOffset: dataStart(window), dataLine: 1 }
  const { linesBefore, linesAfter } = linesAround(format)
  const { at, found } = headerRecord(window, complete, format)
  const line = linesBefore + 1
  const shown = window.toString('utf8', at, Math.min(window.length, at + SHOWN_BYTES)).split('\n', 1)[0] ?? ''
  const refuse = (message: string, next?: string) =>
    new DaybreakError('InputRefused', `${name} ${message}`, {
      place: { file: name, line },
      excerpt: [`line ${line}: ${visibleText(shown)}`],
      ...(next ? { next } : {}),
    })
  if (linesBefore > 0 && at === window.length)
    throw refuse(`ends before line ${line}, where its header should be`, 'Look at the file and at input.header.linesBefore.')
  const noun = format.header === false ? 'first line' : 'header'
  if (found?.malformed === 'size')
    throw refuse(`has a ${noun} larger than ${MAX_RECORD_BYTES >> 20} MiB`, 'Look at its line ends, and whether it is a table at all.')
  if (!found || found.malformed) throw refuse(`has a ${noun} that cannot be read: look at its quotes and line ends`)
  if (window.toString('utf8', found.start, found.end).trim() === '') {
    const blank = blankLines(window.toString('utf8', at))
    if (blank < 0) throw refuse('has only blank lines where its header should be', 'Look at the file and at input.header.')
    throw refuse(
      `begins with a blank line: the header must be ${linesBefore === 0 ? 'the first line' : `line ${line}`}`,
      format.header === false ? 'Take the line out.' : `Take it out, or set input.header to { linesBefore: ${linesBefore + blank} }.`,
    )
  }
  const all = cellsOf(window, found, format)
  const cells = withoutTrailing(all, format) ?? all
  if (cells !== all && format.header !== false)
    throw refuse(
      'has a header that ends with a delimiter, as its records do',
      'Leave input.trailingDelimiter out: the last column has no name, and nothing reads it.',
    )
  if (format.header === false) return { names: cells.map((_, index) => String(index + 1)), dataOffset: dataStart(window), dataLine: 1 }
  const dataOffset = skipLines(window, found.next, linesAfter)
  if (complete && window.toString('utf8', dataOffset).trim() === '') throw refuse('has a header but no rows')
  return { names: cells, dataOffset, dataLine: line + found.lines + linesAfter }
}

/** Gives all records behind a header as one range, which may be of any bytes. */
export async function recordsBehind(source: Source, { dataOffset, dataLine }: Header): Promise<RecordRange> {
  const opened = await openSource(source)
  try {
    return { offset: dataOffset, bytes: (await opened.size()) - dataOffset, firstRecord: 0, firstLine: dataLine }
  } finally {
    await opened.close()
  }
}

/** Offset of the first byte behind the byte-order mark, if there is one. */
export const dataStart = (window: Buffer) => (window.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0)

/** Says how many lines stand around the header: none where the definition says nothing. */
export function linesAround({ header }: CsvFormat): Required<HeaderPlace> {
  const { linesBefore = 0, linesAfter = 0 } = header || {}
  return { linesBefore, linesAfter }
}

/** Physical line of the header, from 1; without one that of the first record. */
export const headerLine = (format: TableFormat): number => (format.kind === 'jsonl' ? 1 : linesAround(format).linesBefore + 1)

/**
 * Finds where the header's line begins, and the record there. Without a header this is the first record.
 * @param complete whether the window ends where the file ends
 */
export function headerRecord(window: Buffer, complete: boolean, format: CsvFormat) {
  const at = skipLines(window, dataStart(window), linesAround(format).linesBefore)
  return { at, found: scannerOf(format)(window, at, complete) }
}

/** Reads the first bytes from `offset` on; `complete` says that there are no more. */
export async function beginning(source: Source, offset: number): Promise<{ readonly window: Buffer; readonly complete: boolean }> {
  const opened = await openSource(source)
  try {
    const size = await opened.size()
    const window = Buffer.allocUnsafe(Math.max(0, Math.min(HEADER_BYTES, size - offset)))
    await opened.fill(window, 0, offset)
    return { window, complete: offset + window.length === size }
  } finally {
    await opened.close()
  }
}

/** Gives the place behind so many lines; the end of the window when there are fewer. */
export function skipLines(window: Buffer, from: number, lines: number): number {
  let at = from
  for (let skipped = 0; skipped < lines; skipped += 1) {
    const end = window.indexOf(0x0a, at)
    if (end < 0) return window.length
    at = end + 1
  }
  return at
}

const blankLines = (text: string) => text.split('\n').findIndex((line) => line.trim() !== '')

/** Reads the cells of a record that is well formed. */
export function cellsOf(window: Buffer, { start, end }: RecordSpan, { delimiter }: CsvFormat): readonly string[] {
  return (parse(window.subarray(start, end), { delimiter, relax_column_count: true }) as string[][])[0] ?? []
}

/** Takes from a record the blank cell behind a delimiter at its end, where the format has that; `undefined` when there is none. */
export function withoutTrailing(cells: readonly string[], { trailingDelimiter = false }: CsvFormat): readonly string[] | undefined {
  if (!trailingDelimiter) return cells
  return cells.length > 0 && cells.at(-1)!.trim() === '' ? cells.slice(0, -1) : undefined
}

/**
 * Finds the place of each declared column among the fields of a record, from 0, and the names that no column wants.
 * @param file the file as messages call it
 * @throws ContractBroken naming all columns that are missing or doubled
 */
export function matchHeader(
  file: string,
  header: Header,
  columns: AnyColumns,
  format: TableFormat,
): { readonly positions: Readonly<Record<string, number>>; readonly unused: readonly string[] } {
  const problems: string[] = []
  const named = format.kind === 'jsonl' || format.header !== false
  const places = named ? byName(header, columns, problems) : byPlace(header, columns, problems)
  if (problems.length > 0) {
    throw new DaybreakError('ContractBroken', problems.length === 1 ? problems[0]! : `${problems.length} columns are missing or doubled`, {
      details: [
        ...(problems.length === 1 ? [] : problems),
        ...(named ? headerWords(header, places.size * 2 <= Object.keys(columns).length) : []),
      ],
      place: { file, line: headerLine(format) },
    })
  }
  const used = new Set(places.values())
  return { positions: Object.fromEntries(places), unused: header.names.filter((_, index) => !used.has(index)) }
}

/** Tells what the header has. @param few whether at most half of the columns were found, and so the line may be no header at all */
function headerWords({ names }: Header, few: boolean): readonly string[] {
  const found = names.map((name) => JSON.stringify(visibleText(name))).slice(0, 50)
  const more = names.length > found.length ? ` and ${names.length - found.length} more` : ''
  const looksLikeData = few && names.some((name) => /^-?\d+(\.\d+)?$/.test(name.trim()))
  return [
    `the header has ${found.join(', ')}${more}`,
    ...(looksLikeData ? ['the first line looks like a record: without a header set input.header to false'] : []),
  ]
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

/** Finds columns without a header: each says its place, or all of them stand in the order of the definition and the file has no others. */
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

/** Names a column that may be meant: it differs in case, spaces or underscores alone, or else by a slip of the hand. */
function alike(wanted: string, names: readonly string[]): string {
  const bare = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, '')
  const [nearest] = nearestNames(bare(wanted), names.map(bare))
  const near = names.find((name) => bare(name) === bare(wanted)) ?? names.find((name) => bare(name) === nearest)
  return near === undefined ? '' : `; there is ${JSON.stringify(visibleText(near))}`
}
