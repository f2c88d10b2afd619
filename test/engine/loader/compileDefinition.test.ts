import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { dismissBundler } from '../../../engine/loader/bundler.js'
import { compileDefinition } from '../../../engine/loader/compileDefinition.js'
import { pipelineSource, problemOf, projectOf } from './definitions.js'

const PIPELINE = 'pipelines/churn/pipeline.ts'

/** A definition that imports a feature and a list, with the given sources. */
const project = (change: { pipeline?: string; recency?: string; cities?: string; tsconfig?: string } = {}) =>
  projectOf({
    [PIPELINE]:
      change.pipeline ??
      `import cities from '../../shared/cities.json'\nimport { recency } from './recency'\n${pipelineSource('churn', 'recency, n: () => cities.length')}`,
    'pipelines/churn/recency.ts': change.recency ?? 'export const recency = (row: { age: number }) => row.age * 2\n',
    'shared/cities.json': change.cities ?? '["Oslo"]',
    ...(change.tsconfig ? { 'tsconfig.json': change.tsconfig } : {}),
  })

const compile = async (root: string) => compileDefinition(join(root, PIPELINE), root)
const fingerprintOf = async (root: string) => (await compile(root)).compiled.fingerprint

test('a definition that imports is one module without imports', async () => {
  const { compiled, warnings } = await compile(await project())
  expect(compiled.code).toContain('row.age*2')
  expect(compiled.code).not.toMatch(/\bimport\b/)
  expect(compiled.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(warnings).toEqual([])
})

test('the fingerprint stays when only the writing changes', async () => {
  const before = await fingerprintOf(await project())
  const recency = '/* how long ago */\r\nexport const recency =\r\n  // twice\r\n  (row: { readonly age: number }) => row.age   * 2\r\n'
  expect(await fingerprintOf(await project({ recency }))).toBe(before)
  expect(await fingerprintOf(await project({ tsconfig: '{ "compilerOptions": { "target": "es5", "verbatimModuleSyntax": true } }' }))).toBe(
    before,
  )
})

test('the fingerprint stays in another current directory', async () => {
  const root = await project()
  const before = await fingerprintOf(root)
  const home = process.cwd()
  try {
    process.chdir(join(root, 'shared'))
    expect(await fingerprintOf(root)).toBe(before)
  } finally {
    process.chdir(home)
  }
})

test('the fingerprint moves with a change in anything imported', async () => {
  const before = await fingerprintOf(await project())
  expect(await fingerprintOf(await project({ recency: 'export const recency = (row: { age: number }) => row.age * 3\n' }))).not.toBe(before)
  expect(await fingerprintOf(await project({ cities: '["Oslo","Rome"]' }))).not.toBe(before)
})

test('a name that the product does not have is an error with its line', async () => {
  const root = await project({ pipeline: pipelineSource('churn').replaceAll('column', 'colum') })
  const problem = await problemOf(() => compile(root))
  expect(problem.code).toBe('DefinitionInvalid')
  expect(problem.place).toEqual({ file: PIPELINE, line: 2 })
  expect(problem.details[0]).toMatch(/^pipelines\/churn\/pipeline\.ts:2:18: .*"colum".*Did you mean to import "column"/)
})

test('all that cannot be compiled is told at once', async () => {
  const root = await project({ pipeline: "import { a } from './a'\nimport { b } from 'nowhere-to-be-found'\nexport default a(b)\n" })
  const problem = await problemOf(() => compile(root))
  expect(problem.details).toEqual([
    'pipelines/churn/pipeline.ts:1:19: Could not resolve "./a"',
    'pipelines/churn/pipeline.ts:2:19: Could not resolve "nowhere-to-be-found"',
  ])
})

test('a syntax error in an imported file names that file', async () => {
  const root = await project({ recency: 'export const recency =\n' })
  expect((await problemOf(() => compile(root))).details[0]).toMatch(/^pipelines\/churn\/recency\.ts:2:1: /)
})

test('a definition without a default export says so', async () => {
  const root = await project({ pipeline: 'export const churn = 1\n' })
  const problem = await problemOf(() => compile(root))
  expect(problem.message).toBe('pipelines/churn/pipeline.ts has no default export')
  expect(problem.next).toContain('export default definePipeline')
})

test('a definition that could read what its fingerprint does not cover is warned about', async () => {
  const recency =
    "import { readFileSync } from 'node:fs'\nimport { sep } from 'node:path'\nexport const recency = () => readFileSync(sep).length\n"
  expect((await compile(await project({ recency }))).warnings).toEqual([
    'pipelines/churn/recency.ts: imports node:fs; what the definition reads through it is not part of its fingerprint',
  ])
})

test('a bundler that was killed, as Ctrl-C in a terminal kills it, is started again', async () => {
  const before = await fingerprintOf(await project())
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(process.pid), 'esbuild'])
  for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await fingerprintOf(await project())).toBe(before)
})

test('a bundler is dismissed when nobody waits for it, and not before', async () => {
  const ours = () =>
    promisify(execFile)('pgrep', ['-P', String(process.pid), 'esbuild']).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    )
  const building = compile(await project())
  let answered = false
  void building.then(() => {
    answered = true
  })
  while (!answered) {
    await dismissBundler()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await compile(await project())
  await dismissBundler()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await ours()).toBe('')
  expect((await compile(await project())).compiled.fingerprint).toBe((await building).compiled.fingerprint)
})

test('a definition that did not change is compiled once; what is changed, replaced or put before a file it imports is seen', async () => {
  const root = await project()
  const settled = () => new Promise((resolve) => setTimeout(resolve, 150))
  await settled()
  const first = await compile(root)
  expect(await compile(root)).toBe(first)
  const seen = new Set([first.compiled.fingerprint])
  const changes = [
    () => writeFile(join(root, 'pipelines/churn/recency.ts'), 'export const recency = (row: { age: number }) => row.age * 3\n'),
    () => writeFile(join(root, 'shared/cities.json'), '["Rome", "Oslo"]'),
    // A folder comes after a file of that name, and a file with the ending comes before one without.
    () => writeFile(join(root, 'pipelines/churn/recency.tsx'), 'export const recency = (row: { age: number }) => row.age * 4\n'),
    () => rm(join(root, 'pipelines/churn/recency.ts')),
  ]
  for (const change of changes) {
    await change()
    seen.add((await compile(root)).compiled.fingerprint)
    await settled()
    expect(seen).toContain((await compile(root)).compiled.fingerprint)
  }
  expect(seen.size).toBeGreaterThanOrEqual(4)
})
