import { isUtf8 } from 'node:buffer'
import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { preflight } from '../../../engine/input/preflight.js'
import type { DaybreakError } from '../../../engine/protocol/errors.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function refusal(content: string | Buffer): Promise<DaybreakError> {
  const file = folder.path('table.csv')
  await writeFile(file, content)
  return await preflight(file, { kind: 'csv', delimiter: ',' }).then(
    () => {
      throw new Error('it was not refused')
    },
    (error: DaybreakError) => error,
  )
}

test.each([
  ['nothing', '', 'is empty'],
  ['an HTML page', '\n <!DOCTYPE html><p>', 'is an HTML page'],
  ['a workbook', Buffer.from('504b030414', 'hex'), 'zip archive or an Excel workbook'],
  ['Parquet', 'PAR1xxxx', 'is a Parquet file'],
  ['an HTML page behind a byte-order mark', '\ufeff<html>', 'is an HTML page'],
  ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), 'is in UTF-16'],
  ['UTF-16 without a mark', Buffer.from('a,b\n', 'utf16le'), 'is in UTF-16'],
  ['UTF-32', Buffer.from('fffe000061000000', 'hex'), 'is in UTF-32'],
  ['an address', 'https://example.com/file.csv\n', 'is only a web address'],
  ['an address in a bucket', 's3://bucket/file.csv\n', 'is only a web address'],
  ['a shortcut', '[InternetShortcut]\r\nURL=https://example.com\r\n', 'is only a web address'],
  ['a pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n', 'is a pointer of Git LFS'],
  ['a part of a page', '<div class="error">\nnot found</div>\n', 'is an HTML page'],
  ['bzip2', Buffer.from('425a683931415926535900', 'hex'), 'compressed with bzip2'],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), 'compressed with xz'],
  ['Zstandard', Buffer.from('28b52ffd0458', 'hex'), 'compressed with Zstandard'],
  ['a PDF', Buffer.from('%PDF-1.7\n%\xe2\xe3', 'latin1'), 'is a PDF document'],
  ['Avro', Buffer.from('Obj\x01\x04\x16avro', 'latin1'), 'is an Avro file'],
  ['ORC', Buffer.from('ORC\x08\x03\x10', 'latin1'), 'is an ORC file'],
  ['blank lines', '\n\n\n', 'holds only blank lines'],
  ['a mark alone', '\ufeff', 'holds only blank lines'],
  ['spaces alone', '   \n', 'holds only blank lines'],
  ['an error in JSON', '{"error":"not found"}', 'is JSON, not a table'],
  ['a list in JSON', '[ {"id":1},\n{"id":2}]', 'is JSON, not a table'],
  ['old Mac line ends', 'a,b\r1,2\r', 'line ends of CR alone'],
  ['CR alone after the header', 'a,b\r1,2\n3,4\n', 'line ends of CR alone'],
  ['doubled CR', 'a,b\r\r\n1,2\r\r\n', 'line ends CR CR LF'],
  ['semicolons', 'a;b;c\n1;2;3\n', 'without a single comma, but with 2 of semicolon'],
  ['semicolons between names with commas', '"a,x";"b,y"\n1;2\n', 'without a single comma, but with 1 of semicolon'],
])('%s is refused by name', async (_name, content, said) => {
  const error = await refusal(content)
  expect(error.code).toBe('InputRefused')
  expect(error.message).toContain(said)
})

test('a byte that is no UTF-8 is found with line and byte, also behind characters of several bytes and window edges', async () => {
  const head = `a,b\n${'ü,日\n'.repeat(900_000)}`
  const error = await refusal(Buffer.concat([Buffer.from(`${head}x`), Buffer.from([0xb0]), Buffer.from(',2\n')]))
  expect(error.message).toContain(`byte 0xB0 at line 900002, byte 2 of the line (byte ${Buffer.byteLength(head) + 1} of the file)`)
  expect((await refusal(Buffer.from('a,b\n1,\u00002\n'))).message).toContain('holds a NUL byte at line 2, byte 3')
})

test('of bytes that are no text no encoding is suggested', async () => {
  const error = await refusal(Buffer.from('\x89snap\x01\x02\xff,\xfe\n', 'latin1'))
  expect(error.problem.next).toBe('The file is damaged or no text: deliver it again.')
  expect((await refusal(Buffer.from('a,b\n\xfc,2\n', 'latin1'))).problem.next).toContain('input.encoding')
})

test.each(['<DATE>,<OPEN>\n1,2\n', '<TITLE>\t,x\n1,2\n', '{a},{b}\n1,2\n', '[a],[b]\n1,2\n', 'ORC,x\n1,2\n', '"{""a""}",b\n1,2\n'])(
  'names of columns are no other kind of file: %j',
  async (content) => {
    await writeFile(folder.path('ok.csv'), content)
    await expect(preflight(folder.path('ok.csv'), { kind: 'csv', delimiter: ',' })).resolves.toBeUndefined()
  },
)

test('the first bad byte is where no valid text goes on, NUL or not', async () => {
  const bytes = fc.array(fc.constantFrom(0x61, 0x0a, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0xff, 0x00), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(bytes, async (tail) => {
      const content = Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0x78, ...tail])
      const valid = (length: number) => isUtf8(content.subarray(0, length)) && !content.subarray(0, length).includes(0)
      fc.pre(!valid(content.length))
      let offset = content.length - 1
      while (!valid(offset)) offset -= 1
      // The beginning that is valid is cut before a character that is not whole.
      const line = content.subarray(0, offset).toString().split('\n').length
      const column = offset - content.lastIndexOf(0x0a, offset - 1)
      expect((await refusal(content)).message).toContain(`at line ${line}, byte ${column} of the line (byte ${offset} of the file)`)
    }),
    { numRuns: 500 },
  )
})

test('the byte of a very long line is counted from the start of the line', async () => {
  const error = await refusal(Buffer.concat([Buffer.from('a,b\n1,'), Buffer.alloc(5 << 20, 'x'), Buffer.from([0xff, 0x0a])]))
  expect(error.message).toContain(`at line 2, byte ${(5 << 20) + 3} of the line (byte ${(5 << 20) + 6} of the file)`)
})

test('the lines of a refused file are shown in their own letters', async () => {
  expect((await refusal('größe;b\n1;2\n')).problem.excerpt?.[0]).toBe('line 1: größe;b')
})

test('a folder in place of the file is unreadable', async () => {
  await expect(preflight(folder.path(), { kind: 'csv', delimiter: ',' })).rejects.toMatchObject({ code: 'InputUnreadable' })
})

test.each(['a,"b;c;d;e"\n1,2\n', 'a,"b\rc"\n1,2\n'])('what stands in quotes in the header is a name: %j', async (content) => {
  await writeFile(folder.path('ok.csv'), content)
  await expect(preflight(folder.path('ok.csv'), { kind: 'csv', delimiter: ',' })).resolves.toBeUndefined()
})

test('characters of several bytes across window edges are fine', async () => {
  for (const shift of ['', 'x', 'xx', 'xxx']) {
    await writeFile(folder.path('ok.csv'), `a,b${shift}\n${'日本,語\n'.repeat(600_000)}`)
    await expect(preflight(folder.path('ok.csv'), { kind: 'csv', delimiter: ',' })).resolves.toBeUndefined()
  }
})
