import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import type { TableFormat } from '../../../engine/table/format.js'
import { readHeader } from '../../../engine/table/header.js'
import { type RawRow, readRows } from '../../../engine/table/readRows.js'
import { MAX_RECORD_BYTES, scanRecord } from '../../../engine/table/scanRecords.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format: TableFormat = { kind: 'csv', delimiter: ',' }

async function read(content: string | Buffer, options: { microBatch?: number; targetRecords?: number } = {}) {
  const file = folder.path('table.csv')
  await writeFile(file, content)
  const header = await readHeader(file, format)
  const plan = await planPartitions(file, header, { microBatch: 2, ...options, format })
  const rows: RawRow[] = []
  for (const range of plan.partitions) for await (const slab of readRows(file, range, header, format)) rows.push(...slab)
  return { header, plan, rows, file }
}

const cellText = fc.string({ unit: fc.constantFrom('a', 'ß', '日', '"', ',', '\n', ' ', '7', '\t', "'"), maxLength: 6 })
const written = (cell: string) => (/[",\n]/.test(cell) || cell === '' ? `"${cell.replaceAll('"', '""')}"` : cell)

test('any well-formed file is read as csv-parse reads it, in partitions that add up to the file', async () => {
  const tables = fc.record({
    rows: fc.array(fc.tuple(cellText, cellText, cellText), { minLength: 1, maxLength: 30 }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    lastEnd: fc.boolean(),
    microBatch: fc.integer({ min: 1, max: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(tables, async ({ rows, lineEnd, lastEnd, microBatch }) => {
      const lines = rows.map((row) => row.map(written).join(','))
      const content = `a,b,c${lineEnd}${lines.join(lineEnd)}${lastEnd ? lineEnd : ''}`
      const { plan, rows: found, header } = await read(content, { microBatch, targetRecords: microBatch * 2 })
      const expected = parse(content, { record_delimiter: lineEnd, from_line: 2, relax_column_count: true }) as string[][]
      expect(found.map(({ cells }) => cells)).toEqual(expected)
      expect(found.map(({ record }) => record)).toEqual(expected.map((_, index) => index))
      expect(plan.records).toBe(expected.length)
      for (const { records } of plan.partitions.slice(0, -1)) expect(records % microBatch).toBe(0)
      const bytes = Buffer.from(content)
      let at = header.dataOffset
      for (const { offset, bytes: length, sha256 } of plan.partitions) {
        expect(offset).toBe(at)
        expect(sha256).toBe(
          createHash('sha256')
            .update(bytes.subarray(offset, offset + length))
            .digest('hex'),
        )
        at += length
      }
      expect(at).toBe(bytes.length)
      expect(plan.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    }),
    { numRuns: 150 },
  )
})

test('a record is found alike however the bytes before its end arrive', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n'), maxLength: 40 }), (text) => {
      const bytes = Buffer.from(text)
      const whole = scanRecord(bytes, 0, true, 0x2c)
      for (let length = 0; length < bytes.length; length += 1) {
        const early = scanRecord(bytes.subarray(0, length), 0, false, 0x2c)
        if (early) expect(early).toEqual(whole)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a record about as large as one may be is found alike too', { timeout: 60_000 }, () => {
  const edge = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n'), maxLength: 6 })
  fc.assert(
    fc.property(edge, fc.constantFrom('x', 'x\n'), fc.integer({ min: -8, max: 2 }), edge, (before, filler, room, after) => {
      const bytes = Buffer.from(`${before}${filler.repeat((MAX_RECORD_BYTES + room) / filler.length)}${after}`)
      const whole = scanRecord(bytes, 0, true, 0x2c)
      for (let length = MAX_RECORD_BYTES - 4; length < bytes.length; length += 1) {
        const early = scanRecord(bytes.subarray(0, length), 0, false, 0x2c)
        // A line that goes on behind the window is known to be too large; where it ends is seen later.
        if (early?.next === -1) expect(whole).toMatchObject({ lines: 1, malformed: 'size' })
        else if (early) expect(early).toEqual(whole)
      }
    }),
    { numRuns: 60 },
  )
})

test('any text after the header is read in as many rows as were planned, each from its own line', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '""', ',', '\n', '\r', '\r\n', 'ü'), maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(text, async (junk) => {
      const content = `a,b\n1,2\n${junk}`
      const { plan, rows } = await read(content, { microBatch: 1, targetRecords: 2 })
      expect(rows.map(({ record }) => record)).toEqual(Array.from({ length: plan.records }, (_, index) => index))
      const lines = content.split('\n')
      for (const { line, raw } of rows) expect(raw.split('\n')[0]).toBe(lines[line - 1]?.slice(0, raw.split('\n')[0]?.length))
    }),
    { numRuns: 500 },
  )
})

test('a quote that stays open too long costs its line alone, wherever windows and partitions are cut', { timeout: 60_000 }, async () => {
  const plain = `1,${'x'.repeat(997)}\n`
  const open = `1,"${`${'q'.repeat(99_999)}\n`.repeat(16)}"\n`
  const { plan, rows } = await read(`a,b\n${plain.repeat(2800)}${open}5,6\n`, { microBatch: 2, targetRecords: 2600 })
  const count = plan.partitions.map((range) => rows.filter(({ record }) => record >= range.firstRecord).length)
  expect(plan.records).toBe(rows.length)
  expect(count).toEqual(plan.partitions.map(({ firstRecord }) => plan.records - firstRecord))
  expect(rows[2800]).toMatchObject({ line: 2802, raw: `1,"${'q'.repeat(99_999)}`, malformed: { rule: 'quote' } })
  expect(rows.at(-1)).toMatchObject({ line: 2819, cells: ['5', '6'] })
})

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

test('a byte-order mark belongs to no name', async () => {
  expect((await read('\ufeffa,b\n1,2\n')).header.names).toEqual(['a', 'b'])
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

test('a file of very many records has at most five hundred partitions', { timeout: 60_000 }, async () => {
  const { plan } = await read(`a\n${'1\n'.repeat(300_000)}`, { microBatch: 16, targetRecords: 16 })
  expect(plan.partitions.length).toBeLessThanOrEqual(500)
  expect(plan.partitions.reduce((sum, { records }) => sum + records, 0)).toBe(300_000)
})

test('a byte that changes after the plan is noticed before any row is handed on', async () => {
  const { file, plan, header } = await read('a,b\n1,2\n3,4\n')
  const bytes = await readFile(file)
  bytes[bytes.length - 2] = 0x39
  await writeFile(file, bytes)
  let handedOn = 0
  const reading = async () => {
    for await (const slab of readRows(file, plan.partitions[0]!, header, format)) handedOn += slab.length
  }
  await expect(reading()).rejects.toMatchObject({ code: 'InputChanged' })
  await writeFile(file, 'a,b\n1')
  await expect(reading()).rejects.toMatchObject({ code: 'InputChanged' })
  expect(handedOn).toBe(0)
})
