import { mkdir, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { inputFiles, isPattern, lookUp, missingShards } from '../../../engine/input/inputFiles.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function found(pattern: string, ...names: readonly string[]): Promise<readonly string[]> {
  for (const name of names) await writeFile(folder.path(name), '')
  return (await inputFiles(folder.path(pattern))).map((path) => basename(path))
}

test('a path without a pattern is that path, whether it is there or not', async () => {
  expect(await inputFiles('/nowhere/in.csv')).toEqual(['/nowhere/in.csv'])
  expect([isPattern('/a*/in.csv'), isPattern('/a/in-*.csv'), isPattern('/a/in-?.csv')]).toEqual([false, true, true])
})

test('a set is in the order of its names, by code unit, without what is on its way or stands beside it', async () => {
  const names = ['in-10.csv', 'in-9.csv', 'in-A.csv', 'in-a.csv', 'in-ü.csv']
  expect(await found('in-*', ...names, '.in-1.csv', 'in-9.csv.done', 'other.csv')).toEqual(names)
})

test('a question mark is one character, and all others are themselves', async () => {
  expect(await found('a(1)+[?].csv', 'a(1)+[x].csv', 'a(1)+[xy].csv', 'a1x.csv', 'a(1)+[].csv')).toEqual(['a(1)+[x].csv'])
})

test('a folder that is not there, or is a file, has no files', async () => {
  await writeFile(folder.path('file'), '')
  expect(await inputFiles(folder.path('none', '*.csv'))).toEqual([])
  expect(await inputFiles(folder.path('file', '*.csv'))).toEqual([])
})

test('a look at a path finds a file or nothing', async () => {
  await mkdir(folder.path('data'))
  await writeFile(folder.path('data', 'in.csv'), 'abc')
  expect((await lookUp(folder.path('data', 'in.csv')))?.size).toBe(3)
  expect(await lookUp(folder.path('data', 'none.csv'))).toBeUndefined()
  expect(await lookUp(folder.path('data', 'in.csv', 'below'))).toBeUndefined()
})

test.each([
  [['p-0-of-3', 'p-2-of-3'], ['p-1-of-3']],
  [['p-00001-of-00003.csv', 'p-00002-of-00003.csv'], ['p-00003-of-00003.csv']],
  [['p-1-of-2', 'p-2-of-2'], []],
  [['p-0-of-2', 'p-1-of-2'], []],
  [['p-1.csv', 'p-3.csv'], []],
  [['p-0-of-2', 'p.csv'], []],
  [['p-0-of-999999999'], []],
  [[], []],
])('of %j there are missing %j', (names, missing) => {
  expect(missingShards(names.map((name) => `/data/${name}`))).toEqual(missing)
})
