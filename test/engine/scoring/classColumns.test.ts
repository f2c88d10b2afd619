/** The probability of each class as a column of its own, whichever class is predicted: scored as a day is, and read back. */
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkPredictions } from '../../../engine/quality/resultChecks.js'
import { linearClassifierModel, onnxModel } from '../../setup/onnxBuilder.js'
import { scoredFiles } from '../batch/scoredFiles.js'

const { score, folder } = scoredFiles()

const three = linearClassifierModel({
  features: 2,
  coefficients: [
    [1, 0],
    [0, 1],
    [0, 0],
  ],
  intercept: [0, 0, 0],
  labels: ['north, east', 'south', 'west'],
})
const task = (call: string) => `model: { file: 'model.onnx', version: '1', task: ${call} }`
const multiclass = task("{ kind: 'multiclass', name: 'class' }")
const written = (columns: readonly string[], of: string) => `output: { columns: ${JSON.stringify(columns)} }, ${of}`
const cells = (predictions: string) =>
  predictions
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number))

test('of three classes: softmax of the logits, in the columns that are asked for', async () => {
  const columns = ['probability', 'probability.west', 'probability.south', 'probability.north, east']
  const { predictions } = await score('id,x,y\na,1,2\nb,0,0\nc,bad,1\nd,3,-1\n', {
    model: three,
    columns,
    definition: written(columns, multiclass),
  })
  expect(predictions.split('\n', 1)[0]).toBe('probability,probability.west,probability.south,"probability.north, east"')
  const softmax = (x: number, y: number) => {
    const all = [Math.exp(0), Math.exp(y), Math.exp(x)]
    const sum = all.reduce((one, other) => one + other)
    return all.map((one) => expect.closeTo(one / sum, 5))
  }
  const shares = [softmax(1, 2), softmax(0, 0), softmax(3, -1)]
  const found = cells(predictions)
  expect(found.map(([, ...others]) => others)).toEqual(shares)
  expect(found.map(([probability]) => probability)).toEqual(found.map(([, ...others]) => Math.max(...others)))
  const file = folder.path('predictions.csv')
  const expectation = {
    files: [file],
    columns,
    predicted: 3,
    task: { kind: 'multiclass', name: 'class' },
    classes: ['north, east', 'south', 'west'],
  } as const
  const failing = async () => (await checkPredictions(expectation)).filter(({ passed }) => !passed).map(({ name }) => name)
  expect(await failing()).toEqual([])
  await writeFile(file, predictions.replace(/\n([^,]*),[^,]*,/, '\n$1,1.5,'))
  expect(await failing()).toEqual(['probability_range_valid'])
})

test('of two classes, by two columns of scores and by one', async () => {
  const columns = ['score', 'probability', 'probability.0', 'probability.1']
  const content = 'id,x,y\na,1,2\nb,-4,0\nc,9,0\n'
  const sigmoid = onnxModel({
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['logit'] },
      { operator: 'Sigmoid', inputs: ['logit'], outputs: ['probability'] },
    ],
    weights: [{ name: 'w', shape: [2, 1], values: [1, -0.5] }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 2] }],
    outputs: [{ name: 'probability', type: 'float32', shape: ['n', 1] }],
  })
  const pair = linearClassifierModel({ features: 2, coefficients: [[1, -0.5]], intercept: [0], labels: [0, 1] })
  for (const model of [pair, sigmoid]) {
    const { predictions } = await score(content, { model, columns, definition: written(columns, task('binary({ positive: 1 })')) })
    for (const [index, [positive, predicted, zero, one]] of cells(predictions).entries()) {
      expect(one).toBe(positive)
      expect(zero! + one!).toBeCloseTo(1, 6)
      expect(predicted).toBe(Math.max(zero!, one!))
      expect(one).toBeCloseTo(1 / (1 + Math.exp(-[0, -4, 9][index]!)), 5)
    }
  }
})

test('the other columns are written as they are without it', async () => {
  const content = `id,x,y\n${Array.from({ length: 300 }, (_, index) => `r${index},${index % 17},${index % 11}`).join('\n')}\n`
  const usual = ['id', 'prediction', 'probability', 'score', 'timestamp']
  const columns = [...usual, 'probability.south']
  const plain = await score(content, { model: three, columns: usual, definition: multiclass })
  const more = await score(content, { model: three, columns, definition: written(columns, multiclass) })
  expect(more.predictions.split('\n').map((line) => line.replace(/,[^,]*$/, ''))).toEqual(plain.predictions.split('\n'))
  expect(more.table.scoreSum).toBe(plain.table.scoreSum)
})

test('a class that the model does not have is refused before any data is read', async () => {
  const columns = ['probability.nrth']
  await expect(score('id,x,y\na,1,2\n', { model: three, columns, definition: written(columns, multiclass) })).rejects.toMatchObject({
    code: 'ModelMismatch',
    problem: { details: [expect.stringMatching(/"probability\.nrth" .* there are "probability\.north, east", "probability\.south"/)] },
  })
})
