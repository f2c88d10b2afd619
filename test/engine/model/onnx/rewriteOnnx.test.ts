import { expect, test } from 'vitest'
import { FIELD, FLOAT } from '../../../../engine/model/onnx/messages.js'
import { readOnnx, readValue } from '../../../../engine/model/onnx/onnxFile.js'
import { field, floatTensor, withGraph } from '../../../../engine/model/onnx/rewriteOnnx.js'
import { linearClassifierModel } from '../../../setup/onnxBuilder.js'

const model = linearClassifierModel({
  features: 2,
  coefficients: [[1, -1]],
  intercept: [0.5],
  labels: [0, 1],
  metadata: { trained: '2026-01-01' },
})

test('a model whose graph stays is the same model, byte by byte', () => {
  expect(Buffer.from(withGraph(model, (graph) => [graph]))).toEqual(Buffer.from(model))
})

test('a field that is added to the graph is read back, and all others stay', () => {
  const [before, after] = [model, withGraph(model, (graph) => [graph, field(FIELD.graphOutput, floatTensor('more'))])].map((bytes) =>
    readOnnx(bytes, 'x.onnx'),
  )
  expect(after?.outputs.map(({ name }) => name)).toEqual([...before!.outputs.map(({ name }) => name), 'more'])
  expect({ ...after, outputs: [] }).toEqual({ ...before, outputs: [] })
})

test('a float tensor is one of float32 under its name', () => {
  expect(readValue(floatTensor('scores'))).toMatchObject({ name: 'scores', kind: 'tensor', elementType: FLOAT })
})
