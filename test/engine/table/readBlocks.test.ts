/**
 * The fast way of tables is held against the strict one, which has the word: they must agree on every record, line, cell, value, blank and
 * refusal, wherever partitions, blocks and windows end.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../definition/columns.js'
import { formatDay } from '../../../definition/dates.js'
import type { CsvFormat } from '../../../engine/table/format.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { both, seen } from './fastAndStrict.js'

const folder = temporaryFolder()
const COMMAS: CsvFormat = { kind: 'csv', delimiter: ',' }

const columns: AnyColumns = {
  id: column.text({ maxLength: 6 }),
  x: column.number({ min: -5, max: 1000, nullable: true, nullValues: ['-1', '?'] }),
  n: column.integer({ max: 50 }),
  d: column.date({ max: 'data-date', nullable: true }),
  f: column.date({ format: 'DD.MM.YYYY', min: '2000-01-01', nullable: true, nullValues: ['00.00.0000'] }),
  b: column.boolean({ true: ['ja', '1'], false: ['nein', '0'] }),
  c: column.category(['a', 'bb', 'ü', ' p'], { nullable: true, nullValues: ['bb'] }),
  t: column.text({ nullable: true, trim: true, nullValues: ['NA'] }),
}
const cellOf: Readonly<Record<string, fc.Arbitrary<string>>> = {
  id: fc.constantFrom('k', 'k1', 'ü日', 'toolong', 'ütoolo', '', ' ', ' k', '\u00a0', '"q"', '"a,b"', '"a""b"', '"a\nb"', 'a"b', '😀'),
  x: fc.constantFrom(
    '1',
    '-1',
    '+2.50',
    '0.1',
    '1e3',
    '1001',
    '-5',
    '-5.0000001',
    '',
    '?',
    '12345678901234567890',
    '0.30000000000000004',
    '.5',
    '5.',
    '--1',
    '1.2.3',
    ' 1',
    '"7"',
    'NaN',
    '00012',
    '-0',
  ),
  n: fc.constantFrom('1', '50', '51', '3.0', '3.5', '', '-9007199254740992', '007', '1e1', '+4'),
  d: fc.constantFrom(
    '2026-03-03',
    '2026-03-04',
    '2024-02-29',
    '2023-02-29',
    '0001-01-01',
    '0000-01-01',
    '',
    '2026-3-3',
    '2026/03/03',
    '2026-13-01',
    '"2026-01-01"',
  ),
  f: fc.constantFrom('01.01.2000', '31.12.1999', '29.02.2024', '29.02.2100', '00.00.0000', '', '1.1.2000', '01-01-2000', '31.04.2020'),
  b: fc.constantFrom('ja', 'nein', '1', '0', 'JA', '', 'ja ', '"ja"'),
  c: fc.constantFrom('a', 'bb', 'ü', ' p', 'b', '', 'A', '"a"', 'ab'),
  t: fc.constantFrom('', 'NA', ' NA ', 'x', ' x', 'x\u00a0', 'é', '"x, y"', '\t', 'x y'),
}
const names = Object.keys(columns)
const rowCells = fc.tuple(...names.map((name) => cellOf[name]!))
const likely: Readonly<Record<string, string>> = { id: 'k', x: '1.5', n: '7', d: '2026-01-31', f: '28.02.2023', b: 'ja', c: 'a', t: 'text' }
/** Mostly good cells, so that most records are plain. */
const row = fc
  .tuple(rowCells, fc.array(fc.nat(names.length - 1), { maxLength: 2 }))
  .map(([odd, which]) => names.map((name, index) => (which.includes(index) ? odd[index]! : likely[name]!)))

test('generated files: every record, line, cell, value and refusal', async () => {
  const tables = fc.record({
    rows: fc.array(
      fc.oneof({ weight: 8, arbitrary: row }, { weight: 1, arbitrary: fc.array(fc.constantFrom('1', '', '"', 'x'), { maxLength: 10 }) }),
      { minLength: 1, maxLength: 25 },
    ),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    ends: fc.array(fc.constantFrom('\n', '\n', '\r\n', '\n\n', '\r\r\n', '\r'), { minLength: 26, maxLength: 26 }),
    last: fc.boolean(),
    capacity: fc.integer({ min: 1, max: 6 }),
    targetRecords: fc.integer({ min: 1, max: 12 }),
    window: fc.integer({ min: 0, max: 300 }),
  })
  await fc.assert(
    fc.asyncProperty(tables, async ({ rows, delimiter, ends, last, capacity, targetRecords, window }) => {
      const mark = delimiter as CsvFormat['delimiter']
      const lines = rows.map((cells) => cells.map((cell) => (cell.startsWith('"') ? cell.replaceAll(',', mark) : cell)).join(mark))
      const text = `${names.join(mark)}\n${lines.map((line, index) => `${line}${index === lines.length - 1 && !last ? '' : ends[index]}`).join('')}`
      fc.pre(lines.join('').trim() !== '')
      // A window holds any record; an open quote may make one of all that follows.
      const longest = text.includes('"') ? Buffer.byteLength(text) : Math.max(...text.split('\n').map((line) => Buffer.byteLength(line)))
      const cut = { capacity, targetRecords, windowBytes: longest + 4 + window }
      const { strict, fast } = await both(folder.path('in.csv'), Buffer.from(text), columns, { kind: 'csv', delimiter: mark }, cut)
      expect(fast).toEqual(strict)
    }),
    { numRuns: 1200 },
  )
  expect(Math.min(seen.plain, seen.careful, seen.refused)).toBeGreaterThan(400)
}, 120_000)

