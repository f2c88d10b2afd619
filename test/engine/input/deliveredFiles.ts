/** Files are delivered, made ready to be read, and read as a run would read them. */
import { writeFile } from 'node:fs/promises'
import type { Encoding } from '../../../definition/pipeline.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { type PreparedInput, prepareInput } from '../../../engine/input/prepareInput.js'
import { linePlace, type TableFormat } from '../../../engine/table/format.js'
import { readRows } from '../../../engine/table/readRows.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

export const csv: TableFormat = { kind: 'csv', delimiter: ',' }

/** Call at the top of a test file. */
export function deliveredFiles() {
  const folder = temporaryFolder()
  async function prepared(files: Readonly<Record<string, string | Buffer>>, encoding: Encoding = 'utf-8', format: TableFormat = csv) {
    const paths = Object.keys(files).map((name) => folder.path(name))
    for (const [name, content] of Object.entries(files)) await writeFile(folder.path(name), content)
    return await prepareInput(paths, { format, encoding, folder: folder.path('work') })
  }
  return { folder, prepared }
}

/** Cells and places of everything that a run would read. */
export async function rowsOf({ file, header, set }: PreparedInput, format = csv) {
  const plan = await planPartitions(file, header, { microBatch: 2, targetRecords: 2, format })
  const rows: [unknown, unknown][] = []
  for (const range of plan.partitions) {
    for await (const slab of readRows(file, range, header, format))
      for (const { line, cells, malformed } of slab) rows.push([linePlace(set, line), cells?.join('|') ?? malformed?.rule])
  }
  return rows
}
