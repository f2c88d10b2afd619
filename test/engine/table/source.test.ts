import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import type { TableFormat } from '../../../engine/table/format.js'
import { matchHeader, readHeader, recordsBehind } from '../../../engine/table/header.js'
import { BlockReader } from '../../../engine/table/readBlocks.js'
import { readRows } from '../../../engine/table/readRows.js'
import { openSource, type Source } from '../../../engine/table/source.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format: TableFormat = { kind: 'csv', delimiter: ',' }
const columns = { id: column.text(), x: column.number({ nullable: true }) }

/** The records of a source, by the strict reader and by the fast one. */
async function recordsOf(source: Source) {
  const header = await readHeader(source, format, 'the table')
  const range = await recordsBehind(source, header)
  const { positions } = matchHeader('the table', header, columns, format)
  const rows: unknown[] = []
  for await (const slab of readRows(source, range, header, format)) rows.push(...slab)
  const blocks: unknown[] = []
  const reader = new BlockReader({ header, format, columns, positions, date: 0, capacity: 3 })
  for await (const block of reader.read(source, range))
    for (let record = 0; record < block.count; record += 1)
      blocks.push([block.fields.lines[record], block.rows.get(record), ...block.columns.map((one) => one.value(record))])
  return { header, rows, blocks }
}

test('bytes in memory hold the records that a file of the same bytes holds', async () => {
  const cells = fc.constantFrom('a', '', '1', '-2.5', '"q""x"', '"two\nlines"', 'bro"ken', ' ', 'ü')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cells, cells), { minLength: 1, maxLength: 12 }), async (rows) => {
      const text = `id,x\n${rows.map((row) => row.join(',')).join('\n')}\n`
      const file = folder.path('table.csv')
      await writeFile(file, text)
      expect(await recordsOf({ name: 'a body', bytes: Buffer.from(text) })).toEqual(await recordsOf(file))
    }),
    { numRuns: 60 },
  )
})

test('a source that is shorter than what is asked of it says so, by its name', async () => {
  await writeFile(folder.path('short'), 'abc')
  for (const source of [folder.path('short'), { name: 'the body', bytes: Buffer.from('abc') }]) {
    const opened = await openSource(source)
    await expect(opened.fill(Buffer.alloc(4), 0, 0)).rejects.toMatchObject({ code: 'InputChanged' })
    await expect(opened.fill(Buffer.alloc(4), 0, 0)).rejects.toThrow(typeof source === 'string' ? source : source.name)
    await opened.close()
  }
})

test('part of a buffer is filled from any place of the source', async () => {
  const opened = await openSource({ name: 'x', bytes: Buffer.from('0123456789') })
  const target = Buffer.from('......')
  await opened.fill(target, 2, 5)
  expect(target.toString()).toBe('..5678')
  expect(await opened.size()).toBe(10)
})

test('a file that is not there is told as unreadable', async () => {
  await expect(openSource(folder.path('none.csv'))).rejects.toMatchObject({ code: 'InputUnreadable' })
})
