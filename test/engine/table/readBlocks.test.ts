/**
 * The fast way against the strict one: plain records by byte and by column, against csv-parse and the decoders of cells. They must agree on
 * every record, line, cell, value, blank and refusal, wherever partitions, blocks and windows end.
 */
import { isUtf8 } from 'node:buffer'
import { writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../definition/columns.js'
import { compileDateFormat } from '../../../definition/dateFormat.js'
import { day } from '../../../definition/dates.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { type CellProblem, type CellValue, compileDecoder, type Decoder } from '../../../engine/table/decode.js'
import { columnBytes, fastColumns } from '../../../engine/table/fast/fastColumns.js'
import { FastFields } from '../../../engine/table/fast/fastFields.js'
import { FastLines, lineBytes } from '../../../engine/table/fast/fastLines.js'
import { type CsvFormat, formatOf, type TableFormat } from '../../../engine/table/format.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { float32Text } from '../../../engine/table/numberText.js'
import { type Block, BlockReader } from '../../../engine/table/readBlocks.js'
import { type RawRow, readRows } from '../../../engine/table/readRows.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const date = day('2026-03-03')
const COMMAS: CsvFormat = { kind: 'csv', delimiter: ',' }
const SEMICOLONS: CsvFormat = { kind: 'csv', delimiter: ';' }

interface Read {
  readonly line: number
  readonly raw: string
  readonly cells: readonly (string | undefined)[] | undefined
  readonly values?: Readonly<Record<string, CellValue>>
  readonly problems: readonly CellProblem[]
}

/** How many records of a run were read the fast way, and how many refused. */
const seen = { plain: 0, careful: 0, refused: 0 }

interface Cut {
  readonly capacity: number
  readonly targetRecords: number
  readonly windowBytes?: number
}

/** Records, with the blank cells of each column, by the strict reader and by the fast one. */
async function both(content: Buffer, columns: AnyColumns, format: TableFormat, { capacity, targetRecords, windowBytes }: Cut) {
  const file = folder.path('in.csv')
  await writeFile(file, content)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, columns, format)
  const plan = await planPartitions(file, header, { microBatch: capacity, targetRecords, format })
  const strictNulls: Record<string, number> = {}
  const fastNulls: Record<string, number> = {}
  const decoder = compileDecoder(columns, positions, date, strictNulls)
  const fastDecoder = compileDecoder(columns, positions, date, fastNulls)
  const [strict, fast]: [Read[], Read[]] = [[], []]
  const options = { header, format, columns, positions, date, capacity, ...(windowBytes === undefined ? {} : { windowBytes }) }
  const reader = new BlockReader(options)
  const read = ({ line, raw, cells, malformed, problems: known }: RawRow, how: Decoder): Read => {
    const values = how.newRow()
    const problems = cells
      ? how.decode(cells, values, known)
      : [{ column: '', rule: malformed!.rule, reason: malformed!.reason, value: '' }]
    return { line, raw, cells, problems, ...(problems.length === 0 ? { values } : {}) }
  }
  let records = 0
  for (const range of plan.partitions) {
    for await (const slab of readRows(file, range, header, format)) strict.push(...slab.map((row) => read(row, decoder)))
    let slot = 0
    for await (const block of reader.read(file, range)) {
      expect([block.first, block.slot]).toEqual([records, slot])
      records += block.count
      slot = (slot + block.count) % capacity
      for (const one of block.columns) fastNulls[one.name]! += one.blanks()
      fast.push(...Array.from({ length: block.count }, (_, record) => fastRead(block, record, (row) => read(row, fastDecoder))))
    }
  }
  expect(plan.partitions.reduce((sum, range) => sum + range.records, 0)).toBe(records)
  return { strict: { rows: strict, nulls: strictNulls }, fast: { rows: fast, nulls: fastNulls } }

  function fastRead({ columns: decoded, rows, fields }: Block, record: number, strictly: (row: RawRow) => Read): Read {
    const row = rows.get(record)
    expect(row !== undefined).toBe(fields.careful[record] === 1)
    const given = () => Object.fromEntries(decoded.map((one) => [one.name, one.value(record)]))
    if (row) {
      const found = strictly(row)
      seen[found.values ? 'careful' : 'refused'] += 1
      if (!found.values) return found
      for (const one of decoded) one.put(record, found.values[one.name]!)
      return { ...found, values: given() }
    }
    seen.plain += 1
    const cells: (string | undefined)[] = new Array(header.names.length).fill('?')
    Object.keys(columns).forEach((name, field) => {
      const at = 2 * (record * fields.wanted + field)
      cells[positions[name]!] = fields.bytes.toString('utf8', fields.bounds[at], fields.bounds[at + 1])
    })
    const raw = fields.bytes.toString('utf8', fields.starts[record], fields.ends[record])
    return { line: fields.lines[record]!, raw, cells, problems: [], values: given() }
  }
}

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
      const { strict, fast } = await both(Buffer.from(text), columns, { kind: 'csv', delimiter: mark }, cut)
      expect(fast).toEqual(strict)
    }),
    { numRuns: 1200 },
  )
  expect(Math.min(seen.plain, seen.careful, seen.refused)).toBeGreaterThan(400)
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
      const { strict, fast } = await both(content, columns, COMMAS, { capacity, targetRecords: capacity })
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
    const { strict, fast } = await both(content, { id, t }, COMMAS, cut)
    expect(fast.nulls).toEqual(strict.nulls)
    expect(fast.rows.length).toBe(strict.rows.length)
    for (const [index, row] of strict.rows.entries()) if (!isDeepStrictEqual(fast.rows[index], row)) expect(fast.rows[index]).toEqual(row)
  }
}, 120_000)

