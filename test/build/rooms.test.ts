import { readdir, readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

interface RoomsTable {
  readonly ROOMS: Readonly<
    Record<string, { readonly from: readonly string[]; readonly notRooms?: readonly string[]; readonly not?: readonly string[] }>
  >
  reachable(room: string): ReadonlySet<string>
  roomOf(file: string): string | undefined
  lintRules(): readonly LintOverride[]
}

interface LintOverride {
  readonly linter: { readonly rules?: { readonly style?: { readonly noRestrictedImports?: unknown } } }
}

const { ROOMS, reachable, roomOf, lintRules } = (await import(new URL('../../../build/rooms.js', import.meta.url).href)) as RoomsTable

/** The files of all rooms with what they import of ours, type-only imports and files beside them included. */
async function importsOfRooms(): Promise<ReadonlyMap<string, readonly string[]>> {
  const tops = [...new Set(Object.keys(ROOMS).map((room) => room.split('/')[0]!))]
  const names = await Promise.all(tops.map((top) => readdir(join(ROOT, top), { recursive: true })))
  const files = tops.flatMap((top, index) => names[index]!.filter((name) => /\.tsx?$/.test(name)).map((name) => join(top, name)))
  const imports = await Promise.all(files.map(async (file) => [file, importsOf(file, await readFile(join(ROOT, file), 'utf8'))] as const))
  return new Map(imports)
}

function importsOf(file: string, text: string): readonly string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport\(|\bimport|new URL\()\s*'(\.[^']*\.js)'/g)
  return [...found].map(([, target = '']) => relative(ROOT, join(ROOT, dirname(file), target)).replace(/\.js$/, ''))
}

const without = (file: string) => file.replace(/\.tsx?$/, '')

test("the linter's rules are those of the table: npm run rooms writes them", async () => {
  const { overrides } = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8')) as { overrides: readonly LintOverride[] }
  expect(overrides.filter(({ linter }) => linter.rules?.style?.noRestrictedImports !== undefined)).toEqual(lintRules())
})

test('every import of every file points to its own room or to one below it', async () => {
  const wrong: string[] = []
  for (const [file, targets] of await importsOfRooms()) {
    const near = reachable(roomOf(file) ?? '')
    for (const target of targets) if (!near.has(roomOf(target) ?? '')) wrong.push(`${file} imports ${target}`)
  }
  expect(wrong).toEqual([])
})

/** Packages and builtins that a text imports, by their names as they stand. */
const packagesOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*'([^.'][^']*)'/g)].map(([, name = '']) => name)

/** A pattern names what begins as it does up to its star; without a star, a package and what is inside it. */
const names = (pattern: string, name: string): boolean =>
  pattern.includes('*') ? name.startsWith(pattern.split('*')[0]!) : `${name}/`.startsWith(`${pattern}/`)

test('no file imports a package that its room must not, and a builtin is named as one', async () => {
  const wrong: string[] = []
  for (const file of (await importsOfRooms()).keys()) {
    const { not = [] } = ROOMS[roomOf(file)!]!
    for (const name of packagesOf(await readFile(join(ROOT, file), 'utf8')))
      if ((isBuiltin(name) && !name.startsWith('node:')) || not.some((pattern) => names(pattern, name)))
        wrong.push(`${file} imports ${name}`)
  }
  expect(wrong).toEqual([])
})

test('a definition that ships imports the package, and what is beside it', async () => {
  const names = (await readdir(join(ROOT, 'pipelines'), { recursive: true })).filter((name) => name.endsWith('.ts'))
  expect(names.length).toBeGreaterThan(0)
  const imported = await Promise.all(names.map(async (name) => packagesOf(await readFile(join(ROOT, 'pipelines', name), 'utf8'))))
  expect([...new Set(imported.flat())]).toEqual(['daybreak'])
})

test('no file imports itself on a way of whatever length, by types alone included', async () => {
  const imports = new Map([...(await importsOfRooms())].map(([file, targets]) => [without(file), targets]))
  const finished = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' > '))
    else if (!finished.has(file)) for (const target of imports.get(file) ?? []) visit(target, [...way, file])
    finished.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  expect(circles).toEqual([])
})

test('a room that is left to those between is one that could be reached, and is not', () => {
  for (const [room, { from, notRooms = [] }] of Object.entries(ROOMS)) {
    const below = new Set(from.flatMap((one) => [...reachable(one)]))
    for (const other of notRooms) {
      expect(below).toContain(other)
      expect(reachable(room)).not.toContain(other)
    }
  }
})

test('a room below never leads back to one above it, and no folder inside a room has the name of another room', async () => {
  const order = Object.keys(ROOMS)
  for (const [room, { from }] of Object.entries(ROOMS))
    for (const below of from) expect(order.indexOf(below)).toBeGreaterThan(order.indexOf(room))
  const names = new Set(order.map((room) => room.split('/').at(-1)))
  for (const file of (await importsOfRooms()).keys()) {
    const inner = dirname(file)
      .slice(roomOf(file)?.length ?? 0)
      .split('/')
      .filter((name) => name !== '')
    expect(
      inner.filter((name) => names.has(name)),
      file,
    ).toEqual([])
  }
})
