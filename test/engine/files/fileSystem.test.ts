import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import {
  countLines,
  exists,
  hashFile,
  mustStayInside,
  namesIn,
  readJson,
  readJsonIfThere,
  switchLink,
  temporaryName,
  temporaryOwner,
  writeExclusive,
  writeWhole,
} from '../../../engine/files/fileSystem.js'
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

test('of many that write one file exclusively one does, and the others leave nothing', async () => {
  const path = home.path('below', 'file')
  const wrote = await Promise.all(Array.from({ length: 10 }, (_, index) => writeExclusive(path, `${index}`)))
  const winner = wrote.indexOf(true)
  expect(wrote.filter(Boolean)).toHaveLength(1)
  expect(await readFile(path, 'utf8')).toBe(`${winner}`)
  expect(await readdir(home.path('below'))).toEqual(['file'])
})

test('a reader of a file that is written again and again sees one text or another, whole', async () => {
  const texts = Array.from({ length: 30 }, (_, index) => `${index} `.repeat(20_000))
  const path = home.path('file')
  await writeWhole(path, texts[0]!)
  let over = false
  const seen = (async () => {
    const found = new Set<string>()
    while (!over) found.add(await readFile(path, 'utf8'))
    return found
  })()
  for (const text of texts) await writeWhole(path, text)
  over = true
  for (const text of await seen) expect(texts).toContain(text)
})

test('a link is switched from one target to another, and is never a file', async () => {
  await switchLink(home.path('links', 'door'), '../one')
  await switchLink(home.path('links', 'door'), '../two')
  await writeFile(home.path('two'), 'two')
  expect(await readFile(home.path('links', 'door'), 'utf8')).toBe('two')
  expect(await readdir(home.path('links'))).toEqual(['door'])
})

test.each([0, 1, (1 << 19) - 1, 1 << 19, (1 << 20) + 7])('the hash and size of a file of %i bytes are those of its bytes', async (size) => {
  const bytes = Buffer.alloc(size, 'daybreak')
  await writeFile(home.path('file'), bytes)
  expect(await hashFile(home.path('file'))).toEqual({ sha256: createHash('sha256').update(bytes).digest('hex'), bytes: size })
})

test('line ends are counted over any size, and a quote is seen wherever it is', async () => {
  const text = 'a line\n'.repeat(400_000)
  await writeFile(home.path('plain'), text)
  await writeFile(home.path('quoted'), `${text}"`)
  expect(await countLines(home.path('plain'))).toEqual({ lines: 400_000, quotes: false })
  expect(await countLines(home.path('quoted'))).toEqual({ lines: 400_000, quotes: true })
})

test('a file of ours that is gone or no JSON is told apart, by its path', async () => {
  const path = home.path('file.json')
  expect(await readJsonIfThere(path)).toBeUndefined()
  expect(await readJsonIfThere(join(path, 'below'))).toBeUndefined()
  await expect(readJson(path)).rejects.toMatchObject({ code: 'StorageDamaged', message: `${path} is missing` })
  await writeFile(path, '{"a":')
  await expect(readJsonIfThere(path)).rejects.toMatchObject({ code: 'StorageDamaged', message: `${path} is not valid JSON` })
  expect([await exists(path), await exists(join(path, 'below')), await exists(home.path('none'))]).toEqual([true, false, false])
  expect(await namesIn(home.path('none'))).toEqual([])
})

test('a folder that leads out of the home is refused; the home itself may be a link, and a folder may not be there yet', async () => {
  await mkdir(home.path('real', 'inside'), { recursive: true })
  await mkdir(home.path('outside'))
  await symlink(home.path('real'), home.path('link'))
  await symlink(home.path('outside'), home.path('real', 'out'))
  const within = (...names: string[]) =>
    mustStayInside(
      home.path('link'),
      names.map((name) => home.path('link', name)),
    )
  await expect(within('inside', 'not yet')).resolves.toBeUndefined()
  await expect(within('inside', 'out')).rejects.toMatchObject({
    code: 'HomeUnusable',
    message: expect.stringContaining('leads out of the home'),
  })
})

test('a temporary name is beside its file, is hidden, is no other, and says whose it is', () => {
  const [one, other] = [temporaryName(home.path('file')), temporaryName(home.path('file'))]
  expect(one).not.toBe(other)
  expect(home.path(basename(one))).toBe(one)
  expect(basename(one)).toMatch(/^\./)
  expect(temporaryOwner(basename(one))).toEqual({ here: true, pid: process.pid })
})
