import { createHash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeModel } from '../../../../engine/model/onnx/describe.js'
import { readOnnx } from '../../../../engine/model/onnx/onnxFile.js'
import { removeZipMaps } from '../../../../engine/model/onnx/repair.js'
import { DaybreakError } from '../../../../engine/protocol/errors.js'
import { linearClassifierModel, linearRegressorModel, onnxModel, type Value } from '../../../setup/onnxBuilder.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'))
})

async function stored(name: string, bytes: Uint8Array | string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, bytes)
  return file
}

const churn = (zipMap: boolean | 'alone' = false) =>
  linearClassifierModel({
    features: 2,
    coefficients: [[1, -1]],
    intercept: [0.5],
    labels: [0, 1],
    zipMap,
    metadata: { trained: '2026-01-01' },
  })

const n2: Value = { name: 'x', type: 'float32', shape: ['n', 2] }
const y: Value = { name: 'y', type: 'float32', shape: ['n', 2] }

async function refusal(name: string, bytes: Uint8Array | string): Promise<DaybreakError> {
  const error = await describeModel(await stored(name, bytes)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DaybreakError)
  expect((error as DaybreakError).code).toBe('ModelUnusable')
  return error as DaybreakError
}

describe('a description', () => {
  test('says what the file says: producer, operator sets, metadata, tensors, classes', async () => {
    const bytes = churn()
    expect(await describeModel(await stored('plain.onnx', bytes))).toMatchObject({
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      producer: 'builder 1.0',
      opset: 'ai.onnx 15, ai.onnx.ml 1',
      metadata: { trained: '2026-01-01' },
      inputs: [{ name: 'input', type: 'float32', shape: [-1, 2] }],
      outputs: [
        { name: 'label', type: 'int64', shape: [-1] },
        { name: 'probabilities', type: 'float32', shape: [-1, 2] },
      ],
      classes: [0, 1],
      repairs: [],
      usable: true,
    })
  })

  test.each([true, 'alone'] as const)(
    'makes a ZipMap a tensor, keeps its labels and the fingerprint of the file (map alone: %s)',
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

  test('does not take the numbers inside for labels when the model looks its labels up elsewhere', async () => {
    const attributes = {
      coefficients: { floats: [-1, 1, 1, -1] },
      intercepts: { floats: [0, 0] },
      post_transform: 'LOGISTIC',
      classlabels_ints: [0, 1],
    }
    const lookup = { keys_int64s: [0, 1], values_strings: ['stays', 'leaves'], default_string: '?' }
    const bytes = onnxModel({
      nodes: [
        { operator: 'LinearClassifier', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['inner', 'y'], attributes },
        {
          operator: 'LabelEncoder',
          domain: 'ai.onnx.ml',
          inputs: ['inner'],
          outputs: ['label'],
          attributes: { classes_strings: lookup.values_strings, default_string: '?' },
        },
      ],
      inputs: [n2],
      outputs: [{ name: 'label', type: 'string', shape: ['n'] }, y],
    })
    expect((await describeModel(await stored('lookup.onnx', bytes))).classes).toBeUndefined()
  })

  test('says that a model gives labels only, and how it can be used', async () => {
    const bytes = onnxModel({
      nodes: [{ operator: 'ArgMax', inputs: ['x'], outputs: ['label'], attributes: { axis: 1, keepdims: 0 } }],
      inputs: [n2],
      outputs: [{ name: 'label', type: 'int64', shape: ['n'] }],
    })
    const model = await describeModel(await stored('label.onnx', bytes))
    expect(model.usable).toBe(true)
    expect(model.notes.join()).toMatch(/Gives no scores, only "label" int64 \[n\].*scores: 'label'.*with its probabilities/)
  })

  test('warns of a model that draws random numbers', async () => {
    const bytes = onnxModel({ nodes: [{ operator: 'RandomNormalLike', inputs: ['x'], outputs: ['y'] }], inputs: [n2], outputs: [y] })
    expect((await describeModel(await stored('random.onnx', bytes))).notes.join()).toMatch(/cannot be reproduced/)
  })

  test('covers weights in another file by the fingerprint', async () => {
    const bytes = external('weights.bin')
    const weights = Buffer.from(new Float32Array([3, 4]).buffer)
    await stored('weights.bin', weights)
    const first = await describeModel(await stored('external.onnx', bytes))
    expect(first.usable).toBe(true)
    await stored('weights.bin', Buffer.from(new Float32Array([3, 5]).buffer))
    expect((await describeModel(first.file)).sha256).not.toBe(first.sha256)
  })
})

const external = (location: string, zipMap = false) =>
  onnxModel({
    nodes: [
      { operator: 'Mul', inputs: ['x', 'w'], outputs: ['y'] },
      ...(zipMap
        ? [{ operator: 'ZipMap', domain: 'ai.onnx.ml', inputs: ['y'], outputs: ['z'], attributes: { classlabels_int64s: [0, 1] } }]
        : []),
    ],
    inputs: [n2],
    outputs: [zipMap ? { name: 'z', mapOf: 'int64' } : y],
    externalWeights: { name: 'w', shape: [2], location },
  })

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
    await expect(describeModel(join(folder, 'nowhere.onnx'))).rejects.toMatchObject({
      message: expect.stringContaining('no such file'),
      problem: { next: expect.stringMatching(/^Check the path/) },
    })
  })

  test('a folder', async () => {
    await expect(describeModel(folder)).rejects.toThrow(/it is a folder/)
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

  test('a ZipMap that would have to be removed from a model with weights elsewhere', async () => {
    await stored('there.bin', Buffer.alloc(8))
    expect((await refusal('both.onnx', external('there.bin', true))).problem.next).toMatch(/zipmap=False/)
  })
})

test('hostile bytes are refused or read, and never break the reader', () => {
  const model = churn(true)
  const read = (bytes: Uint8Array) => {
    try {
      removeZipMaps(bytes, 'x.onnx', readOnnx(bytes, 'x.onnx'))
    } catch (error) {
      expect(error).toBeInstanceOf(DaybreakError)
    }
  }
  for (let length = 0; length < model.length; length++) read(model.subarray(0, length))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read), { numRuns: 500 })
  const edits = fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(edits, (places) => {
      const bytes = Uint8Array.from(model)
      for (const [place, value] of places) bytes[place] = value
      read(bytes)
    }),
    { numRuns: 1000 },
  )
})

test('graphs nested without end are refused', () => {
  const wrap = (tag: number, inner: Uint8Array) => {
    const size = [(inner.length & 127) | 128, ((inner.length >> 7) & 127) | 128, (inner.length >> 14) & 127]
    return Buffer.concat([Buffer.from([tag, ...size]), inner])
  }
  let graph: Uint8Array = Buffer.alloc(0)
  for (let depth = 0; depth < 200; depth++) graph = wrap(0x0a, wrap(0x2a, wrap(0x32, graph)))
  expect(() => readOnnx(wrap(0x3a, graph), 'deep.onnx')).toThrow(/not an ONNX model/)
})
