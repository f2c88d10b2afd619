import { mkdir, readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { TableFormat } from '../../../engine/table/format.js'
import { deliveredFiles, rowsOf } from './deliveredFiles.js'

const { folder, prepared } = deliveredFiles()

test('a set becomes one file; each record knows its own file and line', async () => {
  const input = await prepared({
    'p-1.csv': '\ufeffid,x\r\na,1\r\n"b\nb",2',
    'p-2.csv.gz': gzipSync('id,x\n\nc,3\n'),
    'p-3.csv': 'id,x\nbad\nd,4\n',
  })
  expect(await rowsOf(input)).toEqual([
    ['p-1.csv:2', 'a|1'],
    ['p-1.csv:3', 'b\nb|2'],
    ['p-2.csv.gz:3', 'c|3'],
    ['p-3.csv:2', 'fields'],
    ['p-3.csv:3', 'd|4'],
  ])
  expect(input.delivered.map(({ path, bytes }) => [path, bytes])).toEqual([
    [folder.path('p-1.csv'), 21],
    [folder.path('p-2.csv.gz'), expect.any(Number)],
    [folder.path('p-3.csv'), 13],
  ])
})

const BOUNDARY = '1,a\n2,"open'
test.each([BOUNDARY, `${BOUNDARY}\n`, `${BOUNDARY}, ""so""`, `${BOUNDARY}\n7,x\n`, `1,"a"\n2,"`, `1,x"a\n2,"open`])(
  'a file that ends inside quotes, %j, does not run on into the next',
  async (end) => {
    const next = 'id,x\n3,"\n"\n4,b\n5,"c"\n'
    const alone = await rowsOf(await prepared({ 'a.csv': `id,x\n${end}` }))
    const input = await prepared({ 'a.csv': `id,x\n${end}`, 'b.csv': next, 'c.csv': next })
    const others = ['b.csv', 'c.csv'].flatMap((name) => [
      [`${name}:2`, '3|\n'],
      [`${name}:4`, '4|b'],
      [`${name}:5`, '5|c'],
    ])
    expect(alone).toContainEqual([expect.any(Number), 'quote'])
    expect(await rowsOf(input)).toEqual([...alone.map(([line, row]) => [`a.csv:${line}`, row]), ...others])
  },
)

test('files whose quotes are closed are put together as they are', async () => {
  const ends = ['1,"a"', '"1",""', '1,""\n', '1,"a ""b"""\n', 'a"b,1\n', '1,a"']
  for (const end of ends) {
    const { file } = await prepared({ 'a.csv': `id,x\n${end}`, 'b.csv': 'id,x\n3,c\n' })
    expect(await readFile(file, 'utf8')).toBe(`${end.trimEnd()}\n3,c\n`)
  }
})

test('a set of JSON Lines, the last line of a file without its end', async () => {
  const format: TableFormat = { kind: 'jsonl', fields: [{ name: 'id', path: 'id', kind: 'text', nullable: false, blanks: [] }] }
  const input = await prepared({ 'a.jsonl': '{"id":"a"}\n{"id":"b"}', 'b.jsonl': '{"id":"c"}\n' }, 'utf-8', format)
  expect(await rowsOf(input, format)).toEqual([
    ['a.jsonl:1', 'a'],
    ['a.jsonl:2', 'b'],
    ['b.jsonl:1', 'c'],
  ])
})

test('files of a set with different headers are refused, naming the file and both headers', async () => {
  await mkdir(folder.path('work'))
  await expect(prepared({ 'a.csv': 'id,x\na,1\n', 'b.csv': 'x,id\n1,a\n' })).rejects.toMatchObject({
    code: 'ContractBroken',
    problem: expect.objectContaining({ details: ['a.csv: id, x', 'b.csv: x, id'] }),
  })
  await expect(prepared({ 'a.csv': 'id,x\na,1\n', 'b.csv': '<html>' })).rejects.toMatchObject({
    message: expect.stringContaining('b.csv is an HTML page'),
  })
})