const jsonColumns: AnyColumns = {
  id: column.text({ maxLength: 8 }),
  x: column.number({ from: 'features.x', min: -5, max: 1000, nullable: true, nullValues: ['-1'] }),
  n: column.integer({ from: 'features.n', max: 50 }),
  d: column.date({ max: 'data-date', nullable: true }),
  b: column.boolean({ true: ['yes', '1'], false: ['no', '0'], nullable: true }),
  c: column.category(['a', 'ü', 'b b'], { nullable: true }),
}
const jsonFormat = formatOf({ format: 'jsonl', columns: jsonColumns })

/** Values as they are written, good ones and others. */
const jsonValues: Readonly<Record<string, fc.Arbitrary<string>>> = {
  id: fc.constantFrom(
    '"k"',
    '"k1"',
    '"日本"',
    '""',
    '" "',
    '"a,b"',
    '"a\\"b"',
    '"\\u0041"',
    '12',
    '-0',
    '1.5',
    '01',
    'null',
    '"k',
    '[1]',
    '{}',
    '"\u0001"',
  ),
  x: fc.constantFrom(
    '1',
    '-1',
    '2.50',
    '0.1',
    '1e3',
    '1001',
    '-5',
    '""',
    '"1"',
    'null',
    '0.0000001',
    '0.000001',
    '123456789012345678',
    '-0',
    '-0.5',
    '5.',
    '.5',
    '+1',
    '007',
    'true',
  ),
  n: fc.constantFrom('1', '50', '51', '3.0', '3.5', 'null', '"7"', '-7', '1E1', '9007199254740993'),
  d: fc.constantFrom('"2026-03-03"', '"2026-03-04"', '"2024-02-30"', 'null', '20260303', '""'),
  b: fc.constantFrom('true', 'false', '"yes"', '"no"', '1', '0', 'null', 'tru', '"ja"'),
  c: fc.constantFrom('"a"', '"ü"', '"b b"', '"b"', 'null', '1', '" a"'),
  more: fc.constantFrom('1', '"x"', 'null', 'true', '{"y":1.50}', '[1,2]', '1e400', '-', '"\\n"', '{"x":1,"x":2}'),
}
const goodJson: Readonly<Record<string, string>> = { id: '"k"', x: '1.5', n: '7', d: '"2026-01-31"', b: 'true', c: '"a"', more: '"x"' }

/** A line whose pattern most others fit. */
const GOOD_LINE = '{"id":"k","features":{"x":1.5,"n":7},"d":"2026-01-31","b":true,"c":"a","more":"x"}'

