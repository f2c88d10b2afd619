import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { regression } from '../../../../definition/tasks.js'
import { Tensor } from '../../../../engine/model/onnx/runtime.js'
import { openModel } from '../../../../engine/model/session.js'
import { treeModel } from '../../../setup/onnxBuilder.js'
import { comparedTrees } from './comparedTrees.js'
import { modelOf, plain } from './drawnEnsembles.js'

const { folder, chainOf } = comparedTrees()

test('trees behind inputs of which nobody knows how wide they are are left to the runtime', async () => {
  const chain = await chainOf(treeModel({ place: 1, open: ['one', 'other'] }))
  expect(await chain.useOwnTrees('variable', 8, 5)).toBe(false)
  await chain.release()
})

test("labels that are asked for with the scores are the runtime's, the scores the engine's", async () => {
  const { bytes } = modelOf({ ...plain, trees: 20, negative: false })
  const chain = await chainOf(bytes)
  const rows = Float32Array.from({ length: 30 }, (_, index) => index / 3 - 5)
  const both = async () => {
    const answers = await chain.infer({ input: new Tensor('float32', rows, [10, 3]) }, ['label', 'scores'])
    return answers.map(({ data }) => Array.from(data as ArrayLike<number | bigint>, Number))
  }
  const expected = await both()
  expect(await chain.useOwnTrees('scores', 10, 3)).toBe(true)
  expect(await both()).toEqual(expected)
  await chain.release()
})

test('a model of a fixed batch is tried with just as many records', async () => {
  const { bytes } = modelOf({ ...plain, batch: 3 })
  const chain = await chainOf(bytes)
  expect(await chain.useOwnTrees('scores', 3, 3)).toBe(true)
  await chain.release()
})

test('a model says whose engine walks its trees', async () => {
  const file = folder.path('said.onnx')
  await writeFile(file, treeModel({ place: 1, width: 2 }))
  const model = await openModel(file, { task: regression(), features: ['a', 'b'], inputs: 'one-tensor' })
  expect(model.description.notes.at(-1)).toMatch(/walked by Daybreak's own engine/)
  await model.close()
})
