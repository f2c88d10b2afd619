import { describe, expect, test } from 'vitest'
import { binary, regression } from '../../../definition/tasks.js'
import { strictEncoderModel } from '../../setup/encoderModels.js'
import { onnxModel } from '../../setup/onnxBuilder.js'
import { openedModels, score } from './openedModels.js'

const { open, problemsOf } = openedModels()

const task = binary({ positive: 1 })
const logistic = (sum: number) => expect.closeTo(1 / (1 + Math.exp(-sum)), 6)

describe('a model whose encoders refuse what they do not know', () => {
  test('of texts runs, and slots without a record hold what it knows', async () => {
    const encoders = [
      { place: 1, known: ['basic', 'pro'] },
      { place: 0, known: ['Oslo', 'Paris', 'Rome'] },
    ]
    const model = await open(strictEncoderModel('string', encoders, [0.5, -1, 2, 0.25, -3]), { task, features: ['city', 'plan'] })
    expect(
      await score(model, [
        ['Rome', 'pro'],
        ['Oslo', 'basic'],
      ]),
    ).toMatchObject([{ score: logistic(-4) }, { score: logistic(2.5) }])
  })

  test.each(['int64', 'float32', 'float64'] as const)('of numbers runs (%s)', async (type) => {
    const encoders = [
      { place: 0, known: [3, 4, 5] },
      { place: 1, known: [13, 14] },
    ]
    const model = await open(strictEncoderModel(type, encoders, [1, 2, 3, 10, -10]), { task, features: ['level', 'group'] })
    expect(await score(model, [[5, 14]])).toMatchObject([{ score: logistic(-7) }])
  })

  test('takes what several encoders of one column know in common', async () => {
    const encoders = [
      { place: 0, known: ['a', 'b'] },
      { place: 0, known: ['b', 'c'] },
    ]
    const model = await open(strictEncoderModel('string', encoders, [1, 2, 3, 4]), { task, features: ['x'] })
    expect(await score(model, [['b']])).toMatchObject([{ score: logistic(5) }])
  })

  test('an unknown category is the record at fault, and no other is', async () => {
    const model = await open(strictEncoderModel('string', [{ place: 0, known: ['a', 'b'] }], [1, 2]), { task, features: ['x'] })
    const batch = model.newMicroBatch()
    for (const [slot, value] of ['a', 'nowhere', 'b', 'a', ''].entries()) batch.set(slot, 0, value)
    await expect(batch.run()).rejects.toMatchObject({ code: 'ScoringFailed' })
    const found = await batch.isolate([0, 1, 2, 3, 4])
    expect([...found.keys()]).toEqual([1, 4])
    expect(found.get(1)).toContain('Unknown Category')
    for (const slot of found.keys()) batch.clear(slot)
    expect((await batch.run()).score[2]).toEqual(logistic(2))
  })
})

/** Counts through a text of a number, so that no list of the file tells what it knows. */
const namelessTexts = onnxModel({
  nodes: [{ operator: 'Cast', inputs: ['x'], outputs: ['y'], attributes: { to: 1 } }],
  inputs: [{ name: 'x', type: 'string', shape: ['n', 1] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
})

test('a model whose file does not tell runs on the first of the samples that it knows', async () => {
  const spec = { task: regression(), features: ['x'] }
  expect(await problemsOf(namelessTexts, spec)).toEqual([
    expect.stringMatching(/^It does not run on rows .* filled with 0, false and "": /),
  ])
  expect(await problemsOf(namelessTexts, spec, [], async () => [['north']])).toEqual([
    expect.stringContaining('nor with values that its encoders, the contract or the golden rows name'),
  ])
  const model = await open(namelessTexts, spec, [], async () => [['north'], ['12']])
  expect(await score(model, [['0.5']])).toMatchObject([{ score: 0.5 }])
})