test('lines of JSON: every record, line, cell, value and refusal', async () => {
  const line = fc
    .record({
      odd: fc.record(jsonValues),
      which: fc.oneof(
        { weight: 6, arbitrary: fc.constant<string[]>([]) },
        { weight: 4, arbitrary: fc.array(fc.constantFrom(...Object.keys(jsonValues)), { maxLength: 2 }) },
      ),
      form: fc.constantFrom(...new Array<'plain'>(20).fill('plain'), 'spaced', 'flat', 'swapped', 'extra', 'doubled', 'cut'),
    })
    .map(({ odd, which, form }) => {
      const value = (name: string) => (which.includes(name) ? odd[name]! : goodJson[name]!)
      const [comma, colon] = form === 'spaced' ? [', ', ': '] : [',', ':']
      const pair = (name: string, written = value(name)) => `"${name}"${colon}${written}`
      const nested = `"features"${colon}{${[pair('x'), pair('n')].join(comma)}}`
      const features = form === 'flat' ? [pair('features.x', value('x')), pair('features.n', value('n'))].join(comma) : nested
      const pairs = [pair('id'), features, pair('d'), pair('b'), pair('c'), pair('more')]
      if (form === 'swapped') pairs.reverse()
      if (form === 'extra') pairs.push('"z":0')
      if (form === 'doubled') pairs.push(pair('id'))
      const text = `{${pairs.join(comma)}}`
      return form === 'cut' ? text.slice(0, -1) : text
    })
  const files = fc.record({
    lines: fc
      .tuple(fc.array(line, { minLength: 12, maxLength: 39 }), fc.boolean())
      .map(([lines, good]) => (good ? [GOOD_LINE, ...lines] : lines)),
    ends: fc.array(fc.constantFrom(...new Array<'\n'>(12).fill('\n'), '\r\n', '\n\n', ' \n', '\r\r\n'), { minLength: 40, maxLength: 40 }),
    last: fc.boolean(),
    capacity: fc.integer({ min: 1, max: 6 }),
    window: fc.integer({ min: 0, max: 600 }),
    change: fc.option(fc.tuple(fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.constantFrom(10, 34, 44, 48, 58, 92, 123, 125))),
  })
  const before = { ...seen }
  await fc.assert(
    fc.asyncProperty(files, async ({ lines, ends, last, capacity, window, change }) => {
      const content = Buffer.from(lines.map((one, index) => `${one}${index === lines.length - 1 && !last ? '' : ends[index]}`).join(''))
      if (change) content[Math.floor(change[0] * content.length)] = change[1]
      fc.pre(isUtf8(content))
      const longest = Math.max(
        ...content
          .toString()
          .split('\n')
          .map((one) => Buffer.byteLength(one)),
      )
      const cut = { capacity, targetRecords: capacity, windowBytes: longest + 4 + window }
      const { strict, fast } = await both(content, jsonColumns, jsonFormat, cut)
      expect(fast).toEqual(strict)
    }),
    { numRuns: 1500 },
  )
  expect([seen.plain - before.plain, seen.careful - before.careful, seen.refused - before.refused].map((many) => many > 1000)).toEqual([
    true,
    true,
    true,
  ])
}, 120_000)

/** A table of one column, read the fast way; `undefined` where the strict reader must look. */
function readColumn(one: AnyColumns[string], texts: readonly string[]): readonly (CellValue | undefined)[] {
  const capacity = texts.length
  const options = {
    width: 1,
    positions: [0],
    format: SEMICOLONS,
    capacity,
    more: columnBytes({ value: one }, capacity),
    windowBytes: 1 << 20,
  }
  const fields = new FastFields(options)
  const [values] = fastColumns({ value: one }, fields, date)
  const length = fields.bytes.write(texts.map((text) => `${text}\n`).join(''), fields.from)
  fields.split(capacity, fields.from, fields.from + length, true, 1)
  values!.decode()
  expect(fields.count).toBe(texts.length)
  return texts.map((_, record) => (fields.careful[record] === 1 ? undefined : values!.value(record)))
}

