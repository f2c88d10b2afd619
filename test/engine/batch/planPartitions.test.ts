import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plannedRows } from '../table/plannedRows.js'

const read = plannedRows()

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

test('a file of very many records has at most five hundred partitions', { timeout: 60_000 }, async () => {
  const { plan } = await read(`a\n${'1\n'.repeat(300_000)}`, { microBatch: 16, targetRecords: 16 })
  expect(plan.partitions.length).toBeLessThanOrEqual(500)
  expect(plan.partitions.reduce((sum, { records }) => sum + records, 0)).toBe(300_000)
})
