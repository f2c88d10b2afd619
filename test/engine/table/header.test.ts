import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import type { DaybreakError } from '../../../engine/protocol/errors.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

test('all missing and doubled columns are named at once, with what is near', async () => {
  const file = folder.path('table.csv')
  await writeFile(file, 'Customer ID,age,age,\n1,2,3,4\n')
  const header = await readHeader(file, { kind: 'csv', delimiter: ',' })
  const match = () =>
    matchHeader(
      file,
      header,
      { customer_id: column.text(), age: column.number(), income: column.number({ from: 'Income' }) },
      { kind: 'csv', delimiter: ',' },
    )
  expect(match).toThrow(expect.objectContaining({ code: 'ContractBroken' }))
  try {
    match()
  } catch (error) {
    expect((error as DaybreakError).problem.details).toEqual([
      'column "customer_id" is missing; there is "Customer ID"',
      'column "age" stands 2 times, as column 2 and 3; its place as from would choose one',
      'column "Income" is missing',
      'the header has "Customer ID", "age", "age", ""',
    ])
  }
})

test.each([
  ['custmer_id', 'customer_id'],
  ['purchase_histroy', 'purchase_history'],
  [' AGE', 'age'],
])('a column %j is told to somebody who wants %j', async (written, wanted) => {
  await writeFile(folder.path('table.csv'), `x,${written}\n1,2\n`)
  const header = await readHeader(folder.path('table.csv'), { kind: 'csv', delimiter: ',' })
  expect(() => matchHeader('table.csv', header, { [wanted]: column.text() }, { kind: 'csv', delimiter: ',' })).toThrow(
    `column ${JSON.stringify(wanted)} is missing; there is ${JSON.stringify(written)}`,
  )
})

test.each([
  ['a header alone', 'a,b\n', 'has a header but no rows'],
  ['a blank first line', '\na,b\n1,2\n', 'begins with a blank line'],
  ['a broken header', 'a,"b\n1,2\n', 'header that cannot be read'],
])('%s is refused', async (_name, content, said) => {
  await writeFile(folder.path('table.csv'), content)
  await expect(readHeader(folder.path('table.csv'), { kind: 'csv', delimiter: ',' })).rejects.toMatchObject({
    code: 'InputRefused',
    message: expect.stringContaining(said),
  })
})

test('a byte-order mark belongs to no name', async () => {
  await writeFile(folder.path('table.csv'), '\ufeffa,b\n1,2\n')
  const { names } = await readHeader(folder.path('table.csv'), { kind: 'csv', delimiter: ',' })
  expect(names).toEqual(['a', 'b'])
})
