import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { compileDecoder } from '../../../engine/table/decode.js'
import { formatOf, type JsonLinesFormat } from '../../../engine/table/format.js'
import { readHeader } from '../../../engine/table/header.js'
import { readJsonLine } from '../../../engine/table/jsonLines.js'
import { type RawRow, readRows } from '../../../engine/table/readRows.js'
import { MAX_RECORD_BYTES } from '../../../engine/table/scanRecords.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const columns = {
  id: column.text(),
  age: column.number({ from: 'features.age', nullable: true, nullValues: ['NA'] }),
  visits: column.integer({ from: 'features.visits' }),
  since: column.date({ nullable: true }),
  active: column.boolean({ true: ['ja'], false: ['nein'], nullable: true }),
  plan: column.category(['1', 'pro'], { nullable: true }),
}
const format = formatOf({ format: 'jsonl', columns }) as JsonLinesFormat

/** A line as the row that features see, or why it is rejected. */
function read(line: string) {
  const found = readJsonLine(line, format.fields)
  if ('reason' in found) return found.reason
  const positions = Object.fromEntries(Object.keys(columns).map((name, index) => [name, index]))
  const decoder = compileDecoder(columns, positions, day('2026-11-23'), {})
  const row = decoder.newRow()
  const problems = decoder.decode(found.cells, row, found.problems)
  return problems.length > 0 ? problems.map(({ column: name, rule }) => `${name} ${rule}`).join(', ') : { ...row }
}

const whole = { id: 'a', age: null, visits: 3, since: null, active: null, plan: null }

test.each<[string, string, unknown]>([
  ['nested fields', '{"id":"a","features":{"age":30.5,"visits":3}}', { ...whole, age: 30.5 }],
  ['a field whose name has a dot', '{"id":"a","features.age":7,"features":{"age":1,"visits":3}}', { ...whole, age: 7 }],
  ['null and missing where it may be blank', '{"id":"a","since":null,"features":{"visits":3}}', whole],
  ['a declared spelling of blank', '{"id":"a","features":{"age":"NA","visits":3}}', whole],
  ['blank text for a number', '{"id":"a","features":{"age":" ","visits":3}}', whole],
  ['a whole number as text', '{"id":12,"features":{"visits":3}}', { ...whole, id: '12' }],
  ['true and false', '{"id":"a","active":false,"features":{"visits":3}}', { ...whole, active: false }],
  ['a spelling of true', '{"id":"a","active":"ja","features":{"visits":3}}', { ...whole, active: true }],
  ['a day', '{"id":"a","since":"1970-01-03","features":{"visits":3}}', { ...whole, since: 2 }],
  ['a number as category', '{"id":"a","plan":1,"features":{"visits":3}}', { ...whole, plan: '1' }],
  ['escapes in keys and values', '{"\\u0069d":"\\u00e9\\n","features":{"visits":3e0}}', { ...whole, id: 'é\n' }],
  ['no JSON', '{"id":', 'the line is not valid JSON'],
  ['NaN', '{"id":"a","features":{"age":NaN,"visits":3}}', 'the line is not valid JSON'],
  ['white space alone', '  ', 'the line is blank'],
  ['a list', '[1]', 'the line is a list, not an object'],
  ['a text', '"a"', 'the line is a text, not an object'],
  ['null', 'null', 'the line is null, not an object'],
  ['a key twice', '{"id":"a","id":"b"}', 'the key "id" stands twice in one object'],
  ['a key twice inside', '{"id":"a","features":{"visits":3,"\\u0076isits":4}}', 'the key "visits" stands twice in one object'],
  ['the same key in two objects', '{"id":"a","x":{"id":1},"features":{"visits":3}}', whole],
  ['a key that only looks doubled', '{"id":"\\"id\\":1","features":{"visits":3}}', { ...whole, id: '"id":1' }],
  ['a field missing', '{"id":"a"}', 'visits missing'],
  ['text for a number', '{"id":"a","features":{"age":"30","visits":3}}', 'age type'],
  ['a fraction for a whole number', '{"id":"a","features":{"visits":3.5}}', 'visits integer.invalid'],
  ['beyond what a number holds', '{"id":12345678901234567890,"features":{"visits":3}}', 'id type'],
  ['too large', '{"id":"a","features":{"age":1e999,"visits":3}}', 'age number.invalid'],
  ['an object for a text', '{"id":{"a":1},"features":{"visits":3}}', 'id type'],
  ['true for a number', '{"id":"a","features":{"age":true,"visits":3}}', 'age type'],
  ['a NUL', '{"id":"a\\u0000","features":{"visits":3}}', 'id text.invalid'],
  ['half of a character', '{"id":"\\ud83d","features":{"visits":3}}', 'id text.invalid'],
  [
    'all that is wrong at once',
    '{"features":{"age":[],"visits":"x"},"since":"2026-13-01"}',
    'id missing, age type, visits type, since date.invalid',
  ],
  ['a list where the path goes on', '{"id":"a","features":[1]}', 'visits missing'],
  ['names of the prototype', '{"id":"a","__proto__":{"visits":3},"features":{"visits":3,"constructor":1}}', whole],
])('%s', (_name, line, expected) => {
  expect(read(line)).toEqual(expected)
})

