import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { messageOf, saysAbsent, systemCode, systemErrorText } from '../../../engine/protocol/systemErrors.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const caught = (path: string) => readFile(path).catch((error: unknown) => error)

test('a file that is not there says so in words, one that cannot be read is not taken for absent', async () => {
  const absent = await caught(`${folder.path()}/none`)
  expect([systemCode(absent), saysAbsent(absent), systemErrorText(absent)]).toEqual(['ENOENT', true, 'there is no such file or folder'])
  const aFolder = await caught(folder.path())
  expect([systemCode(aFolder), saysAbsent(aFolder), systemErrorText(aFolder)]).toEqual(['EISDIR', false, 'it is a folder'])
})

test('whatever was thrown says something', () => {
  expect([messageOf(new Error('broken')), messageOf('plain words'), systemErrorText(7)]).toEqual(['broken', 'plain words', '7'])
  expect(systemCode('ENOENT')).toBeUndefined()
})
