import { expect, test } from 'vitest'
import {
  isHalf,
  isLabelOutput,
  isScoreOutput,
  recordsAtATime,
  type TensorInfo,
  tensorText,
} from '../../../../engine/model/onnx/tensorInfo.js'

const tensor = (type: string, ...shape: readonly number[]): TensorInfo => ({ name: 'x', type, shape })

test('a tensor is said with its name, its type, and what is free in its shape', () => {
  expect(tensorText(tensor('float32', -1, 4))).toBe('"x" float32 [n, 4]')
  expect(tensorText(tensor('int64', 3, -1, -1))).toBe('"x" int64 [3, ?, ?]')
  expect(tensorText(tensor('map'))).toBe('"x" map')
})

test.each([
  [tensor('float32', -1), 'scores'],
  [tensor('float64', -1, 3), 'scores'],
  [tensor('float16', -1, 3), 'half'],
  [tensor('int64', -1), 'labels'],
  [tensor('uint8', -1, 1), 'labels'],
  [tensor('string', -1), 'labels'],
  [tensor('bool'), 'labels'],
  [tensor('int64', -1, 2), 'none'],
  [tensor('float32', -1, 3, 3), 'none'],
  [tensor('map'), 'none'],
] as const)('%o can hold %s', (output, holds) => {
  expect([isScoreOutput(output), isHalf(output), isLabelOutput(output)]).toEqual(['scores', 'half', 'labels'].map((kind) => kind === holds))
})

test('inputs take any number of records, or together one number of them, or cannot be fed', () => {
  expect(recordsAtATime([tensor('float32', -1, 4), tensor('string', -1)])).toEqual({})
  expect(recordsAtATime([tensor('float32', 8, 4), tensor('string', 8)])).toEqual({ size: 8 })
  expect(recordsAtATime([tensor('float32', 8, 4), tensor('float32', 4, 4)]).problem).toMatch(/different numbers of records at a time: 8, 4/)
  expect(recordsAtATime([tensor('float32', -1, 4), tensor('float32', 4, 1)]).problem).toMatch(
    /any number of records, and "x" float32 \[4, 1\]/,
  )
})
