import { expect, test } from 'vitest'
import { binary, regression } from '../../../definition/tasks.js'
import { openModel } from '../../../engine/model/session.js'
import { linearClassifierModel, linearRegressorModel, mixedInputsModel, onnxModel } from '../../setup/onnxBuilder.js'
import { openedModels, score } from './openedModels.js'

const { folder, open, problemsOf } = openedModels()

const scaler = (offset: readonly number[], scale: readonly number[]) =>
  onnxModel({
    nodes: [
      {
        operator: 'Scaler',
        domain: 'ai.onnx.ml',
        inputs: ['x'],
        outputs: ['scaled'],
        attributes: { offset: { floats: offset }, scale: { floats: scale } },
      },
    ],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', offset.length] }],
    outputs: [{ name: 'scaled', type: 'float32', shape: ['n', offset.length] }],
  })

test('a scaler before the model gives what one who scales by hand gets, bit for bit', async () => {
  const bytes = linearClassifierModel({ features: 2, coefficients: [[1, -2]], intercept: [0.25], labels: [0, 1], zipMap: true })
  const spec = { task: binary({ positive: 1 }), features: ['a', 'b'] }
  const rows = Array.from({ length: 50 }, (_, index) => [index * 1.37, 40 - index] as const)
  const chained = await score(await open(bytes, spec, [scaler([20, 15], [0.1, 0.25])]), rows)
  const byHand = rows.map(([a, b]) => [Math.fround(Math.fround(a) - 20) * Math.fround(0.1), Math.fround(Math.fround(b) - 15) * 0.25])
  expect(chained).toEqual(await score(await open(bytes, spec), byHand))
  const twice = await open(bytes, spec, [scaler([20, 15], [0.1, 0.25]), scaler([0, 0], [1, 1])])
  expect(await score(twice, rows)).toEqual(chained)
  expect(twice.description.files).toHaveLength(3)
})

test('a batch that only the model fixes holds for the steps too', async () => {
  const bytes = linearClassifierModel({ features: 2, coefficients: [[1, -2]], intercept: [0.25], labels: [0, 1], batch: 3 })
  const model = await open(bytes, { task: binary({ positive: 1 }), features: ['a', 'b'] }, [scaler([0, 0], [1, 1])])
  expect(model.plan.fixedBatch).toBe(3)
  expect(
    await score(model, [
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 0],
    ]),
  ).toHaveLength(4)
})

test('what does not fit together in a chain is named before data is read', async () => {
  const bytes = linearRegressorModel({ coefficients: [1, 2], intercept: 0 })
  const spec = { task: regression(), features: ['a', 'b', 'c'] }
  expect(await problemsOf(bytes, spec, [scaler([0, 0, 0], [1, 1, 1])])).toEqual([
    expect.stringMatching(/gives "scaled" float32 \[n, 3\], and .* takes "input" float32 \[n, 2\]/),
  ])
  expect(await problemsOf(mixedInputsModel(), spec, [scaler([0, 0, 0], [1, 1, 1])])).toEqual([expect.stringContaining('takes 4 inputs')])
  await expect(openModel(folder.path('x.onnx'), { inputs: 'one-tensor', ...spec }, [folder.path('none.onnx')])).rejects.toMatchObject({
    code: 'ModelUnusable',
    message: expect.stringContaining('none.onnx'),
  })
})
