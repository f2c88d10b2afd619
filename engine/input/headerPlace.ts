/** Checks that the header stands where the definition has it. It looks at the lines around the header, file by file, and never at more. */
import type { AnyColumns } from '../../definition/columns.js'
import { DaybreakError } from '../protocol/errors.js'
import { visibleText } from '../protocol/text.js'
import { compileDecoder } from '../table/decode.js'
import type { CsvFormat, Header, TableFormat, TextFile } from '../table/format.js'
import {
  beginning,
  cellsOf,
  dataStart,
  headerRecord,
  linesAround,
  matchHeader,
  SHOWN_BYTES,
  skipLines,
  withoutTrailing,
} from '../table/header.js'
import { type RecordSpan, scannerOf } from '../table/scanRecords.js'
import { isName, isUnit, saysName, saysNothing } from './headerWords.js'

/** The names of the columns are looked for in this many lines: what stands before a header is shorter. */
const MOST_LINES = 50

/**
 * Finds the place of each declared column among the fields of a record, from 0. When some are missing, the error says which line has all
 * the names, if there is one.
 * @param name the file as messages call it
 * @throws ContractBroken, InputUnreadable
 */
export async function matchColumns({ file, header }: TextFile, columns: AnyColumns, format: TableFormat, name: string) {
  try {
    return matchHeader(name, header, columns, format)
  } catch (error) {
    const line = format.kind === 'csv' && format.header !== false ? await lineOfNames(file, columns, format) : undefined
    if (!(error instanceof DaybreakError) || line === undefined) throw error
    const details = [...error.problem.details, `line ${line} has all the names`]
    throw DaybreakError.of({ ...error.problem, details, next: `Set input.header to { linesBefore: ${line - 1} }.` })
  }
}

/** Finds a line, other than the header's, that has the name of every column. */
async function lineOfNames(file: string, columns: AnyColumns, format: CsvFormat): Promise<number | undefined> {
  const { window, complete } = await beginning(file, 0)
  const names = Object.entries(columns).flatMap(([name, { from = name }]) => (typeof from === 'string' ? [from] : []))
  let [at, line] = [dataStart(window), 1]
  while (names.length > 0 && at < window.length && line <= MOST_LINES) {
    const found = scannerOf(format)(window, at, complete)
    if (!found || found.next < 0) return undefined
    const cells = found.malformed ? [] : cellsOf(window, found, format)
    if (names.every((name) => cells.includes(name)) && line !== linesAround(format).linesBefore + 1) return line
    line += found.lines
    at = found.next
  }
  return undefined
}

/** What the records of a file are checked against before they are read. */
interface Contract {
  readonly columns: AnyColumns
  readonly positions: Readonly<Record<string, number>>
  readonly format: CsvFormat
}

/**
 * Checks that a header is where the definition has it.
 * @param positions place of each column among the fields of a record, from 0
 * @throws InputRefused when a header stands among the records, or a record among the lines that are passed over; InputUnreadable
 */
export async function checkHeaderPlace(
  { path, file, header }: TextFile,
  columns: AnyColumns,
  positions: Readonly<Record<string, number>>,
  format: TableFormat,
): Promise<void> {
  if (format.kind === 'jsonl') return
  const contract = { columns, positions, format }
  const skipped = await skippedRecord(file, header, contract)
  const { linesAfter } = linesAround(format)
  if (skipped) {
    const { after, ...shown } = skipped
    throw misplaced(
      path,
      shown,
      `has a record in line ${shown.line}, which input.header passes over`,
      `Deliver the file with the line that is passed over on other days, or set linesAfter to ${after}.`,
    )
  }
  const again = await headerAgain(file, header, contract)
  if (!again) return
  if (format.header === false) throw misplaced(path, again, 'has a header', 'Leave input.header out, or take the line out.')
  throw misplaced(
    path,
    again,
    `has a second header in line ${again.line}`,
    `Take the line out, or set input.header to { linesAfter: ${linesAfter + 1} }.`,
  )
}

