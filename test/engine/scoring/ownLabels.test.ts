import { writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import type { AnyPipeline, OwnLabelsOptions } from '../../../definition/pipeline.js'
import { binary, multiclass, type Task } from '../../../definition/tasks.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { openModel } from '../../../engine/model/session.js'
import { expandFeatures } from '../../../engine/scoring/features.js'
import { tryFirst } from '../../../engine/scoring/firstAnswers.js'
import { checkGolden } from '../../../engine/scoring/golden.js'
import { modelSpec, type OpenScoring } from '../../../engine/scoring/openScoring.js'
import { addLabels, judgeLabels } from '../../../engine/scoring/ownLabels.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { invertedModel, linearClassifierModel, onnxModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format = { kind: 'csv', delimiter: ',' } as const
const opened: OpenScoring[] = []

afterEach(async () => {
  for (const { model } of opened.splice(0)) await model.close()
})

async function open(bytes: Uint8Array, task: Task, options: object = {}): Promise<OpenScoring> {
  const definition = {
    input: { columns: { x: column.number(), y: column.number(), z: column.number() } },
    features: { x: (row: { x: number }) => row.x, y: (row: { y: number }) => row.y, z: (row: { z: number }) => row.z },
    model: { task, ...options },
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
async function compare(bytes: Uint8Array, task: Task, rows: readonly string[], options: object = {}): Promise<void> {
  const scoring = await open(bytes, task, options)
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
/** Three margins, and the place of the largest as the label. */
const places = onnxModel({
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

test('a few records do not tell', async () => {
  await expect(compare(inverted, margins, rowsOf(8))).resolves.toBeUndefined()
})

const inliers = Array.from({ length: 100 }, () => '9,9,0')

test('records of one class, of which every one has another label, are refused', async () => {
  await expect(compare(inverted, margins, inliers)).rejects.toMatchObject({
    code: 'ModelMismatch',
    message: expect.stringContaining('differ for 100 of 100 records'),
    problem: {
      details: ['Of 100 records that it labels 1, its scores make most 0.'],
      next: expect.stringContaining('model.ownLabels'),
    },
  })
})

test('labels that are none of the classes are others too', async () => {
  const bytes = linearClassifierModel({ features: 3, coefficients: [coefficients], intercept: [-0.5], labels: [-1, 1], transform: 'NONE' })
  const renamed = binary({ positive: 1, classes: [0, 1], scores: 'margin' })
  await expect(compare(bytes, renamed, inliers)).rejects.toMatchObject({ code: 'ModelMismatch' })
})

test.each([[multiclass({ classes: ['a', 'b', 'c'], scores: 'margin' })], [multiclass({ classes: [1, 2, 3], scores: 'margin' })]])(
  'places of the columns are no other labels: %o',
  async (task) => {
    const rows = Array.from({ length: 100 }, (_, index) => ['1,0,0', '0,1,0', '0,0,1'][index % 3]!)
    await expect(compare(places, task, rows)).resolves.toBeUndefined()
  },
)

test('ten labels that are none of the classes show that the classes are others', () => {
  const counts = [
    { said: 1, read: 1, records: 1000 },
    { said: -1, read: 0, records: 10 },
  ]
  const of = { file: 'model.onnx', output: 'label', classes: [0, 1] }
  expect(judgeLabels(counts, {}, of).error?.problem.details).toEqual([
    'Of 10 records that it labels as none of the classes, its scores make 0.',
  ])
  expect(judgeLabels(counts, { failAbove: 0.25 }, of)).toMatchObject({ warning: expect.stringContaining('10 of 1010') })
})

test.each([{ ownLabels: false }, { ownLabels: { failAbove: 1 } }] as const)('what is declared is allowed: %o', async (options) => {
  await expect(compare(inverted, margins, inliers, options)).resolves.toBeUndefined()
})

test('the output that is named is compared, and it must be one', async () => {
  await expect(compare(inverted, margins, inliers, { ownLabels: { output: 'label' } })).rejects.toThrow('differ for 100 of 100')
  await expect(compare(inverted, margins, inliers, { ownLabels: { output: 'labe' } })).rejects.toMatchObject({
    problem: { details: ['No output of labels is "labe"; did you mean "label"?; there are "label".'] },
  })
})

test('no record that is a reject is compared', async () => {
  const rows = Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? '0,0,9' : 'bad,9,0'))
  await expect(compare(straight, binary({ positive: 1 }), rows)).resolves.toBeUndefined()
})

describe('a whole day', () => {
  const of = { file: 'model.onnx', output: 'label', classes: ['no', 'yes'] }
  const counts = (differing: number, compared = 1000) => [
    { said: 0, read: 0, records: compared - differing },
    { said: 0, read: 1, records: differing },
  ]

  test.each<[string, number, OwnLabelsOptions, string | undefined, 'warning' | 'error' | undefined]>([
    ['none', 0, {}, undefined, undefined],
    ['half a percent', 5, {}, '5 of 1000', undefined],
    ['one percent', 10, {}, '10 of 1000', 'warning'],
    ['a tenth', 100, {}, '100 of 1000', 'warning'],
    ['a quarter', 250, {}, '250 of 1000', 'warning'],
    ['more', 251, {}, '251 of 1000', 'error'],
    ['all', 1000, {}, '1000 of 1000', 'error'],
    ['all, allowed', 1000, { failAbove: 1 }, '1000 of 1000', 'warning'],
    ['all, allowed without a word', 1000, { warnAbove: 1 }, '1000 of 1000', undefined],
    ['little, not allowed', 2, { failAbove: 0.001 }, '2 of 1000', 'error'],
  ])('of which differ: %s', (_, differing, options, figures, outcome) => {
    const { comparison, warning, error } = judgeLabels(counts(differing), options, of)
    expect(comparison && `${comparison.differing} of ${comparison.compared}`).toBe(figures)
    expect(warning === undefined ? (error ? 'error' : undefined) : 'warning').toBe(outcome)
    if (figures && outcome) expect(warning ?? error?.message).toContain(`in ${figures} compared rows (`)
    if (error)
      expect(error.problem).toMatchObject({
        code: 'ModelMismatch',
        details: [`Of ${differing} records that it labels "no", its scores make "yes".`],
      })
  })

  test('parts add up in any order', () => {
    const parts = [counts(3), [{ said: -1, read: 1, records: 2 }], counts(4, 10)]
    const all = [
      { said: -1, read: 1, records: 2 },
      { said: 0, read: 0, records: 1003 },
      { said: 0, read: 1, records: 7 },
    ]
    expect(addLabels(parts)).toEqual(all)
    expect(addLabels(parts.reverse())).toEqual(all)
  })
})

test('two rare classes of several that are taken for each other are found', async () => {
  const rows = Array.from({ length: 1000 }, (_, index) => (index % 50 === 0 ? '0,1,0' : index % 70 === 0 ? '0,0,1' : '1,0,0'))
  const task = (classes: readonly number[]) => multiclass({ classes, scores: 'margin' })
  await expect(compare(places, task([0, 1, 2]), rows)).resolves.toBeUndefined()
  await expect(compare(places, task([0, 2, 1]), rows)).rejects.toMatchObject({ code: 'ModelMismatch' })
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
