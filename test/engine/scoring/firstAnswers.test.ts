/** The first records of a day, judged before the rest is scored: probabilities that are none, and logits of which nobody knows what they are. */
import { writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
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
import { forestModel, type Node, onnxModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format = { kind: 'csv', delimiter: ',' } as const
const opened: OpenScoring[] = []

afterEach(async () => {
  for (const { model } of opened.splice(0)) await model.close()
})

interface Given {
  readonly bytes: Uint8Array
  readonly task: Task
  readonly more?: Partial<AnyPipeline>
}

async function open({ bytes, task, more = {} }: Given): Promise<OpenScoring> {
  const definition = {
    input: { columns: { x: column.number() } },
    features: { x: (row: { x: number }) => row.x },
    model: { task },
    ...more,
  } as unknown as AnyPipeline
  const file = folder.path('model.onnx')
  await writeFile(file, bytes)
  const model = await openModel(file, modelSpec(definition))
  const scoring = { definition, features: expandFeatures(definition), model, batch: model.newMicroBatch() }
  opened.push(scoring)
  return scoring
}

async function tryRows(given: Given, rows: readonly (number | string)[]): Promise<void> {
  const scoring = await open(given)
  const file = folder.path('in.csv')
  await writeFile(file, `x\n${rows.join('\n')}\n`)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, scoring.definition.input.columns, format)
  const { partitions } = await planPartitions(file, header, { microBatch: scoring.batch.size, format })
  await tryFirst(scoring, { date: day('2026-03-03'), file, header, positions, format, range: partitions[0]! })
}

/** A column of scores for each weight: x times it. */
const columns = (weights: readonly number[], nodes: readonly Node[] = []) =>
  onnxModel({
    nodes: [...nodes, { operator: 'MatMul', inputs: [nodes.at(-1)?.outputs[0] ?? 'x', 'w'], outputs: ['scores'] }],
    weights: [{ name: 'w', shape: [1, weights.length], values: weights }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
    outputs: [{ name: 'scores', type: 'float32', shape: ['n', weights.length] }],
  })

const rows = Array.from({ length: 20 }, (_, index) => (index - 10) / 4 || 0.1)

describe('scores outside 0 to 1 are refused, with what they may be', () => {
  test.each<[string, readonly number[], Task, string]>([
    ['one column', [1], binary({ positive: 1 }), 'a logit if the model was trained with a sigmoid'],
    ['-z and z', [-1, 1], binary({ positive: 1 }), 'Its two columns are -z and z. If z is the log-odds'],
    ['two numbers', [0.5, 1], binary({ positive: 1 }), 'logits if the model was trained with softmax'],
    ['three', [0.5, 1, -2], multiclass({ classes: ['a', 'b', 'c'] }), 'logits if the model was trained with softmax'],
  ])('%s', async (_, weights, task, next) => {
    await expect(tryRows({ bytes: columns(weights), task }, rows)).rejects.toMatchObject({
      code: 'ResultCheckFailed',
      message: expect.stringMatching(
        /^the model gives no probabilities: in the first records of the day \d+ of 20 are outside 0 to 1; the first is -?\d/,
      ),
      problem: { next: expect.stringContaining(next) },
    })
  })

  test('a regression that is nearly a probability', async () => {
    await expect(tryRows({ bytes: columns([1]), task: binary({ positive: 1 }) }, [0.5, 1, -0.00007])).rejects.toMatchObject({
      message: expect.stringContaining('1 of 3 are outside 0 to 1; the first is -0.00007'),
    })
  })

  test('golden rows too', async () => {
    const file = folder.path('golden.csv')
    await writeFile(file, 'x,expected_score\n1,1\n3,3\n')
    const scoring = await open({ bytes: columns([1]), task: binary({ positive: 1 }) })
    await expect(checkGolden(scoring, { file, date: day('2026-03-03'), tolerance: 1e-5 })).rejects.toMatchObject({
      code: 'ResultCheckFailed',
      message: expect.stringContaining('in the golden rows 1 of 2 are outside 0 to 1; the first is 3, of line 3'),
    })
  })
})

test.each<[string, Given, readonly (number | string)[]]>([
  ['probabilities', { bytes: columns([0, 1]), task: binary({ positive: 1 }) }, [0, 0.25, 1]],
  ['what float32 leaves of them', { bytes: forestModel({ features: 1, trees: 30 }), task: binary({ positive: 0 }) }, [3, -3, 0]],
  ['margins', { bytes: columns([-1, 1]), task: binary({ positive: 1, scores: 'margin' }) }, rows],
  ['a record that is a reject', { bytes: columns([1]), task: binary({ positive: 1 }) }, ['5 apples', 0.5]],
  [
    'a check that only warns',
    { bytes: columns([1]), task: binary({ positive: 1 }), more: { checks: { probability_range_valid: 'warn' } } },
    rows,
  ],
])('nothing is refused of %s', async (_, given, some) => {
  await expect(tryRows(given, some)).resolves.toBeUndefined()
})

describe('two columns of logits', () => {
  const logits = binary({ positive: 1, scores: 'logit' })
  /** 0 for what is drawn when a model is opened, and x for what lies above a million. */
  const far = [
    { operator: 'Constant', inputs: [], outputs: ['million'], attributes: { value_floats: { floats: [1e6] } } },
    { operator: 'Sub', inputs: ['x', 'million'], outputs: ['beyond'] },
    { operator: 'Relu', inputs: ['beyond'], outputs: ['seen'] },
  ]
  const beyond = [1000001, 1000002, 1000003, 1000004]

  test('that only the day shows to be mirrored are asked for', async () => {
    await expect(tryRows({ bytes: columns([-1, 1], far), task: logits }, beyond)).rejects.toMatchObject({
      code: 'ModelMismatch',
      message: expect.stringContaining('in the first records of the day they add up to 0 in every record'),
      problem: { next: expect.stringMatching(/logits: 'mirrored' .* logits: 'separate'/) },
    })
  })

  test.each<[string, Given]>([
    ['declared', { bytes: columns([-1, 1], far), task: { ...logits, logits: 'mirrored' } }],
    ['two numbers', { bytes: columns([-1, 2], far), task: logits }],
    ['seen before', { bytes: columns([-1, 1]), task: logits }],
  ])('and are not where they are known: %s', async (_, given) => {
    await expect(tryRows(given, beyond)).resolves.toBeUndefined()
  })
})