interface ShownLine {
  readonly line: number
  readonly text: string
}

function misplaced(file: string, { line, text }: ShownLine, seen: string, next: string): DaybreakError {
  return new DaybreakError('InputRefused', `${file} ${seen}`, {
    place: { file, line },
    excerpt: [`line ${line}: ${visibleText(text)}`],
    next,
  })
}

const shownText = (window: Buffer, { start, end }: RecordSpan) => window.toString('utf8', start, Math.min(end, start + SHOWN_BYTES))

/** Gives the first record when it is a header: it has the names once more, or names and units where the contract says number or date. */
async function headerAgain(file: string, header: Header, { columns, positions, format }: Contract): Promise<ShownLine | undefined> {
  const { window, complete } = await beginning(file, header.dataOffset)
  const found = scannerOf(format)(window, 0, complete)
  if (!found || found.malformed) return undefined
  const all = cellsOf(window, found, format)
  const cells = withoutTrailing(all, format) ?? all
  if (cells.length !== header.names.length) return undefined
  const names = format.header === false ? namesInPlace(header, positions) : header.names
  const again = cells.every((cell, index) => names[index] === undefined || same(cell, names[index]))
  if (!again && (format.header === false || !isHeaderByWords(cells, header, columns, positions))) return undefined
  return { line: header.dataLine, text: shownText(window, found) }
}

const same = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase()

/** Gives the definition's names at the places of their columns. */
function namesInPlace({ names }: Header, positions: Readonly<Record<string, number>>): readonly (string | undefined)[] {
  return names.map((_, index) => Object.keys(positions).find((name) => positions[name] === index))
}

/** Says whether every cell is a name, a unit or nothing, and some cell says one where the contract wants a number or a date. */
function isHeaderByWords(
  cells: readonly string[],
  header: Header,
  columns: AnyColumns,
  positions: Readonly<Record<string, number>>,
): boolean {
  const known = [...header.names, ...Object.keys(columns)]
  const own = cells.map((_, index) => Object.keys(positions).filter((name) => positions[name] === index))
  const isWord = (cell: string, index: number) =>
    isName(cell, known) || isUnit(cell) || saysName(cell, [header.names[index] ?? '', ...own[index]!])
  if (!cells.every((cell, index) => saysNothing(cell) || isWord(cell, index))) return false
  const typed = Object.entries(columns).filter(([, { kind }]) => kind === 'number' || kind === 'integer' || kind === 'date')
  const decoder = compileDecoder(Object.fromEntries(typed), positions, Number.POSITIVE_INFINITY, {})
  return decoder.decode(cells, decoder.newRow()).some(({ rule, value }) => rule.endsWith('.invalid') && !saysNothing(value))
}

/**
 * Finds the first line between header and records that is a record itself: it keeps the contract, and not by texts and blanks alone.
 * `after` is its number among those lines, from 0.
 */
async function skippedRecord(
  file: string,
  header: Header,
  { columns, positions, format }: Contract,
): Promise<(ShownLine & { readonly after: number }) | undefined> {
  const { linesAfter } = linesAround(format)
  if (linesAfter === 0) return undefined
  const { window, complete } = await beginning(file, 0)
  const decoder = compileDecoder(columns, positions, Number.POSITIVE_INFINITY, {})
  const typed = Object.keys(columns).filter((name) => columns[name]!.kind !== 'text')
  let at = headerRecord(window, complete, format).found?.next ?? window.length
  for (let after = 0; after < linesAfter; after += 1, at = skipLines(window, at, 1)) {
    const found = scannerOf(format)(window, at, complete)
    if (!found || found.malformed) continue
    const cells = withoutTrailing(cellsOf(window, found, format), format) ?? []
    const row = decoder.newRow()
    if (cells.length !== header.names.length || decoder.decode(cells, row).length > 0) continue
    if (typed.some((name) => row[name] !== null))
      return { line: header.dataLine - linesAfter + after, text: shownText(window, found), after }
  }
  return undefined
}
