/** What the documents say of the repository is so: every path they name is there, and their maps show every room. */
import { access, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const { ROOMS } = (await import(new URL('../../../build/rooms.js', import.meta.url).href)) as {
  readonly ROOMS: Readonly<Record<string, { readonly from: readonly string[] }>>
}

/** Folders whose contents are all the repository's own, so that a path that begins with one of them is meant to be there. */
const OWN = [...new Set(Object.keys(ROOMS).map((room) => room.split('/')[0]!)), 'test', 'docs', 'bench', 'build', 'pipelines/churn']

/** Every document, from the root on. */
async function documents(): Promise<readonly string[]> {
  const names = await Promise.all(['docs', 'bench', 'pipelines'].map((folder) => readdir(join(ROOT, folder), { recursive: true })))
  const below = ['docs', 'bench', 'pipelines'].flatMap((folder, index) => names[index]!.map((name) => join(folder, name)))
  return [...(await readdir(ROOT)), ...below].filter((name) => name.endsWith('.md'))
}

const isThere = async (path: string) =>
  await access(join(ROOT, path)).then(
    () => true,
    () => false,
  )

/** Those of `places` that lead nowhere, each with the file that names it. */
async function missing(places: readonly (readonly [file: string, path: string])[]): Promise<readonly string[]> {
  const found = await Promise.all(places.map(async ([file, path]) => ((await isThere(path)) ? [] : [`${file}: ${path}`])))
  return found.flat()
}

test('every path of a folder of ours that a document names is there', async () => {
  const path = new RegExp(`(?<![\\w./-])(?:${OWN.join('|')})/(?:[\\w./-]*\\w/?)?`, 'g')
  const files = [...(await documents()), 'Dockerfile', 'docker-compose.yml', '.env.example']
  const named = await Promise.all(
    files.map(async (file) => [...(await readFile(join(ROOT, file), 'utf8')).matchAll(path)].map(([found]) => [file, found] as const)),
  )
  expect(named.flat().length).toBeGreaterThan(100)
  expect(await missing(named.flat())).toEqual([])
})

test('every relative link of a document leads to something', async () => {
  const named = await Promise.all(
    (await documents()).map(async (file) => {
      const links = (await readFile(join(ROOT, file), 'utf8')).matchAll(/\]\((?!https?:|#)([^)#]+)/g)
      return [...links].map(([, target = '']) => [file, join(dirname(file), target)] as const)
    }),
  )
  expect(named.flat().length).toBeGreaterThan(10)
  expect(await missing(named.flat())).toEqual([])
})

test('every source file that a document names by its name alone is there', async () => {
  const tops = OWN.filter((folder) => folder !== 'docs')
  const sources = new Set(
    (await Promise.all(tops.map((folder) => readdir(join(ROOT, folder), { recursive: true })))).flat().map((name) => basename(name)),
  )
  const wrong: string[] = []
  for (const file of await documents()) {
    const text = await readFile(join(ROOT, file), 'utf8')
    for (const [name] of text.matchAll(/(?<![\w./-])\w+\.tsx?\b/g)) if (!sources.has(name)) wrong.push(`${file}: ${name}`)
  }
  expect(wrong).toEqual([])
})

test('the map of CONTRIBUTING.md is the table of rooms, in its order, and the README names them all', async () => {
  const contributing = await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  const rows = [...contributing.matchAll(/^\| `([\w/]+)\/` \|[^|]*\|(.*)\|$/gm)]
  const map = rows.map(([, room = '', from = '']) => [room, [...from.matchAll(/`([\w/]+)`/g)].map(([, name]) => name)])
  expect(map).toEqual(Object.entries(ROOMS).map(([room, { from }]) => [room, from]))
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  expect(Object.keys(ROOMS).filter((room) => !readme.includes(`\`${room}/\``))).toEqual([])
})
