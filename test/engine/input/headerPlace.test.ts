import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../definition/columns.js'
import type { HeaderPlace } from '../../../definition/pipeline.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { checkHeaderPlace, matchColumns } from '../../../engine/input/headerPlace.js'
import { preflight } from '../../../engine/input/preflight.js'
import { type CsvFormat, formatOf } from '../../../engine/table/format.js'
import { readHeader } from '../../../engine/table/header.js'
import { readRows } from '../../../engine/table/readRows.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

/** The rows by column name with their lines, as a run would find them. */
async function read(content: string, columns: AnyColumns, header?: false | HeaderPlace, trailingDelimiter = false) {
  const file = folder.path('in.csv')
  await writeFile(file, content)
  const format = formatOf({ format: 'csv', columns, trailingDelimiter, ...(header === undefined ? {} : { header }) }) as CsvFormat
  await preflight(file, format)
  const found = await readHeader(file, format)
  const plain = { path: file, file, header: found }
  const { positions, unused } = await matchColumns(plain, columns, format, file)
  await checkHeaderPlace(plain, columns, positions, format)
  const plan = await planPartitions(file, found, { microBatch: 10, format })
  const rows: unknown[] = []
  for (const range of plan.partitions) {
    for await (const slab of readRows(file, range, found, format))
      for (const { line, cells } of slab) rows.push([line, ...Object.values(positions).map((position) => cells?.[position] ?? 'rejected')])
  }
  return { rows, unused }
}

const two = { id: column.text(), x: column.number() }

test.each<[string, string, AnyColumns, false | HeaderPlace | undefined, unknown]>([
  [
    'without a header',
    'a,1\nb,2\n',
    two,
    false,
    [
      [1, 'a', '1'],
      [2, 'b', '2'],
    ],
  ],
  ['without a header, behind a byte-order mark', '\ufeffa,1\n', two, false, [[1, 'a', '1']]],
  [
    'by places without a header',
    'z,1,a\nz,2\n',
    { id: column.text({ from: 3 }), x: column.number({ from: 2 }) },
    false,
    [
      [1, 'a', '1'],
      [2, 'rejected', 'rejected'],
    ],
  ],
  [
    'by place among doubled and blank names',
    'x,x,\n1,2,3\n',
    { second: column.number({ from: 2 }), third: column.number({ from: 3 }) },
    undefined,
    [[2, '2', '3']],
  ],
  ['below a title', 'Sales 2026\n\nid,x\na,1\n', two, { linesBefore: 2 }, [[4, 'a', '1']]],
  ['above units', 'id,x\n,EUR\na,1\n', two, { linesAfter: 1 }, [[3, 'a', '1']]],
  ['between both', 'title, with comma\r\nid,x\r\ntext,EUR\r\na,1\r\n', two, { linesBefore: 1, linesAfter: 1 }, [[4, 'a', '1']]],
  ['above units among texts', 'id,name\ncode,text\na,b\n', { id: column.text(), name: column.text() }, { linesAfter: 1 }, [[3, 'a', 'b']]],
  [
    'above a blank line',
    'id,x\n,\na,1\n',
    { id: column.text({ nullable: true }), x: column.number({ nullable: true }) },
    { linesAfter: 1 },
    [[3, 'a', '1']],
  ],
])('rows %s', async (_name, content, columns, header, expected) => {
  expect((await read(content, columns, header)).rows).toEqual(expected)
})

