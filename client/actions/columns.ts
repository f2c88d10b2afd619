/** `daybreak columns`: a start for the `input` of a definition, inferred from a file, with the evidence as comments. */
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { AnyColumns, Column } from '../../definition/columns.js'
import { ENCODINGS, type Encoding } from '../../definition/pipeline.js'
import { ColumnEvidence, type InferredColumn } from '../../engine/input/inferColumns.js'
import { asText, prepareInput } from '../../engine/input/prepareInput.js'
import { DaybreakError, EXIT } from '../../engine/protocol/errors.js'
import { compileDecoder } from '../../engine/table/decode.js'
import { type CsvFormat, formatOf, type Header, type TableFormat, visibleText } from '../../engine/table/format.js'
import { readHeader, recordsBehind } from '../../engine/table/header.js'
import { readRows } from '../../engine/table/readRows.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'

interface ColumnsOptions extends CommonOptions {
  readonly delimiter?: string
  readonly encoding?: string
  readonly header: boolean
  readonly skip?: number
}

interface FoundColumn extends Omit<InferredColumn, 'declared'> {
  readonly name: string
  readonly from?: string | number
  /** Why no column reads all of its values. */
  readonly problem?: string
}

interface Found {
  readonly format: 'csv' | 'jsonl'
  readonly delimiter?: CsvFormat['delimiter']
  /** As they stand in the file. */
  readonly names?: readonly string[]
  readonly records: number
  readonly broken: number
  readonly brokenLines: readonly number[]
  readonly columns: readonly FoundColumn[]
}

