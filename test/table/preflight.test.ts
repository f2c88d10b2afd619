import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { column } from '../../definition/columns.js'
import type { DaybreakError } from '../../definition/errors.js'
import { matchHeader, readHeader } from '../../table/header.js'
import { preflight } from '../../table/preflight.js'
import { temporaryFolder } from '../temporaryFolder.js'

const folder = temporaryFolder()

async function refusal(content: string | Buffer): Promise<DaybreakError> {
  const file = folder.path('table.csv')
  await writeFile(file, content)
  return await preflight(file, { delimiter: ',' }).then(
    () => {
      throw new Error('it was not refused')
    },
    (error: DaybreakError) => error,
  )
}

test.each([
  ['nothing', '', 'is empty'],
  ['an HTML page', '\n <!DOCTYPE html><p>', 'is an HTML page'],
  ['a workbook', Buffer.from('504b030414', 'hex'), 'zip archive or an Excel workbook'],
  ['gzip', gzipSync('a,b\n1,2\n'), 'is compressed with gzip'],
  ['Parquet', 'PAR1xxxx', 'is a Parquet file'],
  ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), 'is in UTF-16'],
  ['an address', 'https://example.com/file.csv\n', 'is only a web address'],
  ['old Mac line ends', 'a,b\r1,2\r', 'line ends of CR alone'],
  ['doubled CR', 'a,b\r\r\n1,2\r\r\n', 'line ends CR CR LF'],
  ['semicolons', 'a;b;c\n1;2;3\n', 'without a single comma, but with 2 of semicolon'],
])('%s is refused by name', async (_name, content, said) => {
  const error = await refusal(content)
  expect(error.code).toBe('InputRefused')
  expect(error.message).toContain(said)
})

test('a byte that is no UTF-8 is found with line and byte, also behind characters of several bytes and window edges', async () => {
  const head = `a,b\n${'ü,日\n'.repeat(900_000)}`
  const error = await refusal(Buffer.concat([Buffer.from(`${head}x`), Buffer.from([0xb0]), Buffer.from(',2\n')]))
  expect(error.message).toContain(`byte 0xB0 at line 900002, byte 2 of the line (byte ${Buffer.byteLength(head) + 1} of the file)`)
  expect((await refusal(Buffer.from('a,b\n1,\u00002\n'))).message).toContain('holds a NUL byte at line 2, byte 3')
})

test('characters of several bytes across window edges are fine', async () => {
  for (const shift of ['', 'x', 'xx', 'xxx']) {
    await writeFile(folder.path('ok.csv'), `a,b${shift}\n${'日本,語\n'.repeat(600_000)}`)
    await expect(preflight(folder.path('ok.csv'), { delimiter: ',' })).resolves.toBeUndefined()
  }
})

test('all missing and doubled columns are named at once, with what is near', async () => {
  const file = folder.path('table.csv')
  await writeFile(file, 'Customer ID,age,age,\n1,2,3,4\n')
  const header = await readHeader(file, { delimiter: ',' })
  const match = () =>
    matchHeader(file, header, { customer_id: column.text(), age: column.number(), income: column.number({ from: 'Income' }) })
  expect(match).toThrow(expect.objectContaining({ code: 'ContractBroken' }))
  try {
    match()
  } catch (error) {
    expect((error as DaybreakError).problem.details).toEqual([
      'column "customer_id" is missing; there is "Customer ID"',
      'column "age" stands 2 times, as column 2 and 3',
      'column "Income" is missing',
      'the header has "Customer ID", "age", "age", ""',
    ])
  }
})

test.each([
  ['a header alone', 'a,b\n', 'has a header but no rows'],
  ['a blank first line', '\na,b\n1,2\n', 'begins with a blank line'],
  ['a broken header', 'a,"b\n1,2\n', 'header that cannot be read'],
])('%s is refused', async (_name, content, said) => {
  await writeFile(folder.path('table.csv'), content)
  await expect(readHeader(folder.path('table.csv'), { delimiter: ',' })).rejects.toMatchObject({
    code: 'InputRefused',
    message: expect.stringContaining(said),
  })
})
