/** Keys are compared by their value, whichever reader reads them. */
import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../definition/columns.js'
import type { AnyPipeline } from '../../../definition/pipeline.js'
import { checkContract } from '../../../engine/batch/checkContract.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { formatOf } from '../../../engine/table/format.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function checked(content: string, columns: AnyColumns, format: 'csv' | 'jsonl' = 'csv') {
  const file = folder.path('in')
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
