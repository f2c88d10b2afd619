import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readOnnx } from '../../../../engine/model/onnx/onnxFile.js'
import { removeZipMaps } from '../../../../engine/model/onnx/repair.js'
import { DaybreakError } from '../../../../engine/protocol/errors.js'
import { linearClassifierModel } from '../../../setup/onnxBuilder.js'

test('hostile bytes are refused or read, and never break the reader', () => {
  const model = linearClassifierModel({
    features: 2,
    coefficients: [[1, -1]],
    intercept: [0.5],
    labels: [0, 1],
    zipMap: true,
    metadata: { trained: '2026-01-01' },
  })
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
