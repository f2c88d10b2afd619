import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readRows } from '../../../engine/table/readRows.js'
import { MAX_RECORD_BYTES } from '../../../engine/table/scanRecords.js'
import { COMMAS, plannedRows } from './plannedRows.js'

const read = plannedRows()

test.each(['1,2\r', '1,"2"\r'])('a last line whose LF is cut off, %j, is a row', async (last) => {
  expect((await read(`a,b\r\n${last}`)).rows.map(({ cells }) => cells)).toEqual([['1', '2']])
})

test.each([
  ['a quote inside a field', '1,a"b,3', 'quote'],
  ['text after a closing quote', '1,"a"b,3', 'quote'],
  ['a quote that never closes', '1,"a,3', 'quote'],
  ['too few fields', '1,2', 'fields'],
  ['too many fields', '1,2,3,4', 'fields'],
])('%s costs its row alone, and the next one is read right', async (_name, bad, rule) => {
  const { rows } = await read(`a,b,c\n1,2,3\n${bad}\n4,5,6\n7,"8\n8",9\n10,11,12\n`)
  expect(rows.map(({ cells }) => cells)).toEqual([['1', '2', '3'], undefined, ['4', '5', '6'], ['7', '8\n8', '9'], ['10', '11', '12']])
  expect(rows[1]).toMatchObject({ line: 3, raw: bad, malformed: { rule } })
  expect(rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 7])
})

test('empty lines are no records, and lines are still counted', async () => {
  const { rows } = await read('a,b\r\n\r\n1,2\r\n\r\n3,4\r\n\r\n')
  expect(rows.map(({ line, cells }) => [line, cells])).toEqual([
    [3, ['1', '2']],
    [5, ['3', '4']],
  ])
})

test('a record that is too large is one malformed row, in a partition held in memory as in one that is not', {
  timeout: 60_000,
}, async () => {
  for (const size of [24 << 20, 65 << 20]) {
    const { rows } = await read(Buffer.concat([Buffer.from('a,b\n1,2\n'), Buffer.alloc(size, 'x'), Buffer.from('\n3,4\n')]), {
      microBatch: 4,
    })
    expect(rows.map(({ cells }) => cells)).toEqual([['1', '2'], undefined, ['3', '4']])
    expect(rows[1]).toMatchObject({ malformed: { rule: 'size' }, raw: 'x'.repeat(200) })
  }
  expect((await read(`a,b\n"${'y'.repeat(MAX_RECORD_BYTES + 10)}",2\n3,4\n`)).rows.map(({ malformed }) => malformed?.rule)).toEqual([
    'size',
    undefined,
  ])
})

test('records that cross the edges of read windows are whole', { timeout: 60_000 }, async () => {
  const row = `${'z'.repeat(300_000)},"q\n${'w'.repeat(300_000)}"`
  const { rows, plan } = await read(`a,b\n${`${row}\n`.repeat(20)}`)
  expect(plan.records).toBe(20)
  expect(rows.every(({ raw }) => raw === row)).toBe(true)
})

test('a byte that changes after the plan is noticed before any row is handed on', async () => {
  const { file, plan, header } = await read('a,b\n1,2\n3,4\n')
  const bytes = await readFile(file)
  bytes[bytes.length - 2] = 0x39
  await writeFile(file, bytes)
  let handedOn = 0
  const reading = async () => {
    for await (const slab of readRows(file, plan.partitions[0]!, header, COMMAS)) handedOn += slab.length
  }
  await expect(reading()).rejects.toMatchObject({ code: 'InputChanged' })
  await writeFile(file, 'a,b\n1')
  await expect(reading()).rejects.toMatchObject({ code: 'InputChanged' })
  expect(handedOn).toBe(0)
})

const TRAILING = { kind: 'csv', delimiter: ',', trailingDelimiter: true } as const

test.each(['1,2,', '1,2, ', '1,"2",""', '1,2,\r'])(
  'with a delimiter at the end of each record %j is a row of two cells',
  async (record) => {
    expect((await read(`a,b\n${record}\n`, { format: TRAILING })).rows).toMatchObject([{ cells: ['1', '2'] }])
    expect((await read(`1,2,\n${record}\n`, { format: { ...TRAILING, header: false } })).rows[1]).toMatchObject({ cells: ['1', '2'] })
  },
)

test.each([
  ['1,2', 'the row has 2 fields, the header 2, and its last one is not blank (trailingDelimiter: true)'],
  ['1,2,3', 'the row has 3 fields, the header 2, and its last one is not blank (trailingDelimiter: true)'],
  ['1,', 'the row has 2 fields, the header 2, and one more, which is blank, behind the last delimiter'],
  ['1,2,,', 'the row has 4 fields, the header 2, and one more, which is blank, behind the last delimiter'],
])('with a delimiter at the end of each record %j is none, and the next one is read', async (record, reason) => {
  const { rows } = await read(`a,b\n${record}\n3,4,\n`, { format: TRAILING })
  expect(rows).toMatchObject([{ cells: undefined, malformed: { rule: 'fields', reason } }, { cells: ['3', '4'] }])
})

test('a header that ends with a delimiter as its records do is refused: nothing is to be passed over', async () => {
  await expect(read('a,b,\n1,2,\n', { format: TRAILING })).rejects.toMatchObject({
    code: 'InputRefused',
    problem: { next: expect.stringContaining('Leave input.trailingDelimiter out') },
  })
})

test('a blank field more than the header has is told with what would read it; any other is not', async () => {
  const { rows } = await read('a,b\n1,2,\n1,2,3\n1\n')
  expect(rows.map(({ malformed }) => malformed?.reason)).toEqual([
    'the row has 3 fields, the header 2 (trailingDelimiter: true would pass over the blank last one)',
    'the row has 3 fields, the header 2',
    'the row has 1 fields, the header 2',
  ])
})
