/** Finds out what files are, so that a definition can be started from them. They are read whole and never changed. */
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Encoding } from '../../definition/pipeline.js'
import { asText } from '../../engine/input/prepareInput.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import type { CsvFormat } from '../../engine/table/format.js'
import type { FileForm, FoundInput } from './foundInput.js'
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

/**
 * What several files of one pipeline, such as those of several days, are together.
 * @param folder for files that have to be made of these. @throws what makes a file unreadable, UsageInvalid when they are of several kinds
 */
export async function inferInput(paths: readonly string[], known: KnownForm, folder: string): Promise<FoundInput> {
  const distinct = new Set(paths.map((path) => basename(path))).size === paths.length
  const files = paths.map((path, index) => ({ path, name: distinct ? basename(path) : path, folder: join(folder, String(index + 1)) }))
  const forms: Form[] = []
  for (const file of files) forms.push(await formOf(file, known))
  const [first] = forms as [Form]
  const other = forms.findIndex(({ words }) => words !== first.words)
  if (other >= 0) {
    const seen = [0, other].map((index) => `${files[index]!.name} is ${forms[index]!.words}`)
    throw new DaybreakError('UsageInvalid', `the files are of several kinds: ${seen.join(', ')}`, { next: 'Name files of one pipeline.' })
  }
  const { encoding, header, skip } = known
  if (!first.delimiter) return await inferJsonLines(files, encoding)
  const place = header ? (skip > 0 ? { header: { linesBefore: skip } } : {}) : { header: false as const }
  return await inferTable(files, { kind: 'csv', delimiter: first.delimiter, ...place }, encoding)
}

interface Form {
  /** `undefined`: JSON Lines. */
  readonly delimiter?: CsvFormat['delimiter']
  readonly words: string
}

async function formOf({ path, folder }: FileForm, { encoding, delimiter, skip }: KnownForm): Promise<Form> {
  const { file } = await asText(path, { encoding, folder })
  const first = await firstLine(file, skip)
  if (/^\s*\{/.test(first)) return { words: 'JSON Lines' }
  const mark = delimiterOf(delimiter) ?? likelyDelimiter(first)
  return { delimiter: mark, words: `a table with ${JSON.stringify(mark)}` }
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
