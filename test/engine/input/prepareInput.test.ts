import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Encoding } from '../../../definition/pipeline.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import type { TableFormat } from '../../../engine/table/format.js'
import { csv, deliveredFiles, rowsOf } from './deliveredFiles.js'

const { folder, prepared } = deliveredFiles()

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
