/** The columns of a delimited file are found out from all its values. */
import type { Encoding } from '../../definition/pipeline.js'
import { ColumnEvidence } from '../../engine/input/inferColumns.js'
import { prepareInput } from '../../engine/input/prepareInput.js'
import type { CsvFormat } from '../../engine/table/format.js'
import { type FoundColumn, type FoundInput, freshName, RecordCount, rowsOf } from './foundInput.js'

export async function inferTable(path: string, format: CsvFormat, encoding: Encoding, folder: string): Promise<FoundInput> {
  const { file, header } = await prepareInput([path], { format, encoding, folder })
  const evidence = header.names.map(() => new ColumnEvidence())
  const count = new RecordCount()
  for await (const slab of rowsOf(file, header, format)) {
    for (const { cells, line } of slab) {
      if (!cells) count.brokenAt(line)
      else {
        count.whole()
        for (const [index, cell] of cells.entries()) evidence[index]!.add(cell ?? '')
      }
    }
  }
  const hasHeader = format.header !== false
  const names = new Set<string>()
  const columns = evidence.map((one, index) => {
    const { declared: _, ...inferred } = one.infer()
    return {
      ...(hasHeader ? namedColumn(header.names, index, names) : { name: freshName(`column_${index + 1}`, index, names) }),
      ...inferred,
    }
  })
  return { format: 'csv', delimiter: format.delimiter, ...(hasHeader ? { names: header.names } : {}), ...count.found, columns }
}

/** Names a column. `from` says where it is when its name does not: its place, where the header is blank or doubled. */
function namedColumn(header: readonly string[], index: number, names: Set<string>): Pick<FoundColumn, 'name' | 'from'> {
  const written = header[index]!
  const blank = written.trim() === ''
  const doubled = header.indexOf(written) !== header.lastIndexOf(written)
  const name = freshName(blank ? `column_${index + 1}` : written.trim(), index, names)
  if (doubled || blank) return { name, from: index + 1 }
  return name === written ? { name } : { name, from: written }
}
