/** One file is read by both readers: by the fast one, and every record by csv-parse, `JSON.parse` and the decoders of cells. */
import { writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import type { AnyColumns } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { type CellProblem, type CellValue, compileDecoder, type Decoder } from '../../../engine/table/decode.js'
import type { TableFormat } from '../../../engine/table/format.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { type Block, BlockReader } from '../../../engine/table/readBlocks.js'
import { type RawRow, readRows } from '../../../engine/table/readRows.js'

const date = day('2026-03-03')

interface Read {
  readonly line: number
  readonly raw: string
  readonly cells: readonly (string | undefined)[] | undefined
  readonly values?: Readonly<Record<string, CellValue>>
  readonly problems: readonly CellProblem[]
}

/** How many records were read the fast way, and how many refused. */
export const seen = { plain: 0, careful: 0, refused: 0 }

interface Cut {
  readonly capacity: number
  readonly targetRecords: number
  readonly windowBytes?: number
}

/** Records, with the blank cells of each column, by the strict reader and by the fast one. @param file where the content goes */
export async function both(
  file: string,
  content: Buffer,
  columns: AnyColumns,
  format: TableFormat,
  { capacity, targetRecords, windowBytes }: Cut,
) {
  await writeFile(file, content)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, columns, format)
  const plan = await planPartitions(file, header, { microBatch: capacity, targetRecords, format })
  const strictNulls: Record<string, number> = {}
  const fastNulls: Record<string, number> = {}
  const decoder = compileDecoder(columns, positions, date, strictNulls)
  const fastDecoder = compileDecoder(columns, positions, date, fastNulls)
  const [strict, fast]: [Read[], Read[]] = [[], []]
  const options = { header, format, columns, positions, date, capacity, ...(windowBytes === undefined ? {} : { windowBytes }) }
  const reader = new BlockReader(options)
  const read = ({ line, raw, cells, malformed, problems: known }: RawRow, how: Decoder): Read => {
    const values = how.newRow()
    const problems = cells
      ? how.decode(cells, values, known)
      : [{ column: '', rule: malformed!.rule, reason: malformed!.reason, value: '' }]
    return { line, raw, cells, problems, ...(problems.length === 0 ? { values } : {}) }
  }
  let records = 0
  for (const range of plan.partitions) {
    for await (const slab of readRows(file, range, header, format)) strict.push(...slab.map((row) => read(row, decoder)))
    let slot = 0
    for await (const block of reader.read(file, range)) {
      expect([block.first, block.slot]).toEqual([records, slot])
      records += block.count
      slot = (slot + block.count) % capacity
      for (const one of block.columns) fastNulls[one.name]! += one.blanks()
      fast.push(...Array.from({ length: block.count }, (_, record) => fastRead(block, record, (row) => read(row, fastDecoder))))
    }
  }
  expect(plan.partitions.reduce((sum, range) => sum + range.records, 0)).toBe(records)
  return { strict: { rows: strict, nulls: strictNulls }, fast: { rows: fast, nulls: fastNulls } }

  function fastRead({ columns: decoded, rows, fields }: Block, record: number, strictly: (row: RawRow) => Read): Read {
    const row = rows.get(record)
    expect(row !== undefined).toBe(fields.careful[record] === 1)
    const given = () => Object.fromEntries(decoded.map((one) => [one.name, one.value(record)]))
    if (row) {
      const found = strictly(row)
      seen[found.values ? 'careful' : 'refused'] += 1
      if (!found.values) return found
      for (const one of decoded) one.put(record, found.values[one.name]!)
      return { ...found, values: given() }
    }
    seen.plain += 1
    const cells: (string | undefined)[] = new Array(header.names.length).fill('?')
    Object.keys(columns).forEach((name, field) => {
      const at = 2 * (record * fields.wanted + field)
      cells[positions[name]!] = fields.bytes.toString('utf8', fields.bounds[at], fields.bounds[at + 1])
    })
    const raw = fields.bytes.toString('utf8', fields.starts[record], fields.ends[record])
    return { line: fields.lines[record]!, raw, cells, problems: [], values: given() }
  }
}
