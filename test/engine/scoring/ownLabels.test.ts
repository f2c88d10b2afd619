import { writeFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import type { AnyPipeline } from '../../../definition/pipeline.js'
import { binary, multiclass, type Task } from '../../../definition/tasks.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { openModel } from '../../../engine/model/session.js'
import { expandFeatures } from '../../../engine/scoring/features.js'
import { tryFirst } from '../../../engine/scoring/firstAnswers.js'
import { checkGolden } from '../../../engine/scoring/golden.js'
import { modelSpec, type OpenScoring } from '../../../engine/scoring/openScoring.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { invertedModel, linearClassifierModel, onnxModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format = { kind: 'csv', delimiter: ',' } as const
const opened: OpenScoring[] = []

afterEach(async () => {
  for (const { model } of opened.splice(0)) await model.close()
})

async function open(bytes: Uint8Array, task: Task): Promise<OpenScoring> {
  const definition = {
    input: { columns: { x: column.number(), y: column.number(), z: column.number() } },
    features: { x: (row: { x: number }) => row.x, y: (row: { y: number }) => row.y, z: (row: { z: number }) => row.z },
    model: { task },
  } as unknown as AnyPipeline
  const file = folder.path('model.onnx')
  await writeFile(file, bytes)
  const model = await openModel(file, modelSpec(definition))
  const scoring = { definition, features: expandFeatures(definition), model, batch: model.newMicroBatch() }
  opened.push(scoring)
  return scoring
}

const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `${(index + from) % 7},${((index + from) * 5) % 11},${((index + from) * 3) % 13}`)

/** Compares over the first records of a file. */
async function compare(bytes: Uint8Array, task: Task, rows: readonly string[]): Promise<void> {
  const scoring = await open(bytes, task)
  const file = folder.path('in.csv')
  await writeFile(file, `x,y,z\n${rows.join('\n')}\n`)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, scoring.definition.input.columns, format)
  const { partitions } = await planPartitions(file, header, { microBatch: scoring.batch.size, format })
  await tryFirst(scoring, { date: day('2026-03-03'), file, header, positions, format, range: partitions[0]! })
}

const coefficients = [1, 1, -1]
const straight = linearClassifierModel({ features: 3, coefficients: [coefficients], intercept: [-0.5], labels: [0, 1] })
const inverted = invertedModel(coefficients, -0.5)
const margins = binary({ positive: 1, scores: 'margin' })

test.each([margins, binary({ positive: 1, scores: 'logit' })])(
  'columns in another order than the classes are refused, with figures (%o)',
  async (task) => {
    await expect(compare(inverted, task, rowsOf(500))).rejects.toMatchObject({
      code: 'ModelMismatch',
      message: expect.stringMatching(/contradicts itself: in the first records .*"label".*"scores"/),
      problem: {
        details: expect.arrayContaining([expect.stringMatching(/^Of \d+ records that it labels 1, its scores make most 0\.$/)]),
        next: expect.stringContaining("scores: 'label'"),
      },
    })
  },
)

test('labels of text are compared too', async () => {
  const bytes = invertedModel(coefficients, -0.5, ['no', 'yes'])
  await expect(compare(bytes, binary({ positive: 'yes', scores: 'margin' }), rowsOf(500))).rejects.toMatchObject({ code: 'ModelMismatch' })
})

test.each([0.001, 0.999])('a threshold of the definition, %s, is no contradiction', async (threshold) => {
  await expect(compare(straight, binary({ positive: 1, threshold }), rowsOf(500))).resolves.toBeUndefined()
})

test('a few records do not tell, nor do records of one class', async () => {
  await expect(compare(inverted, margins, rowsOf(8))).resolves.toBeUndefined()
  await expect(
    compare(
      inverted,
      margins,
      Array.from({ length: 100 }, () => '9,9,0'),
    ),
  ).resolves.toBeUndefined()
})

test('only the first micro-batch is looked at, and no record that is a reject', async () => {
  const first = Array.from({ length: 4096 }, (_, index) => (index % 2 === 0 ? '9,9,0' : 'bad,0,9'))
  await expect(compare(inverted, margins, [...first, ...rowsOf(500)])).resolves.toBeUndefined()
})

test('two rare classes of several that are taken for each other are found', async () => {
  const bytes = onnxModel({
    nodes: [
      { operator: 'Identity', inputs: ['input'], outputs: ['scores'] },
      { operator: 'ArgMax', inputs: ['input'], outputs: ['label'], attributes: { axis: 1, keepdims: 0 } },
    ],
    inputs: [{ name: 'input', type: 'float32', shape: ['n', 3] }],
    outputs: [
      { name: 'label', type: 'int64', shape: ['n'] },
      { name: 'scores', type: 'float32', shape: ['n', 3] },
    ],
  })
  const rows = Array.from({ length: 1000 }, (_, index) => (index % 50 === 0 ? '0,1,0' : index % 70 === 0 ? '0,0,1' : '1,0,0'))
  const task = (classes: readonly number[]) => multiclass({ classes, scores: 'margin' })
  await expect(compare(bytes, task([0, 1, 2]), rows)).resolves.toBeUndefined()
  await expect(compare(bytes, task([0, 2, 1]), rows)).rejects.toMatchObject({ code: 'ModelMismatch' })
})

test('golden rows that have the scores of an inverted model do not hide it', async () => {
  const scoring = await open(inverted, margins)
  const file = folder.path('golden.csv')
  const scored = rowsOf(100).map((row) => {
    const [x = 0, y = 0, z = 0] = row.split(',').map(Number)
    return `${row},${-(x + y - z - 0.5)}`
  })
  await writeFile(file, `x,y,z,expected_score\n${scored.join('\n')}\n`)
  await expect(checkGolden(scoring, { file, date: day('2026-03-03'), tolerance: 1e-5 })).rejects.toMatchObject({
    code: 'ModelMismatch',
    message: expect.stringContaining('in the golden rows'),
  })
})
