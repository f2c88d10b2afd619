import { describe, expect, test } from 'vitest'
import { describeModel } from '../../../../engine/model/onnx/describe.js'
import { linearRegressorModel, onnxModel, type Value } from '../../../setup/onnxBuilder.js'
import { external, modelFiles, n2, y } from './modelFiles.js'

const { folder, refusal } = modelFiles()

describe('a file that is no model is refused with the reason', () => {
  test.each([
    ['empty', '', /is empty/],
    ['pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12\n', /Git LFS pointer/],
    ['page', '\n<!DOCTYPE html><html>', /web page/],
    ['zip', 'PK\x03\x04....', /zip archive/],
    ['json', '{"model": 1}', /JSON/],
    ['text', 'hello world, this is not a model', /not an ONNX model/],
  ])('%s', async (name, content, reason) => {
    expect((await refusal(`${name}.onnx`, content)).message).toMatch(reason)
  })

  test('a pickle', async () => {
    expect((await refusal('model.pkl', Buffer.from([0x80, 4, 0x95, 1, 2, 3]))).message).toMatch(/pickle/)
  })

  test('a missing file', async () => {
    await expect(describeModel(folder.path('nowhere.onnx'))).rejects.toMatchObject({
      message: expect.stringContaining('no such file'),
      problem: { next: expect.stringMatching(/^Check the path/) },
    })
  })

  test('a folder', async () => {
    await expect(describeModel(folder.path())).rejects.toThrow(/it is a folder/)
  })

  test('a truncated file, with both sizes', async () => {
    const bytes = linearRegressorModel({ coefficients: [1, 2], intercept: 0 })
    const error = await refusal('short.onnx', bytes.subarray(0, 60))
    expect(error.message).toMatch(/was cut off: it must have at least \d+ bytes and has 60/)
  })

  test('bfloat16', async () => {
    const odd: Value = { name: 'x', type: 'bfloat16', shape: ['n', 2] }
    const bytes = onnxModel({
      nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
      inputs: [odd],
      outputs: [{ ...odd, name: 'y' }],
    })
    const error = await refusal('bfloat.onnx', bytes)
    expect(error.message).toMatch(/input "x" is of bfloat16/)
    expect(error.problem.next).toMatch(/float32/)
  })

  test('an operator of a foreign domain', async () => {
    const bytes = onnxModel({ nodes: [{ operator: 'Guess', domain: 'acme', inputs: ['x'], outputs: ['y'] }], inputs: [n2], outputs: [y] })
    expect((await refusal('foreign.onnx', bytes)).message).toMatch(/operators that onnxruntime does not have: Guess of acme/)
  })

  test('an unknown standard operator, in the words of the runtime', async () => {
    const bytes = onnxModel({ nodes: [{ operator: 'Guess', inputs: ['x'], outputs: ['y'] }], inputs: [n2], outputs: [y] })
    expect((await refusal('unknown.onnx', bytes)).message).toMatch(/refused by onnxruntime: .*Guess/)
  })

  test('weights that are missing', async () => {
    expect((await refusal('lost.onnx', external('lost.bin'))).message).toMatch(/"lost.bin" beside it.*no such file/)
  })

  test.each(['../secret.bin', '/etc/hostname', 'a/../../b'])('weights from outside the folder: %s', async (location) => {
    expect((await refusal('outside.onnx', external(location))).message).toMatch(/outside its folder/)
  })
})
