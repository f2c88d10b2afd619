import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Encoding } from '../../../definition/pipeline.js'
import { deliveredFiles, rowsOf } from './deliveredFiles.js'

const { prepared } = deliveredFiles()

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
    'byte 0x92 in line 300002 stands for no character there; windows-1252 has letters and marks for all of its bytes',
    "input.encoding to 'windows-1252'",
  ],
  ['windows-1250', 'iso-8859-2', Buffer.from('id,x\n\x8akoda,1\n', 'latin1'), 'byte 0x8A in line 2', "'windows-1250'"],
  ['UTF-8, compressed', 'latin1', gzipSync('id,x\nJosé,1\n'), 'all of it is UTF-8', 'Leave input.encoding out'],
])('%s declared as %s is refused', async (_name, encoding, content, said, next) => {
  await expect(prepared({ 'a.csv': content }, encoding)).rejects.toMatchObject({
    code: 'InputRefused',
    message: expect.stringContaining(said),
    problem: { next: expect.stringContaining(next) },
  })
})

/** 東京、日本 in Shift_JIS. */
const JAPANESE = Buffer.from([0x93, 0x8c, 0x8b, 0x9e, 0x81, 0x41, 0x93, 0xfa, 0x96, 0x7b])

test.each<Encoding>(['latin1', 'windows-1252', 'iso-8859-15'])(
  'a Japanese file declared as %s is refused, and no other guess is recommended',
  async (encoding) => {
    const content = Buffer.concat([Buffer.from('id,x\na,1\n'), JAPANESE, Buffer.from(',1\n')])
    await expect(prepared({ 'a.csv': content }, encoding)).rejects.toMatchObject({
      code: 'InputRefused',
      problem: { next: 'Set input.encoding to what the file is in.', place: { line: 3 } },
    })
  },
)

test.each<[Encoding, readonly number[]]>([
  ['windows-1250', [0x81, 0x83, 0x88, 0x90, 0x98]],
  ['windows-1251', [0x98]],
  ['windows-1252', [0x81, 0x8d, 0x8f, 0x90, 0x9d]],
  ['windows-1253', [0x81, 0x88, 0x8a, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x98, 0x9a, 0x9c, 0x9d, 0x9e, 0x9f, 0xaa, 0xd2, 0xff]],
  ['iso-8859-7', [0x80, 0x9f, 0xae, 0xd2, 0xff]],
])('%s: a byte that it does not have is refused by byte and line; all others of it are read', async (encoding, without) => {
  for (const byte of without) {
    const content = Buffer.concat([Buffer.from('id,x\na,1\n\n'), Buffer.of(0xe1, byte), Buffer.from(',1\n')])
    await expect(prepared({ 'a.csv': content }, encoding), `0x${byte.toString(16)}`).rejects.toMatchObject({
      code: 'InputRefused',
      message: expect.stringContaining(`byte 0x${byte.toString(16).toUpperCase()} in line 4 stands for no character there`),
      problem: { place: { line: 4 } },
    })
  }
  const others = Array.from({ length: 128 }, (_, index) => 0x80 + index).filter(
    (byte) => !without.includes(byte) && (encoding.startsWith('windows') || byte >= 0xa0),
  )
  const [[, row]] = (await rowsOf(
    await prepared({ 'b.csv': Buffer.concat([Buffer.from('id,x\n'), Buffer.from(others), Buffer.from(',1\n')]) }, encoding),
  )) as [[number, string]]
  expect([...row]).toHaveLength(others.length + 2)
  expect(row).not.toMatch(/[\u0080-\u009f\ufffd]/)
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
