import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import type { AnyPipeline } from '../../../definition/pipeline.js'
import { findDuplicates } from '../../../engine/batch/assemble.js'
import { checkContract } from '../../../engine/batch/checkContract.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { formatOf } from '../../../engine/table/format.js'
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

async function checked(content: string, columns: AnyColumns, format: 'csv' | 'jsonl' = 'csv') {
  const file = files.folder.path('in')
  await writeFile(file, content)
  const table = formatOf({ format, columns })
  const header = await readHeader(file, table)
  const { positions } = matchHeader(file, header, columns, table)
  const { partitions } = await planPartitions(file, header, { microBatch: 4, format: table })
  const definition = { input: { columns, key: 'id' } } as unknown as Pick<AnyPipeline, 'input'>
  return await checkContract(definition, { file, date: 0, header, positions, format: table, partitions })
}

test.each<[string, string, AnyColumns['id'], 'csv' | 'jsonl', readonly number[]]>([
  ['a whole number in any spelling', 'id,x\n1,0\n01,0\n+1,0\n1.0,0\n1e0,0\n2,0\n', column.integer(), 'csv', [3, 4, 5, 6]],
  ['a text with spaces that are trimmed', 'id,x\nk1,0\n k1 ,0\n"k1",0\nk2,0\n', column.text({ trim: true }), 'csv', [3, 4]],
  ['a text with spaces that are kept', 'id,x\nk1,0\n k1 ,0\n', column.text(), 'csv', []],
  ['days', 'id,x\n3/2/2026,0\n03/02/2026,0\n', column.date({ format: 'D/M/YYYY' }), 'csv', [3]],
  ['numbers of JSON', '{"id":1,"x":0}\n{"id":1.0,"x":0}\n{"id":10e-1,"x":0}\n{"id":2,"x":0}\n', column.integer(), 'jsonl', [2, 3]],
])('%s is one key', async (_name, content, id, format, lines) => {
  const { duplicates } = await checked(content, { id: id!, x: column.number() }, format)
  expect(duplicates).toMatchObject({ records: lines.length, lines })
})

test('whole numbers are doubled exactly when their values are', async () => {
  const spellings = [(n: number) => `${n}`, (n: number) => `${n}.0`, (n: number) => `"${n}"`, (n: number) => (n < 0 ? `-0${-n}` : `0${n}`)]
  const cells = fc.tuple(fc.integer({ min: -6, max: 6 }), fc.constantFrom(...spellings))
  await fc.assert(
    fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 20 }), async (keys) => {
      const { duplicates } = await checked(`id,x\n${keys.map(([n, spell]) => `${spell(n)},0\n`).join('')}`, {
        id: column.integer(),
        x: column.number(),
      })
      expect(duplicates.records).toBe(keys.length - new Set(keys.map(([n]) => n)).size)
    }),
    { numRuns: 100 },
  )
})

test('counts of columns that are called as all objects have something called are counts', async () => {
  const columns = { id: column.text(), constructor: column.number({ nullable: true }), toString: column.number({ nullable: true }) }
  const { table } = await checked('id,constructor,toString\na,,1\nb,2,\nc,,\n', columns as unknown as AnyColumns)
  expect(Object.entries(table.nullCounts)).toEqual([
    ['id', 0],
    ['constructor', 2],
    ['toString', 2],
  ])
})
