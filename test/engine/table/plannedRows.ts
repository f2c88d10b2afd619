/** A table is read as a run reads it: planned in partitions, then row by row. */
import { writeFile } from 'node:fs/promises'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import type { TableFormat } from '../../../engine/table/format.js'
import { readHeader } from '../../../engine/table/header.js'
import { type RawRow, readRows } from '../../../engine/table/readRows.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

export const COMMAS: TableFormat = { kind: 'csv', delimiter: ',' }

interface ReadOptions {
  readonly format?: TableFormat
  readonly microBatch?: number
  readonly targetRecords?: number
}

/** Call at the top of a test file. */
export function plannedRows() {
  const folder = temporaryFolder()
  return async function read(content: string | Buffer, { format = COMMAS, ...options }: ReadOptions = {}) {
    const file = folder.path('table.csv')
    await writeFile(file, content)
    const header = await readHeader(file, format)
    const plan = await planPartitions(file, header, { microBatch: 2, ...options, format })
    const rows: RawRow[] = []
    for (const range of plan.partitions) for await (const slab of readRows(file, range, header, format)) rows.push(...slab)
    return { header, plan, rows, file }
  }
}