test('generated files with a delimiter at the end of their records: every record, line, cell, value and refusal', async () => {
  const behind = fc.constantFrom(',', ',', ',', ',', ',', '', ',x', ', ', ',""', ',,', ',"', ',\r')
  const tables = fc.record({
    rows: fc.array(fc.tuple(row, behind), { minLength: 1, maxLength: 25 }),
    ends: fc.array(fc.constantFrom('\n', '\n', '\r\n', '\n\n'), { minLength: 26, maxLength: 26 }),
    last: fc.boolean(),
    header: fc.constantFrom(undefined, false as const),
    capacity: fc.integer({ min: 1, max: 6 }),
    targetRecords: fc.integer({ min: 1, max: 12 }),
    window: fc.integer({ min: 0, max: 300 }),
  })
  const [plain, refused] = [seen.plain, seen.refused]
  await fc.assert(
    fc.asyncProperty(tables, async ({ rows, ends, last, header, capacity, targetRecords, window }) => {
      const lines = rows.map(([cells, more]) => `${cells.join(',')}${more}`)
      const first = header === false ? `${names.map((name) => likely[name]).join(',')},` : names.join(',')
      const text = `${first}\n${lines.map((line, index) => `${line}${index === lines.length - 1 && !last ? '' : ends[index]}`).join('')}`
      const cut = { capacity, targetRecords, windowBytes: Buffer.byteLength(text) + 4 + window }
      const format: CsvFormat = { ...COMMAS, trailingDelimiter: true, ...(header === false ? { header } : {}) }
      const { strict, fast } = await both(folder.path('in.csv'), Buffer.from(text), columns, format, cut)
      expect(fast).toEqual(strict)
    }),
    { numRuns: 800 },
  )
  expect(Math.min(seen.plain - plain, seen.refused - refused)).toBeGreaterThan(400)
}, 120_000)

test('mutated files: bytes put in, taken out, changed', async () => {
  const good = `id,x,n,d,f,b,c,t\r\n${Array.from({ length: 12 }, (_, index) => `k${index},${index}.25,${index},2026-01-${10 + index},${10 + index}.02.2023,ja,a,"x ""y"" ${index}"`).join('\r\n')}\r\n`
  const change = fc.tuple(
    fc.double({ min: 0, max: 0.9999, noNaN: true }),
    fc.nat(2),
    fc.constantFrom(10, 13, 34, 44, 32, 48, 46, 45, 65, 59),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 5 }), async (changes, capacity) => {
      const [head, ...rest] = good.split('\r\n')
      let bytes = Buffer.from(rest.join('\r\n'))
      for (const [where, what, byte] of changes) {
        const at = Math.floor(where * bytes.length)
        bytes = Buffer.concat([bytes.subarray(0, at), ...(what < 2 ? [Buffer.from([byte])] : []), bytes.subarray(what === 0 ? at : at + 1)])
      }
      const content = Buffer.concat([Buffer.from(`${head}\n`), bytes])
      const { strict, fast } = await both(folder.path('in.csv'), content, columns, COMMAS, { capacity, targetRecords: capacity })
      expect(fast).toEqual(strict)
    }),
    { numRuns: 1500 },
  )
}, 120_000)

test('windows that end anywhere: in quotes, between CR and LF, inside a character, in a line that is too large', async () => {
  const rows: string[] = ['id,t']
  // Records of many lengths, so that the ends of windows of 4 MiB fall on other places each time.
  for (let index = 0; rows.length < 60_000; index += 1) {
    const filler = '日本語'.repeat(index % 29)
    rows.push(index % 7 === 0 ? `k${index},"${filler}\r\n""${index}"""` : `k${index},x${filler}`)
  }
  rows.splice(20_000, 0, `big,${'y'.repeat((1 << 20) + 5)}`, `quoted,"${'z,\n'.repeat(1 << 18)}`, `huge,${'w'.repeat(9 << 20)}`)
  // More empty lines than a window holds.
  rows.push('\n'.repeat(10 << 20), 'after,1')
  for (const end of ['\n', '\r\n']) {
    const { id, t } = columns as { id: AnyColumns[string]; t: AnyColumns[string] }
    const content = Buffer.from(rows.join(end))
    const cut = { capacity: 4096, targetRecords: 30_000 }
    const { strict, fast } = await both(folder.path('in.csv'), content, { id, t }, COMMAS, cut)
    expect(fast.nulls).toEqual(strict.nulls)
    expect(fast.rows.length).toBe(strict.rows.length)
    for (const [index, row] of strict.rows.entries()) if (!isDeepStrictEqual(fast.rows[index], row)) expect(fast.rows[index]).toEqual(row)
  }
}, 120_000)

test('the day of an instant in a zone is the same both ways', async () => {
  const zoned = { z: column.date({ format: 'YYYY-MM-DD HHXX', timeZone: 'Asia/Tokyo', nullable: true, nullValues: ['1970-01-01 00Z'] }) }
  const cells = ['2026-03-02 20Z', '2026-03-02 20+0900', '2026-03-02 20', '1970-01-01 00Z', '""', '2026-03-02 23-1200']
  const cut = { capacity: 2, targetRecords: 4 }
  const { strict, fast } = await both(folder.path('in.csv'), Buffer.from(`z\n${cells.join('\n')}\n`), zoned, COMMAS, cut)
  expect(fast).toEqual(strict)
  const days = strict.rows.map(({ values }) => values && (values.z === null ? null : formatDay(Number(values.z))))
  expect(days).toEqual(['2026-03-03', '2026-03-02', undefined, null, null, '2026-03-03'])
})
