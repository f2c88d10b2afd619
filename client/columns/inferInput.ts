/** Finds out what a file is, so that a definition can be started from it. The file is read whole and never changed. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Encoding } from '../../definition/pipeline.js'
import { asText } from '../../engine/input/prepareInput.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import type { CsvFormat } from '../../engine/table/format.js'
import type { FoundInput } from './foundInput.js'
import { inferJsonLines } from './inferJsonLines.js'
import { inferTable } from './inferTable.js'

/** What somebody says of the file is believed; the rest is found out. */
export interface KnownForm {
  readonly encoding: Encoding
  /** As people name it: `tab` too. */
  readonly delimiter: string | undefined
  readonly header: boolean
  /** Lines above the header. */
  readonly skip: number
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/** The beginning of a file shows its form; what comes behind it shows no more. */
const BEGINNING_BYTES = 1 << 20

/** @param folder for files that have to be made of this one. @throws what makes the file unreadable */
export async function inferInput(path: string, { encoding, delimiter, header, skip }: KnownForm, folder: string): Promise<FoundInput> {
  const { file } = await asText(path, { encoding, folder })
  const first = await firstLine(file, skip)
  if (/^\s*\{/.test(first)) return await inferJsonLines(path, encoding, folder)
  const place = header ? (skip > 0 ? { header: { linesBefore: skip } } : {}) : { header: false as const }
  return await inferTable(path, { kind: 'csv', delimiter: delimiterOf(delimiter) ?? likelyDelimiter(first), ...place }, encoding, folder)
}

function delimiterOf(named: string | undefined): CsvFormat['delimiter'] | undefined {
  if (named === undefined) return undefined
  const found = DELIMITERS.find((one) => one === named || (one === '\t' && /^(tab|\\t)$/.test(named)))
  if (!found) throw new DaybreakError('UsageInvalid', `"${named}" is no delimiter`, { next: "Name ',', ';', '|' or 'tab'." })
  return found
}

/** Finds the delimiter that a line has most of, outside quotes. */
function likelyDelimiter(line: string): CsvFormat['delimiter'] {
  const plain = line.replace(/"[^"]*"/g, '')
  const times = (delimiter: string) => plain.split(delimiter).length
  return DELIMITERS.toSorted((a, b) => times(b) - times(a))[0]!
}

/** Finds the first line behind those skipped that has anything on it; of a long one it gives the beginning. */
async function firstLine(file: string, skip: number): Promise<string> {
  const input = createReadStream(file, { end: BEGINNING_BYTES })
  let line = 0
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    if (line > skip && text.trim() !== '') return text.replace(/^\ufeff/, '')
  }
  return ''
}
