/** The columns of delimited files are found out from all their values. */
import type { Encoding } from '../../definition/pipeline.js'
import { ColumnEvidence, provenBy } from '../../engine/input/inferColumns.js'
import { prepareInput } from '../../engine/input/prepareInput.js'
import type { CsvFormat, Header } from '../../engine/table/format.js'
import { type FileForm, type FoundColumn, type FoundInput, freshName, missingWords, RecordCount, rowsOf } from './foundInput.js'

interface TableColumn {
  readonly evidence: ColumnEvidence
  /** As it stands in the header, its place among those of the same name, and its place in the first file that has it. */
  readonly written: string
  readonly place: number
  /** Names of the files that have it. */
  readonly files: Set<string>
}

/** @param files of the same delimiter, at least one */
export async function inferTable(files: readonly FileForm[], given: CsvFormat, encoding: Encoding): Promise<FoundInput> {
  const columns = new Map<string, TableColumn>()
  const count = new RecordCount(files.length > 1)
  let names: readonly string[] | undefined
  let format = given
  for (const { path, name, folder } of files) {
    const { file, header } = await prepareInput([path], { format, encoding, folder })
    if (names === undefined && (await endsWithDelimiter(file, header, format))) format = { ...format, trailingDelimiter: true }
    names ??= header.names
    const own = columnsOf(header, name, columns)
    count.nextFile(name)
    for await (const slab of rowsOf(file, header, format)) {
      for (const { cells, line } of slab) {
        if (!cells) count.brokenAt(line)
        else {
          count.whole()
          for (const [index, cell] of cells.entries()) own[index]!.add(cell ?? '')
        }
      }
    }
  }
  const hasHeader = format.header !== false
  return {
    format: 'csv',
    delimiter: format.delimiter,
    ...(format.trailingDelimiter ? { trailingDelimiter: true } : {}),
    ...(hasHeader ? { names: names ?? [] } : {}),
    ...count.found,
    columns: inferred([...columns.values()], files, hasHeader),
  }
}

/** Finds the evidence for each column of a file; a column that no file before it has is a new one. Doubled names are told by their order. */
function columnsOf({ names }: Header, file: string, columns: Map<string, TableColumn>): readonly ColumnEvidence[] {
  const times = new Map<string, number>()
  return names.map((written, place) => {
    const time = (times.get(written) ?? 0) + 1
    times.set(written, time)
    const key = JSON.stringify([written, time])
    const column = columns.get(key) ?? { evidence: new ColumnEvidence(), written, place, files: new Set() }
    columns.set(key, column)
    column.files.add(file)
    column.evidence.nextFile()
    return column.evidence
  })
}

function inferred(columns: readonly TableColumn[], files: readonly FileForm[], hasHeader: boolean): readonly FoundColumn[] {
  const proven = provenBy(columns.map(({ evidence }) => evidence))
  const all = columns.map(({ written }) => written)
  const names = new Set<string>()
  return columns.map(({ evidence, written, place, files: having }, index) => {
    const name = hasHeader ? namedColumn(written, place, index, all, names) : { name: freshName(`column_${index + 1}`, index, names) }
    const { declared: _, counting, ...found } = evidence.infer(hasHeader ? written : '', proven)
    const rowNumbers = hasHeader && isRowNumbers(written.trim(), found, counting)
    const words = [...found.evidence, ...(rowNumbers ? ['numbers the records of a file: no key'] : []), ...missingWords(files, having)]
    return { ...name, ...found, evidence: words, ...(rowNumbers ? { rowNumbers } : {}) }
  })
}

/** Exports call the column that counts their rows so. Pandas and R leave it without a name, and keep the numbers when rows are taken out. */
const UNNAMED = /^(?:unnamed: ?\d+(?:\.\d+)?)?$/i
const COUNTERS = /^(?:x|#|(?:df_?)?index|idx|level_0|row(?:[_ .]?(?:number|num|nr|no|id|index|names?))?|rn)$/i

function isRowNumbers(written: string, { code, unique }: { code: string; unique: boolean }, counting: boolean): boolean {
  return (UNNAMED.test(written) && unique && code.startsWith('column.integer(')) || (counting && COUNTERS.test(written))
}

/** Names a column. `from` says where it is when its name does not: its place, where the header is blank or doubled. */
function namedColumn(
  written: string,
  place: number,
  index: number,
  all: readonly string[],
  names: Set<string>,
): Pick<FoundColumn, 'name' | 'from'> {
  const blank = written.trim() === ''
  const doubled = all.indexOf(written) !== all.lastIndexOf(written)
  const name = freshName(blank ? `column_${place + 1}` : written.trim(), index, names)
  if (doubled || blank) return { name, from: place + 1 }
  return name === written ? { name } : { name, from: written }
}

/** Says whether the records end with a delimiter and the header does not, by the first records, most of which must be so. */
async function endsWithDelimiter(file: string, header: Header, format: CsvFormat): Promise<boolean> {
  if (format.header === false) return false
  const wholeRecords = async (tried: CsvFormat) => {
    for await (const slab of rowsOf(file, header, tried)) return slab.filter(({ cells }) => cells !== undefined).length
    return 0
  }
  const asIs = await wholeRecords(format)
  return (await wholeRecords({ ...format, trailingDelimiter: true })) > asIs
}
