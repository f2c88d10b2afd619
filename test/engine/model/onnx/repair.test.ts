import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeModel } from '../../../../engine/model/onnx/describe.js'
import { linearClassifierModel } from '../../../setup/onnxBuilder.js'
import { external, modelFiles } from './modelFiles.js'

const { stored, refusal } = modelFiles()

test.each([true, 'alone'] as const)(
  'a ZipMap becomes a tensor; its labels and the fingerprint of the file stay (map alone: %s)',
  async (zipMap) => {
    const bytes = linearClassifierModel({
      features: 2,
      coefficients: [
        [1, 2],
        [0, 1],
        [1, 0],
      ],
      intercept: [0, 0, 0],
      labels: [94, 17, 36],
      zipMap,
    })
    const model = await describeModel(await stored('zip.onnx', bytes))
    expect(model.repairs).toEqual(['ZipMap removed: output "output_probability" is now "probabilities", a tensor of 3 probabilities'])
    expect(model.outputs.at(-1)).toEqual({ name: 'probabilities', type: 'float32', shape: [-1, 3] })
    expect(model.classes).toEqual([94, 17, 36])
    expect(model.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
  },
)

test('a ZipMap that would have to be removed from a model with weights elsewhere is refused', async () => {
  await stored('there.bin', Buffer.alloc(8))
  expect((await refusal('both.onnx', external('there.bin', true))).problem.next).toMatch(/zipmap=False/)
})
