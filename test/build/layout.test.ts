import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

interface Layout {
  readonly ENTRIES: Readonly<Record<string, string>>
  readonly KERNELS: readonly string[]
  readonly RUNTIME: string
  readonly SCORING: readonly string[]
}

const layout = (await import(new URL('../../../build/layout.js', import.meta.url).href)) as Layout
const { ROOMS } = (await import(new URL('../../../build/rooms.js', import.meta.url).href)) as { ROOMS: object }
const readJson = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(ROOT, name), 'utf8'))

const missing = (paths: readonly string[]) => paths.filter((path) => !existsSync(join(ROOT, path)))

test('what the build starts from, compiles and leaves outside is where it says', () => {
  const { ENTRIES, KERNELS, RUNTIME, SCORING } = layout
  const compiled = [...Object.values(ENTRIES), RUNTIME, ...SCORING, ...KERNELS.map((kernel) => `${kernel}.wasm`)]
  expect(missing(compiled.map((path) => `dist/${path}`))).toEqual([])
  expect(missing([...KERNELS, ...Object.keys(ENTRIES).map((name) => `dist/bin/${name}.js`)])).toEqual([])
})

test('the package names files that are there: its command, what it exports, what its scripts run', async () => {
  const text = JSON.stringify(await readJson('package.json'))
  const paths = [...text.matchAll(/(?:\.\/)?((?:dist|build)\/[\w./-]+\.(?:js|d\.ts))/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(8)
  expect(missing(paths)).toEqual([])
})

test('every top-level folder of a room is compiled and type-checked', async () => {
  const { include } = (await readJson('tsconfig.json')) as { include: readonly string[] }
  const tops = new Set(Object.keys(ROOMS).map((room) => room.split('/')[0]!))
  expect([...tops].filter((top) => !include.includes(top))).toEqual([])
  expect(missing(include)).toEqual([])
})
