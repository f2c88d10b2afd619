/** A home is made where there is none, and one that cannot be is refused by name before anything runs. */
import { stat, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { mustBeWritable } from '../../worker/mustBeWritable.js'
import { temporaryFolder } from '../setup/temporaryFolder.js'

const folder = temporaryFolder()

test('a home that is not there is made, and one that is there stays', async () => {
  const home = folder.path('a', 'home')
  await mustBeWritable(home)
  await mustBeWritable(home)
  expect((await stat(home)).isDirectory()).toBe(true)
})

test('a file in the place of the home is refused', async () => {
  const home = folder.path('file')
  await writeFile(home, '')
  await expect(mustBeWritable(home)).rejects.toMatchObject({ code: 'HomeUnusable', problem: { place: { file: home } } })
})
