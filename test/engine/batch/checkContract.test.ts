import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import type { AnyPipeline } from '../../../definition/pipeline.js'
import { findDuplicates } from '../../../engine/batch/assemble.js'
import { checkContract } from '../../../engine/batch/checkContract.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { rows, scoredFiles } from './scoredFiles.js'

const files = scoredFiles()
const format = { kind: 'csv', delimiter: ',' } as const

test('a check counts what a run of the same file counts, and says of each finding what is wrong', async () => {
  const broken: Record<number, string> = {
    3: 'r3,,1',
    5: 'r5,old,1',
    13: 'r13,1',
    15: 'r15,1,"2',
    17: ',1,2',
    5001: 'r5001,old,1',
    7000: 'r1,1,1',
  }
  const content = rows(9000, (index) => broken[index])
  const run = await files.score(content)
  const file = files.folder.path('in.csv')
  await writeFile(file, content)
  const columns = { id: column.text(), x: column.number(), y: column.number() }
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, columns, format)
  const { partitions } = await planPartitions(file, header, { microBatch: 64, targetRecords: 1000, format })
  const input = { columns, key: 'id' } as unknown as AnyPipeline['input']
  const { table, duplicates } = await checkContract({ input }, { file, date: day('2026-03-03'), header, positions, format, partitions })
  const { records, predicted, rejected, invalid, nullCounts, ruleRows, findings } = run.table
  expect(rejected).toBe(6)
  expect({ ...table, findings: table.findings.map(({ reason: _reason, ...found }) => found) }).toMatchObject({
    records,
    predicted,
    rejected,
    invalid,
    nullCounts,
    ruleRows,
    findings,
  })
  expect(table.findings.find(({ rule }) => rule === 'number.invalid')?.reason).toBe('x "old" is not a number')
  expect(duplicates).toEqual(await findDuplicates(files.pool(), run.parts, run.summaries.length))
  expect(duplicates).toEqual({ keys: 1, records: 1, lines: [7002] })
})
