/** Tests are where one looks for them: the test of a file has the file's path, and moves when the file does. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Folders of `test` that follow something else than the rooms; `setup` has what tests are made with. */
const APART = ['build', 'docs', 'endToEnd', 'parity', 'pipelines', 'setup', 'torture']

/** Tests of a whole room, which have no file of their own there. */
const OF_A_ROOM = ['workflows/replay']

/** Files whose work shows only through another file of the engine, by the file whose test holds them. */
const HELD_BY: Readonly<Record<string, string>> = {
  'batch/knownModels': 'batch/trial',
  'batch/trialProcess': 'batch/trial',
  'batch/trialThread': 'batch/trial',
  'model/onnx/drawnRows': 'model/onnx/tryInputs',
  'model/onnx/knownValues': 'model/onnx/tryInputs',
  'model/onnx/rowsAlone': 'model/onnx/tryInputs',
  'model/onnx/modelFile': 'model/onnx/describe',
  'scoring/goldenFile': 'scoring/golden',
}

const namesIn = async (folder: string, end: RegExp) =>
  (await readdir(join(ROOT, folder), { recursive: true })).filter((name) => end.test(name)).map((name) => name.replace(end, ''))

test('the file that a test is of is at the path of the test', async () => {
  const tests = (await namesIn('test', /\.test\.ts$/)).filter((name) => !APART.includes(name.split('/')[0]!))
  const rooms = [...new Set(tests.map((name) => name.split('/')[0]!))]
  const product = new Set(
    (await Promise.all(rooms.map(async (room) => (await namesIn(room, /\.tsx?$/)).map((name) => `${room}/${name}`)))).flat(),
  )
  expect(tests.length).toBeGreaterThan(50)
  expect(tests.filter((name) => !product.has(name) && !OF_A_ROOM.includes(name)).map((name) => `test/${name}.test.ts`)).toEqual([])
})

test('every file of the engine that does anything has a test at its path, or at that of the file it works for', async () => {
  const tests = new Set(await namesIn('test/engine', /\.test\.ts$/))
  const files = (await namesIn('engine', /\.ts$/)).filter((name) => !/(^|\/)kernel\//.test(name) && !tests.has(name))
  const compiled = await Promise.all(files.map((name) => readFile(join(ROOT, 'dist/engine', `${name}.js`), 'utf8')))
  // Types leave nothing behind, and a table does nothing.
  const acts = (code: string) => /=>|\bfunction\b|\bclass\b/.test(code.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
  expect(tests.size).toBeGreaterThan(80)
  const bare = files.filter((name, index) => acts(compiled[index]!) && !tests.has(HELD_BY[name] ?? ''))
  expect(bare.map((name) => `engine/${name}.ts`)).toEqual([])
  expect(Object.keys(HELD_BY).filter((name) => !files.includes(name))).toEqual([])
})
