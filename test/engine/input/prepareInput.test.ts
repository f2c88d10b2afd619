import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Encoding } from '../../../definition/pipeline.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { prepareInput } from '../../../engine/input/prepareInput.js'
import { linePlace, type TableFormat } from '../../../engine/table/format.js'
import { readRows } from '../../../engine/table/readRows.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const csv: TableFormat = { kind: 'csv', delimiter: ',' }

async function prepared(files: Readonly<Record<string, string | Buffer>>, encoding: Encoding = 'utf-8', format: TableFormat = csv) {
  const paths = Object.keys(files).map((name) => folder.path(name))
  for (const [name, content] of Object.entries(files)) await writeFile(folder.path(name), content)
  return await prepareInput(paths, { format, encoding, folder: folder.path('work') })
}

/** Cells and places of everything that a run would read. */
async function rowsOf({ file, header, set }: Awaited<ReturnType<typeof prepared>>, format = csv) {
  const plan = await planPartitions(file, header, { microBatch: 2, targetRecords: 2, format })
  const rows: [unknown, unknown][] = []
  for (const range of plan.partitions) {
    for await (const slab of readRows(file, range, header, format))
      for (const { line, cells, malformed } of slab) rows.push([linePlace(set, line), cells?.join('|') ?? malformed?.rule])
  }
  return rows
}

test('a single text file stays where it is', async () => {
  const input = await prepared({ 'a.csv': 'id,x\na,1\n' })
  expect(input).toMatchObject({ file: folder.path('a.csv'), delivered: [] })
  expect(input.readAs).toBeUndefined()
  expect(await readdir(folder.path())).toEqual(['a.csv'])
})

test('gzip is unpacked, of several members too, whatever the name; the fingerprint is that of the delivered file', async () => {
  const bytes = Buffer.concat([gzipSync('id,x\na,1\nb'), gzipSync(',2\n')])
  const input = await prepared({ 'a.csv': bytes })
  expect(await rowsOf(input)).toEqual([
    [2, 'a|1'],
    [3, 'b|2'],
  ])
  expect(input.readAs).toBe('gzip')
  expect(input.delivered).toEqual([
    expect.objectContaining({ path: folder.path('a.csv'), bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }),
  ])
  expect(await readdir(folder.path('work'))).toEqual(['input-00001'])
})

test.each([
  ['cut off', gzipSync('id,x\na,1\n'.repeat(1000)).subarray(0, 30), 'cannot be unpacked'],
  ['damaged', Buffer.concat([gzipSync('id,x\n').subarray(0, 10), Buffer.alloc(20, 0xff)]), 'cannot be unpacked'],
  ['an HTML page inside', gzipSync('<html>no</html>'), 'is an HTML page'],
  ['nothing inside', gzipSync(''), 'is empty'],
  ['followed by zeros', Buffer.concat([gzipSync('id,x\na,1\n'), Buffer.alloc(3)]), '3 bytes follow its end'],
  ['gzip inside gzip', gzipSync(gzipSync('id,x\na,1\n')), 'compressed with gzip twice'],
])('gzip that is %s is refused by name, and nothing half is left', async (_name, bytes, said) => {
  await expect(prepared({ 'a.csv.gz': bytes })).rejects.toMatchObject({
    code: 'InputRefused',
    message: expect.stringMatching(new RegExp(`a\\.csv\\.gz .*(${said})`)),
  })
  const left = await readdir(folder.path('work')).catch(() => [])
  expect(left.filter((name) => name.startsWith('.'))).toEqual([])
})

test.each<[Encoding, Buffer, string]>([
  ['latin1', Buffer.from('id,x\nM\xfcller \xa7,1\n', 'latin1'), 'Müller §'],
  ['windows-1252', Buffer.from('id,x\n\x80\x93M\xfcller\x94,1\n', 'latin1'), '€“Müller”'],
  ['windows-1251', Buffer.from('id,x\n\xcf\xf0\xe8,1\n', 'latin1'), 'При'],
  ['iso-8859-7', Buffer.from('id,x\n\xe1\xe2,1\n', 'latin1'), 'αβ'],
  ['iso-8859-15', Buffer.from('id,x\n\xa4,1\n', 'latin1'), '€'],
  ['utf-16le', Buffer.from('\ufeffid,x\nJosé 日😀,1\n', 'utf16le'), 'José 日😀'],
  ['utf-16be', Buffer.from('\ufeffid,x\nJosé,1\n', 'utf16le').swap16(), 'José'],
])('%s is read as declared', async (encoding, bytes, text) => {
  const input = await prepared({ 'a.csv': bytes }, encoding)
  expect(input.readAs).toBe(encoding)
  expect(await rowsOf(input)).toEqual([[2, `${text}|1`]])
})

