import { expect, test } from 'vitest'
import { list, mismatch } from '../../../engine/model/mismatch.js'

test('the first problem is the message, and all of them are the details', () => {
  expect(mismatch('m.onnx', ['One.'])).toMatchObject({ code: 'ModelMismatch', message: 'm.onnx does not fit the definition: One.' })
  expect(mismatch('m.onnx', ['One.', 'Two.', 'Three.'])).toMatchObject({
    message: 'm.onnx does not fit the definition: One. (and 2 more)',
    problem: { details: ['One.', 'Two.', 'Three.'], place: { file: 'm.onnx' } },
  })
})

test('of many names the first ten are told, and how many there are', () => {
  expect(list(['a', 1])).toBe('"a", 1')
  expect(list(Array.from({ length: 12 }, (_, index) => index))).toBe('0, 1, 2, 3, 4, 5, 6, 7, 8, 9 … 12 in all')
})
