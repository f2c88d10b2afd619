import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { copyParts } from '../../../engine/batch/copyParts.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function parts(...sizes: readonly number[]) {
  const made = sizes.map((bytes, index) => ({ file: folder.path(`part-${index}`), bytes, content: Buffer.alloc(bytes, `${index},`) }))
  for (const { file, content } of made) await writeFile(file, content)
  return made
}

test('parts stand behind each other, whatever their sizes and whoever copies first', async () => {
  const made = await parts(3, 0, (1 << 19) + 1, 1 << 19, 7)
  const target = folder.path('whole')
  await writeFile(target, 'head\n')
  const first = made.slice(0, 2)
  const bytes = first.reduce((sum, part) => sum + part.bytes, 0)
  copyParts({ target, offset: 5 + bytes, parts: made.slice(2) })
  copyParts({ target, offset: 5, parts: first })
  const whole = Buffer.concat([Buffer.from('head\n'), ...made.map(({ content }) => content)])
  expect((await readFile(target)).equals(whole)).toBe(true)
})

test.each([
  ['shorter', -1],
  ['longer', 1],
])('a part that is %s than its summary says is damaged', async (_name, off) => {
  const [part] = await parts(100)
  await writeFile(folder.path('whole'), '')
  expect(() => copyParts({ target: folder.path('whole'), offset: 0, parts: [{ file: part!.file, bytes: 100 - off }] })).toThrow(
    expect.objectContaining({ code: 'StorageDamaged', message: `${part!.file} has not the ${100 - off} bytes that were written to it` }),
  )
})
