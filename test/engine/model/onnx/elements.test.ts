import { describe, expect, test } from 'vitest'
import { regression } from '../../../../definition/tasks.js'
import { type ElementName, onnxModel } from '../../../setup/onnxBuilder.js'
import { castModel, openedModels } from '../openedModels.js'

const { open } = openedModels()

/** 1 for the text `2.5`, 0 for any other. */
const textModel = () =>
  onnxModel({
    nodes: [
      { operator: 'OneHotEncoder', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['y'], attributes: { cats_strings: ['2.5'], zeros: 1 } },
    ],
    inputs: [{ name: 'x', type: 'string', shape: ['n'] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
  })

const anyModel = (type: ElementName) => (type === 'string' ? textModel() : castModel(type))

describe('a value the model cannot take is named and not put', () => {
  const cases: readonly (readonly [ElementName, number | string | boolean | null, RegExp])[] = [
    ['float32', 'abc', /text "abc" where the model takes float32/],
    ['float32', 1e39, /1e\+39 is too large for float32/],
    ['float32', Number.NaN, /NaN is not a finite number/],
    ['float64', Number.POSITIVE_INFINITY, /not a finite number/],
    ['float32', null, /null, and the definition's model.missing/],
    ['int64', 1.5, /1.5 is not a whole number/],
    ['int64', 2 ** 53, /outside what int64 can hold exactly/],
    ['int32', 2 ** 31, /outside what int32/],
    ['bool', 2, /2 where the model takes true or false/],
    ['bool', 'true', /"true" where the model takes true or false/],
    ['string', 7, /7 where the model takes text/],
    ['string', 'a\0b', /NUL or half a character/],
    ['string', '\ud83d', /NUL or half a character/],
    ['string', null, /says nothing of text/],
  ]
  test.each(cases)('%s: %j', async (type, value, why) => {
    const model = await open(anyModel(type), { task: regression(), features: ['x'] })
    expect(model.newMicroBatch().set(0, 0, value)).toMatch(why)
  })

  test.each([
    ['float32', 0.5, 0.5],
    ['float64', -2, -2],
    ['int64', -7, -7],
    ['int32', true, 1],
    ['bool', true, 1],
    ['bool', 0, 0],
    ['string', '2.5', 2.5],
    ['float32', false, 0],
  ] as const)('while %s takes %j', async (type, value, seen) => {
    const model = await open(anyModel(type), { task: regression(), features: ['x'] })
    const batch = model.newMicroBatch()
    expect(batch.set(1, 0, value)).toBeUndefined()
    const { score } = await batch.run()
    expect(score[1]).toBe(type === 'string' ? 1 : seen)
    batch.clear(1)
    expect((await batch.run()).score[1]).toBe(0)
  })
})
