import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type CompiledDefinition, compileDefinition } from '../../../engine/loader/compileDefinition.js'
import { runDefinition } from '../../../engine/loader/runDefinition.js'
import { emptyFolder, pipelineSource, problemOf, projectOf } from './definitions.js'

const RUN_DEFINITION = new URL('../../../engine/loader/runDefinition.js', import.meta.url)

async function compileWith(recency: string): Promise<CompiledDefinition> {
  const root = await projectOf({
    'pipelines/churn/pipeline.ts': `import { recency } from '../../shared/recency'\n${pipelineSource('churn', 'recency')}`,
    'shared/recency.ts': recency,
  })
  return (await compileDefinition(join(root, 'pipelines/churn/pipeline.ts'), root)).compiled
}

test('the definition comes as it was written, with columns of the running product', async () => {
  const definition = await runDefinition(await compileWith('export const recency = (row: { age: number }) => row.age * 2'))
  expect(definition.name).toBe('churn')
  expect(definition.input.columns.age).toEqual({ kind: 'number', nullable: false, nullValues: [], trim: false, min: 0 })
  expect((definition.features.recency as (row: object) => unknown)({ age: 4 })).toBe(8)
})

test('the same compiled definition is evaluated once', async () => {
  const compiled = await compileWith('globalThis.loads = (globalThis.loads ?? 0) + 1\nexport const recency = () => globalThis.loads')
  const [first, second] = await Promise.all([runDefinition(compiled), runDefinition({ ...compiled })])
  expect(second).toBe(first)
  expect((first.features.recency as () => unknown)()).toBe(1)
})

test('code that is not what its fingerprint says does not run', async () => {
  const compiled = await compileWith('export const recency = () => 3')
  const problem = await problemOf(() => runDefinition({ ...compiled, code: `globalThis.ran = true;${compiled.code}` }))
  expect(problem.code).toBe('DefinitionChanged')
  expect(globalThis).not.toHaveProperty('ran')
})

test('an error while the definition is evaluated names the line of its own source, and leaves nothing behind', async () => {
  const compiled = await compileWith(
    "import { day } from 'daybreak'\n\n// since the move\nconst moved: number = day('2026-02-30')\nexport const recency = () => moved\n",
  )
  const folder = await emptyFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const problem = await problemOf(() => runDefinition(compiled))
  expect(problem).toMatchObject({
    code: 'DefinitionInvalid',
    details: ['shared/recency.ts:4: "2026-02-30" is not a calendar day of the form YYYY-MM-DD'],
    place: { file: 'shared/recency.ts', line: 4 },
  })
  expect(await readdir(folder)).toEqual([])
})

test('a feature that throws later still names its source', async () => {
  const definition = await runDefinition(await compileWith('\n\nexport const recency = (row: any) => row.nothing.here\n'))
  const thrown = (() => {
    try {
      return (definition.features.recency as (row: object) => unknown)({})
    } catch (error) {
      return error
    }
  })()
  expect((thrown as Error).stack).toMatch(/shared\/recency\.ts:3:/)
})

test('a scoring thread runs the compiled definition it is given', async () => {
  const compiled = await compileWith('export const recency = () => 5')
  const thread = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     import(workerData.module)
       .then(({ runDefinition }) => runDefinition(workerData.compiled))
       .then((definition) => parentPort.postMessage(definition.features.recency()))`,
    { eval: true, workerData: { compiled, module: RUN_DEFINITION.href } },
  )
  const answer = await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject))
  expect(answer).toBe(5)
  await thread.terminate()
})

test('a scoring thread loads neither esbuild nor zod', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(RUN_DEFINITION)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false,
  })
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  expect(outside).toContain('node:fs/promises')
  expect(outside.filter((path) => !path.startsWith('node:'))).toEqual([])
})
