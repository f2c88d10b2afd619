import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readCsvFile } from '../../../engine/table/readCsvFile.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function rowsOf(file: string) {
  const rows: unknown[] = []
  for await (const row of readCsvFile(file, { columns: true })) rows.push(row)
  return rows
}

test('rows come in order', async () => {
  await writeFile(folder.path('x.csv'), 'a,b\n1,"two\nlines"\n3,4\n')
  expect(await rowsOf(folder.path('x.csv'))).toEqual([
    { a: '1', b: 'two\nlines' },
    { a: '3', b: '4' },
  ])
})

test('a file that is not there, and one that is no CSV, are errors for whoever reads', async () => {
  await expect(rowsOf(folder.path('none.csv'))).rejects.toMatchObject({ code: 'ENOENT' })
  await writeFile(folder.path('broken.csv'), 'a,b\n1,"2\n')
  await expect(rowsOf(folder.path('broken.csv'))).rejects.toMatchObject({ code: 'CSV_QUOTE_NOT_CLOSED' })
})