test('numbers are those of Number(), to the last bit', () => {
  const digits = fc.stringMatching(/^\d{0,20}$/)
  const text = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? '-0' : String(value))),
    fc.tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.', ','), digits).map((parts) => parts.join('')),
    fc.string({ maxLength: 8 }).filter((one) => !/["\r\n;]/.test(one)),
  )
  const texts = fc.sample(
    text.filter((one) => one !== ''),
    { numRuns: 40_000, seed: 3 },
  )
  for (const [decimal, strict] of [
    ['.', /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/],
    [',', /^[+-]?(?:\d+(?:,\d+)?|,\d+)$/],
  ] as const) {
    const found = readColumn(column.number({ decimal }), texts)
    for (const [index, written] of texts.entries()) {
      // What is written with an exponent is left to the strict reader.
      const expected = strict.test(written) ? Number(written.replace(',', '.')) : undefined
      if (!Object.is(found[index], expected)) expect([written, found[index]]).toEqual([written, expected])
    }
  }
})

test('days are those of the strict reader, every day of four centuries and what is none', () => {
  for (const format of ['YYYY-MM-DD', 'DD/MM/YYYY', 'YYYYMMDD', 'MM.DD.YYYY']) {
    const read = compileDateFormat(format)!
    const texts: string[] = []
    for (let year = 1600; year <= 2000; year += 1) {
      for (let month = 0; month <= 13; month += 1) {
        for (const dayOfMonth of [0, 1, 9, 10, 28, 29, 30, 31, 32]) {
          const pad = (value: number, width: number) => String(value).padStart(width, '0')
          texts.push(format.replace('YYYY', pad(year, 4)).replace('MM', pad(month, 2)).replace('DD', pad(dayOfMonth, 2)))
        }
      }
    }
    for (const [index, value] of readColumn(column.date({ format }), texts).entries())
      if (value !== read(texts[index]!)) expect([texts[index], value]).toEqual([texts[index], read(texts[index]!)])
  }
})

test('float32 as bytes is the shortest text that reads back', () => {
  const capacity = 4096
  const pieces = [{ kind: 'score' }, { kind: 'literal', text: '\n' }] as const
  const options = { width: 1, positions: [0], format: COMMAS, capacity, more: lineBytes(capacity, pieces), windowBytes: 1 << 16 }
  const fields = new FastFields(options)
  const lines = new FastLines(fields, pieces)
  fields.bytes.fill('x\n', fields.from, fields.from + 2 * capacity)
  fields.split(capacity, fields.from, fields.from + 2 * capacity, true, 1)
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  const bits = new Uint32Array(lines.score.buffer, lines.score.byteOffset, capacity)
  let byHand = 0
  for (let round = 0; round < 250; round += 1) {
    for (let record = 0; record < capacity; record += 1) {
      const which = record % 6
      if (which === 0) bits[record] = random()
      else if (which === 1) lines.score[record] = random() / 2 ** 32
      else if (which === 2) lines.score[record] = Math.round((random() / 2 ** 32) * 10 ** (1 + (round % 9))) / 10 ** (1 + (round % 9))
      else if (which === 3) lines.score[record] = (random() % 4096) / 4096
      else if (which === 4) lines.score[record] = (random() / 2 ** 31 - 1) * 10 ** (round % 10)
      else lines.score[record] = random() % 20_000_000
    }
    const written: Buffer[] = []
    const sink = (full: Buffer) => written.push(Buffer.from(full))
    lines.write(sink, true, (record) => {
      byHand += 1
      const text = `${float32Text(lines.score[record]!)}\n`
      return { full: text, steady: text }
    })
    lines.flush(sink)
    const texts = Buffer.concat(written).toString().split('\n')
    for (let record = 0; record < capacity; record += 1) {
      const expected = float32Text(lines.score[record]!)
      if (texts[record] !== expected) expect([lines.score[record], texts[record]]).toEqual([lines.score[record], expected])
    }
  }
  // Most of the random bits need an exponent; of all others next to none is left to the hand.
  expect(byHand).toBeLessThan(0.3 * 250 * capacity)
})