export async function columns(file: string, options: ColumnsOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const encoding = encodingOf(options.encoding)
  const folder = await mkdtemp(join(tmpdir(), 'daybreak-columns-'))
  try {
    const found = await infer(resolve(file), encoding, options, folder).catch((error: unknown) => {
      throw inOwnWords(error)
    })
    const key = keyOf(found.columns)
    output.answer({ file: resolve(file), encoding, ...(key ? { key } : {}), ...found }, inputText(file, found, key, encoding, options))
    return EXIT.done
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a definition sets, as options of this command. */
const OPTIONS: readonly (readonly [RegExp, string])[] = [
  [/input\.header to \{ linesBefore: (\d+) \}/g, '--skip to $1'],
  [/input\.header(\.linesBefore)?/g, '--skip'],
  [/input\.(encoding|delimiter)/g, '--$1'],
]

/** A refusal that names the options of this command. */
function inOwnWords(error: unknown): unknown {
  if (!(error instanceof DaybreakError)) return error
  const next = OPTIONS.reduce((words, [setting, option]) => words.replace(setting, option), error.problem.next)
  return DaybreakError.of({ ...error.problem, next })
}

function encodingOf(named = 'utf-8'): Encoding {
  const found = ENCODINGS.find((encoding) => encoding === named)
  if (!found) throw new DaybreakError('UsageInvalid', `"${named}" is no encoding`, { next: `Name one of ${ENCODINGS.join(', ')}.` })
  return found
}

async function infer(path: string, encoding: Encoding, { delimiter, header, skip = 0 }: ColumnsOptions, folder: string): Promise<Found> {
  const { file } = await asText(path, { encoding, folder })
  const first = await firstLine(file, skip)
  if (/^\s*\{/.test(first)) return await inferJson(path, encoding, folder)
  const chosen = delimiterOf(delimiter) ?? likelyDelimiter(first)
  const place = header ? (skip > 0 ? { header: { linesBefore: skip } } : {}) : { header: false as const }
  return await inferCsv(path, { kind: 'csv', delimiter: chosen, ...place }, encoding, folder)
}

const DELIMITERS = [',', ';', '\t', '|'] as const

function delimiterOf(named: string | undefined): CsvFormat['delimiter'] | undefined {
  if (named === undefined) return undefined
  const found = DELIMITERS.find((one) => one === named || (one === '\t' && /^(tab|\\t)$/.test(named)))
  if (!found) throw new DaybreakError('UsageInvalid', `"${named}" is no delimiter`, { next: "Name ',', ';', '|' or 'tab'." })
  return found
}

/** The delimiter that a line has most of, outside quotes. */
function likelyDelimiter(line: string): CsvFormat['delimiter'] {
  const plain = line.replace(/"[^"]*"/g, '')
  const times = (delimiter: string) => plain.split(delimiter).length
  return DELIMITERS.toSorted((a, b) => times(b) - times(a))[0]!
}

/** The first line after some that has anything on it; its beginning, when it is long. */
async function firstLine(file: string, skip: number): Promise<string> {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file, { end: 1 << 20 }), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    if (line > skip && text.trim() !== '') return text.replace(/^\ufeff/, '')
  }
  return ''
}

/** Rows of a whole file. */
async function* rowsOf(file: string, header: Header, format: TableFormat) {
  yield* readRows(file, await recordsBehind(file, header), header, format)
}

async function inferCsv(path: string, format: CsvFormat, encoding: Encoding, folder: string): Promise<Found> {
  const { file, header } = await prepareInput([path], { format, encoding, folder })
  const evidence = header.names.map(() => new ColumnEvidence())
  const broken: number[] = []
  let records = 0
  for await (const slab of rowsOf(file, header, format)) {
    for (const row of slab) {
      records += 1
      if (row.cells) for (const [index, cell] of row.cells.entries()) evidence[index]!.add(cell ?? '')
      else broken.push(row.line)
    }
  }
  const names = new Set<string>()
  const columns = header.names.map((written, index) => {
    const doubled = header.names.indexOf(written) !== header.names.lastIndexOf(written)
    const inOrder = format.header === false
    const name = freshName(inOrder || written.trim() === '' ? `column_${index + 1}` : written.trim(), index, names)
    const from = inOrder || name === written ? undefined : doubled || written.trim() === '' ? index + 1 : written
    const { declared: _, ...inferred } = evidence[index]!.infer()
    return { name, ...(from === undefined && !(doubled && !inOrder) ? {} : { from: from ?? index + 1 }), ...inferred }
  })
  const written = format.header === false ? {} : { names: header.names }
  return {
    format: 'csv',
    delimiter: format.delimiter,
    ...written,
    records,
    broken: broken.length,
    brokenLines: broken.slice(0, 10),
    columns,
  }
}

/** Most fields of objects that are looked at. */
const MOST_FIELDS = 10_000

async function inferJson(path: string, encoding: Encoding, folder: string): Promise<Found> {
  const format: TableFormat = { kind: 'jsonl', fields: [] }
  const { file, header } = await prepareInput([path], { format, encoding, folder })
  const evidence = new Map<string, { evidence: ColumnEvidence; seen: number; kinds: Set<string> }>()
  const broken: number[] = []
  let records = 0
  for await (const slab of rowsOf(file, header, format)) {
    for (const row of slab) {
      records += 1
      if (!row.cells) {
        broken.push(row.line)
        continue
      }
      for (const [path, value] of leaves(JSON.parse(row.raw) as object)) {
        const known = evidence.get(path) ?? { evidence: new ColumnEvidence(), seen: 0, kinds: new Set() }
        if (!evidence.has(path) && evidence.size < MOST_FIELDS) evidence.set(path, known)
        known.seen += 1
        if (value !== null) known.kinds.add(typeof value)
        known.evidence.add(value === null ? '' : String(value), typeof value !== 'string')
      }
    }
  }
  const names = new Set<string>()
  const declarations: Record<string, Column<unknown>> = {}
  const columns = [...evidence].map(([path, { evidence: one, seen, kinds }], index) => {
    for (let missing = seen; missing < records - broken.length; missing += 1) one.add('')
    const last = path.slice(path.lastIndexOf('.') + 1)
    const short = [...evidence.keys()].filter((other) => other.slice(other.lastIndexOf('.') + 1) === last).length === 1
    const name = freshName(short ? last : path.replaceAll('.', '_'), index, names)
    const { declared, ...inferred } = one.infer()
    declarations[name] = { ...declared, from: path }
    const mixed = kinds.size > 1 ? [`values of several types: ${[...kinds].sort().join(', ')}`] : []
    return { name, ...(name === path ? {} : { from: path }), ...inferred, evidence: [...inferred.evidence, ...mixed] }
  })
  const problems = await problemsOf(file, declarations)
  const readable = columns.map((one) => ({ ...one, ...(problems.has(one.name) ? { problem: problems.get(one.name)! } : {}) }))
  return { format: 'jsonl', records, broken: broken.length, brokenLines: broken.slice(0, 10), columns: readable }
}

/** The first value of each column that it does not read itself: types of JSON may be mixed as no column takes them. */
async function problemsOf(file: string, declarations: AnyColumns): Promise<ReadonlyMap<string, string>> {
  const format = formatOf({ format: 'jsonl', columns: declarations })
  const positions = Object.fromEntries(Object.keys(declarations).map((name, index) => [name, index]))
  const decoder = compileDecoder(declarations, positions, Number.POSITIVE_INFINITY, {})
  const found = new Map<string, string>()
  const decoded = decoder.newRow()
  for await (const slab of rowsOf(file, await readHeader(file, format), format)) {
    for (const { cells, problems } of slab)
      if (cells)
        for (const { column, reason } of decoder.decode(cells, decoded, problems)) if (!found.has(column)) found.set(column, reason)
  }
  return found
}

/** Values of an object by their path; lists are passed over. */
function* leaves(value: object, prefix = '', depth = 0): Generator<readonly [string, string | number | boolean | null]> {
  for (const [name, inner] of Object.entries(value)) {
    const path = `${prefix}${name}`
    if (Array.isArray(inner)) continue
    if (typeof inner !== 'object' || inner === null) yield [path, inner as string | number | boolean | null]
    else if (depth < 8) yield* leaves(inner as object, `${path}.`, depth + 1)
  }
}

const TAKEN = ['line', 'prediction', 'probability', 'score', 'timestamp', 'model_version', '__proto__']

/** A name that no other column has, that is no result and that JavaScript leaves in its place. */
function freshName(wanted: string, index: number, names: Set<string>): string {
  const plain = visibleText(wanted)
  const base = TAKEN.includes(plain) || /^\d+$/.test(plain) || plain.trim() === '' ? `column_${index + 1}` : plain
  const name = names.has(base) ? `${base}_${index + 1}` : base
  names.add(name)
  return name
}

/** The likeliest key: unique, and called like one. */
function keyOf(columns: readonly FoundColumn[]): string | undefined {
  const unique = columns.filter((one) => one.unique && one.problem === undefined)
  const named = unique.find(({ name }) => /(^|[_\s])(id|key|number|no)$|[a-z](Id|ID|Key)$|^id/i.test(name))
  return (named ?? unique.find(({ code }) => /column\.(text|integer)/.test(code)))?.name
}

function inputText(file: string, found: Found, key: string | undefined, encoding: Encoding, { header, skip = 0 }: ColumnsOptions): string {
  const { format, delimiter = ',', records, broken, brokenLines, columns } = found
  const candidates = columns.filter(({ unique, problem }) => unique && problem === undefined).map(({ name }) => name)
  const keyText = comment(
    candidates.length === 0
      ? 'no column has a value of its own in every record: so there is no key; records are known by their line'
      : `unique and never blank: ${candidates.slice(0, 5).join(', ')}`,
  )
  const brokenText =
    broken > 0
      ? [
          comment(
            `${broken} records are broken and would be rejected: lines ${brokenLines.join(', ')}${broken > brokenLines.length ? ', …' : ''}`,
          ),
        ]
      : []
  const lines = columns.map(({ name, from, code, evidence, unique, problem }) => {
    if (problem !== undefined) return `    ${comment(`${name}: no column reads all its values: ${problem}`)}`
    const source = from === undefined ? '' : `from: ${text(from)}`
    const whole = source === '' ? code : withOption(code, source)
    const words = [...evidence, ...(unique ? ['unique'] : [])]
    return `    ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)}: ${whole},${words.length > 0 ? ` ${comment(words.join('; '))}` : ''}`
  })
  return [
    comment(`${records} records of ${basename(file)}`),
    ...brokenText,
    ...headerWords(found).map(comment),
    'input: {',
    `  path: ${text(`data/${patternOf(basename(file))}`)},`,
    `  format: ${text(format)},`,
    ...(format === 'csv' && delimiter !== ',' ? [`  delimiter: ${JSON.stringify(delimiter)},`] : []),
    ...(encoding === 'utf-8' ? [] : [`  encoding: ${text(encoding)},`]),
    ...(format === 'jsonl' || header ? [] : ['  header: false,']),
    ...(format === 'csv' && header && skip > 0 ? [`  header: { linesBefore: ${skip} },`] : []),
    key === undefined ? `  ${keyText}` : `  key: ${text(key)}, ${keyText}`,
    '  columns: {',
    ...lines,
    '  },',
    '},',
  ].join('\n')
}

/** What makes one doubt that the first line is the header. */
function headerWords({ names = [] }: Found): readonly string[] {
  const blank = names.filter((name) => name.trim() === '').length
  const numbers = names.filter((name) => /^-?\d+([.,]\d+)?$/.test(name.trim())).length
  const doubled = names.length - blank - new Set(names.filter((name) => name.trim() !== '')).size
  // A title has no numbers, and names that are numbers may be meant; but hardly beside blank or doubled ones.
  if (numbers > 0 && (numbers * 10 >= names.length || blank > 1 || doubled > 0))
    return ['the header has numbers for names: is it a record? --no-header reads it as one']
  return blank > 1 ? [`the header has ${blank} blank names: is it a title? --skip 1 reads the line below it`] : []
}

/** The file's name with its date, if it has one, as a pattern. */
function patternOf(name: string): string {
  const dated = name.replace(/\d{4}-\d{2}-\d{2}/, '{date}').replace(/(?<!\d)20\d{6}(?!\d)/, '{yyyymmdd}')
  return /\{(date|yyyymmdd)\}/.test(dated) ? dated : `{date}/${name}`
}

const withOption = (code: string, option: string): string => {
  if (code.endsWith(' })')) return `${code.slice(0, -3)}, ${option} })`
  return code.endsWith('()') ? `${code.slice(0, -1)}{ ${option} })` : `${code.slice(0, -1)}, { ${option} })`
}

/** A text or number as code. */
const text = (value: string | number): string => JSON.stringify(value).replace(/[\u2028\u2029]/g, '\\u2028')

/** A comment to the end of the line: no value of the file can end it. */
const comment = (words: string): string => `// ${visibleText(words).replace(/[\u2028\u2029]/g, ' ')}`
