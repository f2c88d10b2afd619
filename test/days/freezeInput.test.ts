import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { freezeInput, matchInput } from '../../days/freezeInput.js'
import { smallDay } from './smallDay.js'

const { folder, define } = smallDay()
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function frozen(files: Readonly<Record<string, string | Uint8Array>>, asked: string) {
  const loaded = await define()
  for (const [name, content] of Object.entries(files)) await writeFile(folder.path(name), content)
  await mkdir(folder.path('work'), { recursive: true })
  return await freezeInput(await matchInput(loaded, folder.path(asked), folder.path('work')), 64)
}

test('a file as it stands has its own fingerprint, and columns that nobody asked for are named', async () => {
  const text = 'id,spare,x\na,,1\nb,,2\n'
  const { input, positions, unused, partitions } = await frozen({ 'in.csv': text }, 'in.csv')
  expect(input).toEqual({
    path: folder.path('in.csv'),
    bytes: text.length,
    sha256: sha256(text),
    modifiedAt: expect.stringMatching(/Z$/),
    records: 2,
  })
  expect([positions, unused]).toEqual([{ id: 0, x: 2 }, ['spare']])
  expect(partitions.map(({ records }) => records)).toEqual([2])
})

test('what was unpacked has the fingerprint of what was delivered, and says how it was read', async () => {
  const bytes = gzipSync('id,x\na,1\n')
  const { input, file } = await frozen({ 'in.csv': bytes }, 'in.csv')
  expect(input).toMatchObject({ path: folder.path('in.csv'), bytes: bytes.length, sha256: sha256(bytes), records: 1, readAs: 'gzip' })
  expect(file).not.toBe(folder.path('in.csv'))
})

test('a set has one fingerprint over all of its files, and keeps each', async () => {
  const [a, b] = ['id,x\na,1\n', 'id,x\nb,2\nc,3\n']
  const { input, set } = await frozen({ 'in-1.csv': a, 'in-2.csv': b }, 'in-*.csv')
  expect(input).toMatchObject({
    path: folder.path('in-*.csv'),
    bytes: a.length + b.length,
    sha256: sha256(`${sha256(a)}  in-1.csv\n${sha256(b)}  in-2.csv\n`),
    records: 3,
    files: [{ path: folder.path('in-1.csv') }, { path: folder.path('in-2.csv') }],
  })
  expect(set).toHaveLength(2)
})

test('a file whose header lacks a column breaks the contract; a pattern that nothing matches any more is no input', async () => {
  await expect(frozen({ 'in.csv': 'id,y\na,1\n' }, 'in.csv')).rejects.toMatchObject({ code: 'ContractBroken' })
  await expect(frozen({}, 'none-*.csv')).rejects.toMatchObject({ code: 'InputMissing' })
})
