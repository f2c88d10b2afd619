import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goldenFileOf, inputPathOf, listPipelines, loadPipeline } from '../../../engine/loader/loadPipeline.js'
import { emptyFolder, pipelineSource, problemOf, projectOf } from './definitions.js'

const churn = { 'pipelines/churn/pipeline.ts': pipelineSource('churn') }

test('a pipeline comes with its paths, absolute', async () => {
  const root = await projectOf(churn)
  const loaded = await loadPipeline(join(root, 'pipelines'), 'churn')
  expect(loaded).toMatchObject({
    root,
    folder: join(root, 'pipelines/churn'),
    modelFile: join(root, 'pipelines/churn/model/churn.onnx'),
    warnings: [],
  })
  expect(inputPathOf(loaded, '2026-03-01')).toBe(join(root, 'data/customers_2026-03-01.csv'))
  expect(goldenFileOf(loaded)).toBe(join(root, 'pipelines/churn/model/golden.csv'))
  expect(loaded.definition.features.age).toBeTypeOf('function')
})

test('only folders with a pipeline.ts are pipelines, in a fixed order', async () => {
  const root = await projectOf({
    ...churn,
    'pipelines/bikes/pipeline.ts': '',
    'pipelines/Zoo/pipeline.ts': '',
    'pipelines/shared/recency.ts': '',
    'pipelines/pipeline.ts': '',
    'pipelines/.hidden/pipeline.ts': '',
    'pipelines/tsconfig.json': '{}',
  })
  expect(await listPipelines(join(root, 'pipelines'))).toEqual(['Zoo', 'bikes', 'churn'])
})

test('a misspelt name is answered with the nearest one and with what there is', async () => {
  const root = await projectOf({ ...churn, 'pipelines/bikes/pipeline.ts': '' })
  const problem = await problemOf(() => loadPipeline(join(root, 'pipelines'), 'chrun'))
  expect(problem.code).toBe('PipelineUnknown')
  expect(problem.message).toMatch(/"chrun".*did you mean "churn"\?/)
  expect(problem.details).toEqual(['There is bikes, churn.'])
})

test.each(['../churn', 'churn/', './churn', '..', '', 'a\0b'])('the name %j leads nowhere', async (name) => {
  const root = await projectOf({ ...churn, 'churn/pipeline.ts': 'throw new Error("ran")' })
  expect((await problemOf(() => loadPipeline(join(root, 'pipelines'), name))).code).toBe('PipelineUnknown')
})

test('a pipelines folder that is not there is named', async () => {
  const root = await projectOf({})
  const problem = await problemOf(() => loadPipeline(join(root, 'pipelines'), 'churn'))
  expect(problem.code).toBe('PipelineUnknown')
  expect(problem.message).toContain(`${join(root, 'pipelines')} cannot be read: there is no such file or folder`)
})

test('a definition must have the name of its folder', async () => {
  const root = await projectOf({ 'pipelines/churn/pipeline.ts': pipelineSource('chrun') })
  const problem = await problemOf(() => loadPipeline(join(root, 'pipelines'), 'churn'))
  expect(problem).toMatchObject({
    code: 'DefinitionInvalid',
    details: ['name: "chrun" is not the name of the folder, "churn"'],
    place: { file: 'pipelines/churn/pipeline.ts' },
  })
})

test('what is wrong in a definition is told with its file', async () => {
  const root = await projectOf({ 'pipelines/churn/pipeline.ts': pipelineSource('churn').replace("key: 'customer_id'", "key: 'customer'") })
  const problem = await problemOf(() => loadPipeline(join(root, 'pipelines'), 'churn'))
  expect(problem.message).toBe('pipelines/churn/pipeline.ts has a problem: input.key: "customer" is not a column')
})

test('the contract fingerprint follows the contract alone', async () => {
  const fingerprintWith = async (from: string, to: string) => {
    const source = pipelineSource('churn')
    expect(source).toContain(from)
    const root = await projectOf({ 'pipelines/churn/pipeline.ts': source.replace(from, to) })
    return (await loadPipeline(join(root, 'pipelines'), 'churn')).contractFingerprint
  }
  const before = await fingerprintWith('row.age', 'row.age')
  expect(before).toMatch(/^[0-9a-f]{64}$/)
  expect(await fingerprintWith('row.age', 'row.age + 1')).toBe(before)
  expect(await fingerprintWith('data/customers', 'other/customers')).toBe(before)
  expect(
    await fingerprintWith(
      'customer_id: column.text(), age: column.number({ min: 0 })',
      'age: column.number({ min: 0 }), customer_id: column.text()',
    ),
  ).toBe(before)
  expect(await fingerprintWith('min: 0', 'min: 1')).not.toBe(before)
  expect(await fingerprintWith("format: 'csv'", "format: 'csv', duplicates: 'fail'")).not.toBe(before)
})

test('a copy elsewhere, and a way through a symbolic link, have the same fingerprints', async () => {
  const root = await projectOf({
    'pipelines/churn/pipeline.ts': pipelineSource('churn', 'age: (row) => row.age, legs').replace(
      /^/,
      "import { legs } from '../../shared/legs.ts'\n",
    ),
    'shared/legs.ts': 'export const legs = () => 2\n',
  })
  const elsewhere = await emptyFolder()
  await cp(root, join(elsewhere, 'copy'), { recursive: true })
  await symlink(root, join(elsewhere, 'link'))
  const original = await loadPipeline(join(root, 'pipelines'), 'churn')
  for (const place of ['copy', 'link']) {
    const other = await loadPipeline(join(elsewhere, place, 'pipelines'), 'churn')
    expect(other.compiled.fingerprint).toBe(original.compiled.fingerprint)
    expect(other.root).toBe(join(elsewhere, place))
  }
})
