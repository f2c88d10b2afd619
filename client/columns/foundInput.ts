/** This is what can be found out about a file: its form, and its columns, each with a name and the evidence for what it is. */
import type { InferredColumn } from '../../engine/input/inferColumns.js'
import type { LinePlace } from '../../engine/protocol/documents/input.js'
import { visibleText } from '../../engine/protocol/text.js'
import type { CsvFormat, Header, TableFormat } from '../../engine/table/format.js'
import { recordsBehind } from '../../engine/table/header.js'
import { readRows } from '../../engine/table/readRows.js'

export interface FoundColumn extends Omit<InferredColumn, 'declared' | 'counting'> {
  readonly name: string
  readonly from?: string | number
  /** It numbers the records of its file, as exports do: no key. */
  readonly rowNumbers?: boolean
  /** Why no column reads all of its values. */
  readonly problem?: string
}

export interface FoundInput {
  readonly format: 'csv' | 'jsonl'
  readonly delimiter?: CsvFormat['delimiter']
  readonly trailingDelimiter?: boolean
  /** As they stand in the first file. */
  readonly names?: readonly string[]
  readonly records: number
  readonly broken: number
  readonly brokenLines: readonly LinePlace[]
  readonly columns: readonly FoundColumn[]
}

/** A file, and a folder for what has to be made of it. */
export interface FileForm {
  readonly path: string
  /** By this name it is told from the others. */
  readonly name: string
  readonly folder: string
}

/** So many lines of broken records are named; who needs more can look for them in the rejects of a run. */
const BROKEN_NAMED = 10

/** Counts the records, and remembers the lines of those that could not be taken apart. */
export class RecordCount {
  private records = 0
  private broken = 0
  private readonly brokenLines: LinePlace[] = []
  private file = ''

  /** @param several files: a line is told with its file */
  constructor(private readonly several = false) {}

  /** Records of this file follow. */
  nextFile(name: string): void {
    this.file = name
  }

  whole(): void {
    this.records += 1
  }

  brokenAt(line: number): void {
    this.records += 1
    this.broken += 1
    if (this.brokenLines.length < BROKEN_NAMED) this.brokenLines.push(this.several ? `${this.file}:${line}` : line)
  }

  get wholeRecords(): number {
    return this.records - this.broken
  }

  get found(): Pick<FoundInput, 'records' | 'broken' | 'brokenLines'> {
    return { records: this.records, broken: this.broken, brokenLines: this.brokenLines }
  }
}

/** Reads all rows of a file. */
export async function* rowsOf(file: string, header: Header, format: TableFormat) {
  yield* readRows(file, await recordsBehind(file, header), header, format)
}

/** A definition has its own meaning for these, and JavaScript for the last. */
const TAKEN = ['line', 'prediction', 'probability', 'score', 'timestamp', 'model_version', '__proto__']

/** Finds a name that no other column has, that is no result and that JavaScript leaves in its place. @param names those given so far */
export function freshName(wanted: string, index: number, names: Set<string>): string {
  const plain = visibleText(wanted)
  const base = TAKEN.includes(plain) || /^\d+$/.test(plain) || plain.trim() === '' ? `column_${index + 1}` : plain
  const name = names.has(base) ? `${base}_${index + 1}` : base
  names.add(name)
  return name
}

/** Names those of several files that do not have a column. */
export function missingWords(files: readonly { readonly name: string }[], having: ReadonlySet<string>): readonly string[] {
  const missing = files.map(({ name }) => name).filter((name) => !having.has(name))
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : ''
  return missing.length > 0 ? [`not in ${missing.slice(0, 3).join(', ')}${more}`] : []
}

/** Finds the columns whose values tell the records apart. */
export const keyCandidates = (columns: readonly FoundColumn[]): readonly FoundColumn[] =>
  columns.filter(({ unique, problem, rowNumbers = false }) => unique && problem === undefined && !rowNumbers)

/** Finds the likeliest key: a column whose values are unique, and best of all one that is called like a key. */
export function likelyKey(columns: readonly FoundColumn[]): string | undefined {
  const unique = keyCandidates(columns)
  const named = unique.find(({ name }) => /(^|[_\s])(id|key|number|no)$|[a-z](Id|ID|Key)$|^id/i.test(name))
  return (named ?? unique.find(({ code }) => /column\.(text|integer)/.test(code)))?.name
}
