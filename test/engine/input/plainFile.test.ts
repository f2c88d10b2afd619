import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { mustBePlainFile } from '../../../engine/input/plainFile.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

test('a pipe and a device are refused by name before anything is read', async () => {
  const pipe = folder.path('pipe.csv')
  execFileSync('mkfifo', [pipe])
  await expect(mustBePlainFile(pipe)).rejects.toMatchObject({ code: 'InputRefused', message: `${pipe} is a pipe, not a file` })
  await expect(mustBePlainFile('/dev/zero')).rejects.toMatchObject({ code: 'InputRefused', message: '/dev/zero is a device, not a file' })
})

test('a file, a folder and what is not there are left to what reads them', async () => {
  await writeFile(folder.path('plain.csv'), 'a\n')
  for (const path of [folder.path('plain.csv'), folder.path('.'), folder.path('missing.csv')])
    expect(await mustBePlainFile(path)).toBeUndefined()
})
