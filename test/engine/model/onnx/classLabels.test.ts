/** Classes as a graph says them: in a classifier node, in a table, or nowhere. */
import { expect, test } from 'vitest'
import { classLabels } from '../../../../engine/model/onnx/classLabels.js'
import { readOnnx } from '../../../../engine/model/onnx/onnxFile.js'
import { linearClassifierModel, type Node, onnxModel, type Value } from '../../../setup/onnxBuilder.js'

const of = (bytes: Uint8Array) => classLabels(readOnnx(bytes, 'the model'))
const column = (name: string, type: Value['type'] = 'int64'): Value => ({ name, type, shape: ['n'] })
const largest: Node = { operator: 'ArgMax', inputs: ['x'], outputs: ['place'], attributes: { axis: 1, keepdims: 0 } }
const lookUp: Node = { operator: 'ArrayFeatureExtractor', domain: 'ai.onnx.ml', inputs: ['classes', 'place'], outputs: ['found'] }
const cast = (from: string, to: string): Node => ({ operator: 'Cast', inputs: [from], outputs: [to], attributes: { to: 7 } })

const model = (nodes: readonly Node[], outputs: readonly Value[], texts: readonly string[] = ['no', 'yes']) =>
  onnxModel({
    nodes,
    labels: [{ name: 'classes', texts }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 2] }],
    outputs,
  })

const classifier = linearClassifierModel({ features: 2, coefficients: [[1, 1]], intercept: [0], labels: ['a', 'b'] })

test.each([
  ['a classifier', classifier, { labels: ['a', 'b'], answers: ['label'] }],
  ['a table', model([largest, lookUp, cast('found', 'label')], [column('label')]), { labels: ['no', 'yes'], answers: ['label'] }],
  ['a place behind a cast', model([largest, cast('place', 'label')], [column('label')]), { answers: ['label'], places: ['label'] }],
  ['a number that is no place', model([cast('x', 'label')], [column('label')]), { answers: [] }],
  [
    'a table that something else chooses from',
    model([cast('x', 'place'), lookUp, cast('found', 'label')], [column('label')]),
    { answers: [] },
  ],
  [
    'one of two outputs',
    model([largest, lookUp, cast('found', 'label'), cast('x', 'leaf')], [column('leaf'), column('label')]),
    { labels: ['no', 'yes'], answers: ['label'] },
  ],
])('of %s', (_, bytes, expected) => {
  expect(of(bytes)).toEqual({ places: [], ...expected })
})