test.each<[string, string, AnyColumns, false | HeaderPlace | undefined, RegExp]>([
  [
    'a place beyond the last',
    'id,x\na,1\n',
    { id: column.text(), y: column.text({ from: 9 }) },
    undefined,
    /column "y" is missing: the file has 2/,
  ],
  ['places in another number than fields', 'a,1,2\n', two, false, /first line has 3 fields, and the definition 2 columns/],
  ['a header that is a record', 'a,1\nb,2\n', two, undefined, /2 columns are missing/],
  ['a second header', 'id,x,y\nID,count,kg\na,1,2\n', { ...two, y: column.integer() }, undefined, /second header in line 2/],
  ['a line of units', 'id,x\n,[EUR]\na,1\n', two, undefined, /second header in line 2/],
  ['a line of types', 'id,x,y\nstring,float64,YYYY-MM-DD\na,1,2026-03-02\n', { ...two, y: column.date() }, undefined, /second header/],
  [
    'a line that describes',
    'customer,top speed\nThe customer,Top speed (in km/h)\na,1\n',
    { customer: column.text(), x: column.number({ from: 'top speed' }) },
    undefined,
    /second header/,
  ],
  ['the header again', 'id,x\nid,x\na,1\n', two, undefined, /second header in line 2/],
  ['a blank first line', '\n\nid,x\na,1\n', two, undefined, /begins with a blank line/],
  [
    'a record where units are passed over',
    'id,x\na,1\nb,2\n',
    two,
    { linesAfter: 1 },
    /has a record in line 2, which input.header passes over/,
  ],
  [
    'a record below units that are passed over',
    't\nid,x\n,EUR\na,1\nb,2\n',
    two,
    { linesBefore: 1, linesAfter: 2 },
    /has a record in line 4/,
  ],
  ['a header where there is none', 'ID,Name\na,b\n', { id: column.text(), name: column.text() }, false, /has a header/],
  ['a header among places', 'z,x,id\n1,2,3\n', { id: column.text({ from: 3 }), x: column.text({ from: 2 }) }, false, /has a header/],
  ['a file shorter than its title', 'id,x\na,1\n', two, { linesBefore: 5 }, /ends before line 6/],
  ['a title above nothing', 'title\n\n\n', two, { linesBefore: 1 }, /only blank lines where its header/],
  ['line ends of CR below a title', 'title\rid,x\ra,1\r', two, { linesBefore: 1 }, /line ends of CR alone/],
  ['a first line of megabytes', `id,${'x'.repeat(6 << 20)}\na,1\n`, two, undefined, /header larger than 1 MiB/],
])('%s is refused', async (_name, content, columns, header, said) => {
  await expect(read(content, columns, header)).rejects.toThrow(said)
})

test('a refusal says which setting to change', async () => {
  await expect(read('\n\nid,x\na,1\n', two)).rejects.toMatchObject({
    problem: { next: 'Take it out, or set input.header to { linesBefore: 2 }.' },
  })
  await expect(read('id,x\nid,x\na,1\n', two)).rejects.toMatchObject({ problem: { next: expect.stringContaining('{ linesAfter: 1 }') } })
  await expect(read('a,1\nb,2\n', two)).rejects.toMatchObject({
    problem: { details: expect.arrayContaining(['the first line looks like a record: without a header set input.header to false']) },
  })
})

test.each(['Sales 2026\n\n', 'sep=,\n', '# one, two\n# "three\n'])('names below %j are found', async (above) => {
  const line = above.split('\n').length
  await expect(read(`${above}id,x\na,1\n`, two)).rejects.toMatchObject({
    code: 'ContractBroken',
    problem: {
      details: expect.arrayContaining([`line ${line} has all the names`]),
      next: `Set input.header to { linesBefore: ${line - 1} }.`,
    },
  })
})

test('without a header nothing is said of one', async () => {
  const columns = { id: column.text({ from: 1 }), x: column.number({ from: 3 }) }
  await expect(read('a,1\nb,2\n', columns, false)).rejects.toMatchObject({
    message: 'column "x" is missing: the first line has 2 fields',
    problem: { details: [] },
  })
})

test('a first row that is only wrong is a rejected row, no second header', async () => {
  expect((await read('id,x\na,n/a\nb,2\n', two)).rows).toHaveLength(2)
  expect((await read('id,x,y\na,n/a,3\nb,2,4\n', { ...two, y: column.number() })).rows).toHaveLength(2)
  for (const bad of ['NaN,NaN', 'n/a,n/a', 'unknown,unknown', 'Infinity,None', 'abc,def', '-,-', ',', '1e999,x'])
    expect((await read(`id,x,y\nc1,${bad}\nb,2,4\n`, { ...two, y: column.number() })).rows, bad).toHaveLength(2)
})

test('a carriage return that ends no line costs its record alone', async () => {
  const { rows } = await read('id,x\na,1\nb\rc,2\nd,3\r\ne,4\r\r\n"f\rg",5\n', two)
  expect(rows).toEqual([
    [2, 'a', '1'],
    [3, 'rejected', 'rejected'],
    [4, 'd', '3'],
    [5, 'rejected', 'rejected'],
    [6, 'f\rg', '5'],
  ])
})

test('lines around the header are told apart from records that end with a delimiter', async () => {
  expect((await read('id,x\na,1,\nb,2,\n', two, undefined, true)).rows).toEqual([
    [2, 'a', '1'],
    [3, 'b', '2'],
  ])
  expect((await read('a,1,\nb,2,\n', two, false, true)).rows).toHaveLength(2)
  for (const again of ['id,x', 'id,x,'])
    await expect(read(`id,x\n${again}\na,1,\n`, two, undefined, true)).rejects.toThrow(/second header in line 2/)
  await expect(read('id,x\na,1,\nb,2,\n', two, { linesAfter: 1 }, true)).rejects.toThrow(/a record in line 2/)
})
