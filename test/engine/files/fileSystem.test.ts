import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { writeWhole } from '../../../engine/files/fileSystem.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const home = temporaryFolder()

test('a file that cannot be written is named, and nothing half-written stays', async () => {
  await writeFile(home.path('file'), '')
  await expect(writeWhole(home.path('file', 'below.json'), '{}')).rejects.toMatchObject({
    code: 'HomeUnusable',
    problem: { place: { file: home.path('file', 'below.json') } },
  })
  await mkdir(home.path('folder'))
  await expect(writeWhole(home.path('folder'), '{}')).rejects.toMatchObject({ code: 'HomeUnusable' })
  expect((await readdir(home.path())).sort()).toEqual(['file', 'folder'])
  expect((await lstat(home.path('folder'))).isDirectory()).toBe(true)
})
