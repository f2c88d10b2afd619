/** The header of a file, and where the contract's columns are in it. Their order does not matter. */
import { parse } from 'csv-parse/sync'
import type { AnyColumns } from '../definition/columns.js'
import { DaybreakError } from '../definition/errors.js'
import { type Header, type TableFormat, visibleText } from './format.js'
import { openInput, readFully, scanRecord } from './records.js'

/** A header longer than this is none. */
const HEADER_BYTES = 4 << 20

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** Reads the first record. @throws InputRefused when it is blank, broken or all there is */
export async function readHeader(file: string, format: TableFormat): Promise<Header> {
  const handle = await openInput(file)
  try {
    const { size } = await handle.stat()
    const window = Buffer.alloc(Math.min(HEADER_BYTES, size))
    await readFully(file, handle, window, 0, 0)
    const start = window.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0
    const refuse = (message: string, line = 1) => new DaybreakError('InputRefused', `${file} ${message}`, { place: { file, line } })
    const found = scanRecord(window, start, window.length === size, format.delimiter.charCodeAt(0))
    if (!found || found.malformed) throw refuse('has a header that cannot be read: look at its quotes')
    if (window.toString('utf8', found.start, found.end).trim() === '')
      throw refuse('begins with a blank line: the header must be the first line')
    if (window.toString('utf8', found.next).trim() === '' && window.length === size) throw refuse('has a header but no rows')
    const [names = []] = parse(window.subarray(found.start, found.end), { delimiter: format.delimiter }) as string[][]
    return { names, dataOffset: found.next, dataLine: 1 + found.lines }
  } finally {
    await handle.close()
  }
}

/** Position of each declared column. @throws ContractBroken naming all columns that are missing or doubled */
export function matchHeader(
  file: string,
  header: Header,
  columns: AnyColumns,
): { readonly positions: Readonly<Record<string, number>>; readonly unused: readonly string[] } {
  const positions: Record<string, number> = {}
  const problems: string[] = []
  const wanted = new Set<string>()
  for (const [name, { from = name }] of Object.entries(columns)) {
    wanted.add(from)
    const places = header.names.flatMap((found, index) => (found === from ? [index] : []))
    if (places.length > 1)
      problems.push(
        `column ${JSON.stringify(from)} stands ${places.length} times, as column ${places.map((place) => place + 1).join(' and ')}`,
      )
    else if (places.length === 0) problems.push(`column ${JSON.stringify(from)} is missing${alike(from, header.names)}`)
    else positions[name] = places[0]!
  }
  if (problems.length > 0) {
    const found = header.names.map((name) => JSON.stringify(visibleText(name))).slice(0, 50)
    const more = header.names.length > found.length ? ` and ${header.names.length - found.length} more` : ''
    throw new DaybreakError('ContractBroken', problems.length === 1 ? problems[0]! : `${problems.length} columns are missing or doubled`, {
      details: [...(problems.length === 1 ? [] : problems), `the header has ${found.join(', ')}${more}`],
      place: { file, line: 1 },
    })
  }
  return { positions, unused: header.names.filter((name) => !wanted.has(name)) }
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