test('nesting without end costs its line alone', () => {
  expect(read(`{"id":${'['.repeat(200_000)}${']'.repeat(200_000)},"features":{"visits":3}}`)).toBe('id type')
})

/** JSON as somebody may write it, and whether an object in it has a key twice. */
const json = fc.letrec<{ value: { text: string; doubled: boolean }; object: { text: string; doubled: boolean } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null), fc.boolean()).map((leaf) => ({
      text: JSON.stringify(leaf),
      doubled: false,
    })),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => ({
      text: `[${items.map(({ text }) => text).join(' , ')}]`,
      doubled: items.some(({ doubled }) => doubled),
    })),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c{', '"', 'é', '\\', 'a:'), fc.boolean(), tie('value')), { maxLength: 4 })
    .map((pairs) => ({
      text: `{${pairs.map(([key, escaped, { text }]) => `${escaped ? escapes(key) : JSON.stringify(key)} : ${text}`).join(',')}}`,
      doubled: new Set(pairs.map(([key]) => key)).size < pairs.length || pairs.some(([, , { doubled }]) => doubled),
    })),
}))

const escapes = (key: string) => `"${[...key].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`

test('a doubled key is found wherever it is, and nowhere else', () => {
  fc.assert(
    fc.property(json.object, ({ text, doubled }) => {
      const found = readJsonLine(text, [])
      expect('reason' in found).toBe(doubled)
    }),
    { numRuns: 3000 },
  )
})

test('lines are records wherever partitions and windows end; empty lines are none, and a line too large costs itself alone', async () => {
  const file = folder.path('in.jsonl')
  const lines = ['{"id":"é日"}', '', '{"id":"b"}\r', '{"id":', `{"id":"${'x'.repeat(MAX_RECORD_BYTES)}"}`, '{"id":"e"}', '{"id":"f"}']
  await writeFile(file, `\ufeff${lines.join('\n')}`)
  for (const microBatch of [1, 2, 3, 10]) {
    const header = await readHeader(file, format)
    const plan = await planPartitions(file, header, { microBatch, targetRecords: microBatch, format })
    const rows: RawRow[] = []
    for (const range of plan.partitions) for await (const slab of readRows(file, range, header, format)) rows.push(...slab)
    expect(plan.records).toBe(6)
    expect(rows.map(({ line, cells, malformed }) => [line, cells?.[0] ?? malformed?.rule])).toEqual([
      [1, 'é日'],
      [3, 'b'],
      [4, 'json'],
      [5, 'size'],
      [6, 'e'],
      [7, 'f'],
    ])
  }
})