const MANY = 'plain text,1\n'.repeat(300_000)
test.each<[string, Encoding, string | Buffer, string, string]>([
  ['UTF-8', 'latin1', `id,x\n${MANY}José,1\n`, 'not in latin1: all of it is UTF-8', 'Leave input.encoding out'],
  ['UTF-8 with bytes that are controls', 'windows-1251', `id,x\nÉric,1\n${MANY}`, 'not in windows-1251: all of it is UTF-8', 'Leave input'],
  ['UTF-8 with its mark', 'latin1', '\ufeffid,x\na,1\n', 'all of it is UTF-8', 'Leave input.encoding out'],
  [
    'a mark of UTF-8',
    'latin1',
    Buffer.from('\xef\xbb\xbfid,x\n\xfc,1\n', 'latin1'),
    'byte-order mark of UTF-8',
    'Leave input.encoding out',
  ],
  [
    'windows-1252',
    'latin1',
    Buffer.from(`id,x\n${MANY}It\x92s,1\n`, 'latin1'),
    'its byte 0x92 is a control',
    "input.encoding to 'windows-1252'",
  ],
  ['windows-1250', 'iso-8859-2', Buffer.from('id,x\n\x8akoda,1\n', 'latin1'), 'byte 0x8A is a control', "'windows-1250'"],
  ['UTF-8, compressed', 'latin1', gzipSync('id,x\nJosé,1\n'), 'all of it is UTF-8', 'Leave input.encoding out'],
])('%s declared as %s is refused', async (_name, encoding, content, said, next) => {
  await expect(prepared({ 'a.csv': content }, encoding)).rejects.toMatchObject({
    code: 'InputRefused',
    message: expect.stringContaining(said),
    problem: { next: expect.stringContaining(next) },
  })
})

test('plain ASCII is in any of these encodings', async () => {
  expect(await rowsOf(await prepared({ 'a.csv': 'id,x\na,1\n' }, 'latin1'))).toEqual([[2, 'a|1']])
})

test('characters at the border of two reads stay whole, compressed too', async () => {
  const text = `id,x\n${'é日😀,1\n'.repeat(400_000)}`
  const input = await prepared({ 'a.csv': gzipSync(Buffer.from(text, 'utf16le')) }, 'utf-16le')
  expect(await readFile(input.file, 'utf8')).toBe(text)
})

test.each<[string, Encoding, Buffer, string]>([
  ['half of a character at the end', 'utf-16le', Buffer.from('id,x\na,1\n', 'latin1'), 'not in utf-16le'],
  ['a NUL', 'latin1', Buffer.from('id,x\na\0,1\n', 'latin1'), 'NUL byte at line 2, byte 2'],
  ['HTML', 'latin1', Buffer.from('<html>'), 'is an HTML page'],
])('%s in %s is refused by name', async (_name, encoding, bytes, said) => {
  await expect(prepared({ 'a.csv': bytes }, encoding)).rejects.toMatchObject({
    code: 'InputRefused',
    message: expect.stringContaining(said),
  })
})

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

test('whatever bytes are delivered: rows that add up, or a refusal by name', async () => {
  const jsonl: TableFormat = { kind: 'jsonl', fields: [{ name: 'id', path: 'id', kind: 'text', nullable: false, blanks: [] }] }
  const good = {
    csv: 'id,x\r\n"a ""b""\nc",1\r\nb,2\nü,日\n',
    jsonl: '{"id":"a\\n","x":{"y":[1]}}\n{"id":"b"}\r\n{"id":"ü"}',
  }
  const change = fc.tuple(
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.nat(3),
    fc.constantFrom(0, 10, 13, 34, 44, 59, 92, 123, 125, 195, 255, 65),
  )
  let [read, refused] = [0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('csv' as const, 'jsonl' as const),
      fc.constantFrom<Encoding>('utf-8', 'latin1', 'utf-16le'),
      fc.boolean(),
      fc.array(change, { maxLength: 4 }),
      async (kind, encoding, packed, changes) => {
        let bytes = Buffer.from(good[kind], encoding === 'utf-16le' ? 'utf16le' : 'utf8')
        if (packed) bytes = gzipSync(bytes)
        for (const [where, what, byte] of changes) {
          const at = Math.floor(where * bytes.length)
          const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
          // A byte put in, taken out, replaced; the rest cut off.
          bytes = [
            Buffer.concat([before, Buffer.from([byte]), after]),
            Buffer.concat([before, after.subarray(1)]),
            Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]),
            Buffer.from(before),
          ][what]!
        }
        const format = kind === 'csv' ? csv : jsonl
        try {
          const input = await prepared({ mutated: bytes }, encoding, format)
          const plan = await planPartitions(input.file, input.header, { microBatch: 1, targetRecords: 1, format })
          expect(await rowsOf(input, format)).toHaveLength(plan.records)
          read += 1
        } catch (error) {
          expect(error).toMatchObject({
            code: 'InputRefused',
            problem: { next: expect.stringMatching(/./), place: { file: folder.path('mutated') } },
          })
          refused += 1
        }
      },
    ),
    { numRuns: 1500 },
  )
  expect(Math.min(read, refused)).toBeGreaterThan(100)
}, 60_000)
