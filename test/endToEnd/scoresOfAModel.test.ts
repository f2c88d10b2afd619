/** What a model says of a day decides whether its day is published: scores that are a little beyond 0 and 1, and labels of its own. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DATE } from '../setup/installation.js'
import { forestModel, onnxModel } from '../setup/onnxBuilder.js'
import { localDay } from './localDay.js'

const { here, local } = localDay()

const putModel = (name: string, bytes: Uint8Array) => writeFile(join(here().project.pipelines, 'churn', 'model', name), bytes)

test.each([
  [1, '1.0000004,1.0000004'],
  [0, '-3.5762787e-7,1.0000004'],
])(
  'a forest that is very sure gives a little more than 1 and less than 0, and its day is published: positive %s',
  async (positive, line) => {
    // 30 float32 of 1/30 add up to 1.0000004.
    await putModel('forest.onnx', forestModel({ features: 4, trees: 30 }))
    const task = `{ kind: 'binary', positive: ${positive}, name: 'churn', threshold: 0.5 }`
    await here().define(
      `notify: {}, anomalies: [], model: { file: 'model/forest.onnx', version: '2', task: ${task} }, output: { columns: ['score', 'probability'] }`,
    )
    await here().deliver(DATE)
    expect(JSON.parse((await local('--json')).stdout)).toMatchObject({ published: true })
    const written = await readFile(join(here().settings.home, 'churn', 'predictions', `predictions_${DATE}.csv`), 'utf8')
    expect(new Set(written.trim().split('\n').slice(1))).toEqual(new Set([line]))
  },
)

/** A probability that turns at an age of 40, and a label that turns at 42. */
const apart = onnxModel({
  nodes: [
    { operator: 'Gemm', inputs: ['input', 'weights', 'offset'], outputs: ['margin'] },
    { operator: 'Sigmoid', inputs: ['margin'], outputs: ['probability'] },
    { operator: 'Greater', inputs: ['margin', 'limit'], outputs: ['more'] },
    { operator: 'Cast', inputs: ['more'], outputs: ['label'], attributes: { to: 7 } },
  ],
  weights: [
    { name: 'weights', shape: [4, 1], values: [1, 0, 0, 0] },
    { name: 'offset', shape: [1], values: [-40] },
    { name: 'limit', shape: [1], values: [2] },
  ],
  inputs: [{ name: 'input', type: 'float32', shape: ['n', 4] }],
  outputs: [
    { name: 'label', type: 'int64', shape: ['n', 1] },
    { name: 'probability', type: 'float32', shape: ['n', 1] },
  ],
})

test('labels of its own that differ from the scores are told, with the share, and refused above the limit', async () => {
  await putModel('apart.onnx', apart)
  const define = (options: string) =>
    here().define(
      `notify: {}, anomalies: [], model: { file: 'model/apart.onnx', version: '2', task: churn.model.task, ownLabels: ${options} }`,
    )
  await define('{ failAbove: 1, warnAbove: 0 }')
  await here().deliver(DATE)
  expect(JSON.parse((await local('--json')).stdout)).toMatchObject({ verdict: 'warn', published: true })
  const manifest = (await here().manifest())!
  const { compared, differing } = manifest.ownLabels!
  expect(compared).toBe(manifest.accounts!.predicted)
  expect(differing).toBeGreaterThan(0)
  expect(manifest.warnings).toContainEqual(expect.stringContaining(`in ${differing} of ${compared} compared rows`))
  await define('{ failAbove: 0, warnAbove: 0 }')
  const refused = JSON.parse((await local('--rerun', '--json')).stdout)
  expect(refused).toMatchObject({ published: false, problem: { code: 'ModelMismatch', next: expect.stringContaining('model.ownLabels') } })
})
