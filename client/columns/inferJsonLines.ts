/** The fields of files with a JSON object on each line are found out from all their values; those of objects within them by their path. */
import type { AnyColumns, Column } from '../../definition/columns.js'
import type { Encoding } from '../../definition/pipeline.js'
import type { ValueKind } from '../../engine/input/columnCandidates.js'
import { ColumnEvidence, provenBy } from '../../engine/input/inferColumns.js'
import { prepareInput } from '../../engine/input/prepareInput.js'
import { compileDecoder } from '../../engine/table/decode.js'
import { formatOf, type TableFormat } from '../../engine/table/format.js'
import { readHeader } from '../../engine/table/header.js'
import { type FileForm, type FoundInput, freshName, missingWords, RecordCount, rowsOf } from './foundInput.js'

/** No more fields are looked at: a file with more has values for names. */
const MOST_FIELDS = 10_000
/** Objects within objects are looked into so far: nobody names a column after a longer path. */
const DEEPEST = 8

interface Field {
  readonly evidence: ColumnEvidence
  /** Types of its values, as JavaScript calls them. */
  readonly kinds: Set<string>
  /** Records that have it. */
  seen: number
  /** Names of the files that have it. */
  readonly files: Set<string>
}

/** @param files of JSON Lines, at least one */
export async function inferJsonLines(files: readonly FileForm[], encoding: Encoding): Promise<FoundInput> {
  const format: TableFormat = { kind: 'jsonl', fields: [] }
  const fields = new Map<string, Field>()
  const count = new RecordCount(files.length > 1)
  const texts: string[] = []
  for (const { path, name, folder } of files) {
    const { file, header } = await prepareInput([path], { format, encoding, folder })
    texts.push(file)
    count.nextFile(name)
    for (const { evidence } of fields.values()) evidence.nextFile()
    for await (const slab of rowsOf(file, header, format)) {
      for (const { cells, raw, line } of slab) {
        if (!cells) count.brokenAt(line)
        else {
          count.whole()
          for (const [field, value] of leavesOf(JSON.parse(raw) as object)) addValue(fields, field, value, name)
        }
      }
    }
  }
  const { columns, declarations } = columnsOf(fields, count.wholeRecords, files)
  const problems = await problemsOf(texts, declarations)
  const readable = columns.map((one) => ({ ...one, ...(problems.has(one.name) ? { problem: problems.get(one.name)! } : {}) }))
  return { format: 'jsonl', ...count.found, columns: readable }
}

function addValue(fields: Map<string, Field>, path: string, value: Leaf, file: string): void {
  const field = fields.get(path) ?? newField()
  if (!fields.has(path) && fields.size < MOST_FIELDS) fields.set(path, field)
  field.seen += 1
  field.files.add(file)
  if (value !== null) field.kinds.add(typeof value)
  field.evidence.add(value === null ? '' : String(value), VALUE_KINDS[typeof value as keyof typeof VALUE_KINDS])
}

function newField(): Field {
  const evidence = new ColumnEvidence()
  evidence.nextFile()
  return { evidence, seen: 0, kinds: new Set(), files: new Set() }
}

/** By the names of JavaScript; of a null nothing is read. */
const VALUE_KINDS: Readonly<Record<'string' | 'number' | 'boolean' | 'object', ValueKind>> = {
  string: 'text',
  number: 'number',
  boolean: 'boolean',
  object: 'text',
}

/** Makes each field a column, called by the last word of its path where no other ends so. A record without the field counts as blank. */
function columnsOf(fields: ReadonlyMap<string, Field>, records: number, files: readonly FileForm[]) {
  const lastWord = (path: string) => path.slice(path.lastIndexOf('.') + 1)
  const names = new Set<string>()
  const proven = provenBy([...fields.values()].map(({ evidence }) => evidence))
  const declarations: Record<string, Column<unknown>> = {}
  const columns = [...fields].map(([path, { evidence, seen, kinds, files: having }], index) => {
    for (let missing = seen; missing < records; missing += 1) evidence.add('')
    const alone = [...fields.keys()].filter((other) => lastWord(other) === lastWord(path)).length === 1
    const name = freshName(alone ? lastWord(path) : path.replaceAll('.', '_'), index, names)
    const { declared, counting: _, ...inferred } = evidence.infer(lastWord(path), proven)
    declarations[name] = { ...declared, from: path }
    const mixed = kinds.size > 1 ? [`values of several types: ${[...kinds].sort().join(', ')}`] : []
    const words = [...inferred.evidence, ...mixed, ...missingWords(files, having)]
    return { name, ...(name === path ? {} : { from: path }), ...inferred, evidence: words }
  })
  return { columns, declarations }
}

/** Says by column why it does not read some of its own values: types of JSON may be mixed as no column takes them. */
async function problemsOf(files: readonly string[], declarations: AnyColumns): Promise<ReadonlyMap<string, string>> {
  const format = formatOf({ format: 'jsonl', columns: declarations })
  const positions = Object.fromEntries(Object.keys(declarations).map((name, index) => [name, index]))
  const decoder = compileDecoder(declarations, positions, Number.POSITIVE_INFINITY, {})
  const found = new Map<string, string>()
  const decoded = decoder.newRow()
  for (const file of files) {
    for await (const slab of rowsOf(file, await readHeader(file, format), format)) {
      for (const { cells, problems } of slab)
        if (cells)
          for (const { column, reason } of decoder.decode(cells, decoded, problems)) if (!found.has(column)) found.set(column, reason)
    }
  }
  return found
}

type Leaf = string | number | boolean | null

/** Gives the values of an object by their path; lists are passed over, because no column reads one. */
function* leavesOf(value: object, prefix = '', depth = 0): Generator<readonly [string, Leaf]> {
  for (const [name, inner] of Object.entries(value)) {
    const path = `${prefix}${name}`
    if (Array.isArray(inner)) continue
    if (typeof inner !== 'object' || inner === null) yield [path, inner as Leaf]
    else if (depth < DEEPEST) yield* leavesOf(inner as object, `${path}.`, depth + 1)
  }
}
