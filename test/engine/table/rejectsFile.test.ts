import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { REJECT_COLUMNS, type RejectRow, readRejects, rejectLine } from '../../../engine/table/rejectsFile.js'
import { csvLine, spreadsheetSafe } from '../../../engine/table/writeCsv.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '=', "'", '-', 'ü', '1'), maxLength: 8 })
const row: fc.Arbitrary<RejectRow> = fc.record({
  line: fc.oneof(fc.integer({ min: 1 }).map(String), fc.constant('a.csv:7')),
  key: text,
  column: fc.constantFrom('age', ''),
  rule: fc.constantFrom('null', 'row.quote'),
  reason: text,
  raw: text,
})

async function read(name: string, lines: readonly string[], neutralized = true): Promise<readonly RejectRow[]> {
  await writeFile(folder.path(name), lines.join(''))
  const rows: RejectRow[] = []
  for await (const one of readRejects(folder.path(name), neutralized)) rows.push(one)
  return rows
}

test('rejects come back as they were written: all of them from JSON, place and raw text from a table that spreadsheets may open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      const json = rows.map((one) => rejectLine(one, 'jsonl', (cell) => cell))
      expect(await read('rejects.jsonl', json)).toEqual(rows)
      const table = [csvLine(REJECT_COLUMNS), ...rows.map((one) => rejectLine(one, 'csv', spreadsheetSafe))]
      const back = await read('rejects.csv', table)
      expect(back.map(({ line, rule, column, raw }) => [line, rule, column, raw])).toEqual(
        rows.map(({ line, rule, column, raw }) => [line, rule, column, raw]),
      )
      const asTheyStand = [csvLine(REJECT_COLUMNS), ...rows.map((one) => rejectLine(one, 'csv', (cell) => cell))]
      expect(await read('rejects.csv', asTheyStand, false)).toEqual(rows)
    }),
    { numRuns: 150 },
  )
})

test('a line number is a number in JSON; the place of a set is a text', () => {
  const one = { line: '7', key: '', column: '', rule: 'null', reason: '', raw: '' }
  expect(JSON.parse(rejectLine(one, 'jsonl', (cell) => cell)).line).toBe(7)
  expect(JSON.parse(rejectLine({ ...one, line: 'a.csv:7' }, 'jsonl', (cell) => cell)).line).toBe('a.csv:7')
})

test('a file that is none of ours is refused', async () => {
  await expect(read('rejects.csv', ['a,b\n1,2\n'])).rejects.toThrow('no line or no raw text')
  await expect(read('rejects.jsonl', ['{"line":1}\n'])).rejects.toThrow('no line or no raw text')
})
