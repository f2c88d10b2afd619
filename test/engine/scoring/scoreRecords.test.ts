/** Records that come by themselves are held against the same records in a day's file: values and rejects must be the same. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { partFiles } from '../../../engine/batch/parts.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { scorePartition } from '../../../engine/batch/scorePartition.js'
import { loadPipeline } from '../../../engine/loader/loadPipeline.js'
import { SIZE_TOLERANCE } from '../../../engine/model/microBatch.js'
import { type OpenScoring, openScoring, type ScoringSpec } from '../../../engine/scoring/openScoring.js'
import { RecordScorer, type ScoredRecord } from '../../../engine/scoring/scoreRecords.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { PIPELINES } from '../../pipelines/shippedChurn.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { specOf, writePipeline } from '../../setup/smallPipeline.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const DATE = day('2026-03-02')
const format = { kind: 'csv', delimiter: ',' } as const
let opened: OpenScoring | undefined

afterEach(async () => {
  await opened?.model.close()
  opened = undefined
})

async function open(pipelines: string, name: string): Promise<{ readonly scoring: OpenScoring; readonly spec: ScoringSpec }> {
  const spec = specOf(await loadPipeline(pipelines, name))
  opened = await openScoring(spec)
  return { scoring: opened, spec }
}

const OUTPUTS = ['customer_id', 'prediction', 'probability', 'score', 'age', 'last_purchase_date', 'model_version', 'timestamp']
const TIMESTAMP = '2026-03-03T06:00:00.000Z'

interface Customer {
  readonly customer_id: string
  readonly age: string
  readonly income: string
  readonly purchase_history: string
  readonly last_purchase_date: string
}

/** Ordinary customers, and some with cells that break the contract. */
function customer(index: number): Customer {
  const bad = index % 17 === 5
  return {
    customer_id: `c${index}`,
    age: bad ? '' : String(18 + (index % 70)),
    income: bad && index % 2 === 0 ? '-1' : String(20_000 + ((index * 7919) % 90_000) / 10),
    purchase_history: String((index * 31) % 40),
    last_purchase_date: index % 23 === 3 ? '2026-03-05' : `2026-0${1 + (index % 2)}-${String(1 + (index % 28)).padStart(2, '0')}`,
  }
}

const asJson = ({ age, income, purchase_history, ...texts }: Customer) => {
  const number = (text: string) => (text === '' ? null : Number(text))
  return `${JSON.stringify({ ...texts, age: number(age), income: number(income), purchase_history: number(purchase_history) })}\n`
}

/** The lines of predictions and rejects of a day, as its partition leaves them. */
async function aDay(scoring: OpenScoring, spec: ScoringSpec, customers: readonly Customer[]) {
  const file = folder.path('customers.csv')
  const names = Object.keys(customers[0]!) as (keyof Customer)[]
  await writeFile(file, `${names.join(',')}\n${customers.map((one) => names.map((name) => one[name]).join(',')).join('\n')}\n`)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, scoring.definition.input.columns, format)
  const { partitions } = await planPartitions(file, header, { microBatch: scoring.batch.size, format })
  const parts = folder.path('parts')
  await mkdir(parts)
  const job = {
    spec,
    date: DATE,
    partition: 0,
    range: partitions[0]!,
    input: { file, format, header, positions },
    outputFormat: 'jsonl' as const,
    columns: OUTPUTS,
    timestamp: TIMESTAMP,
    confidenceLimits: { high: 0.8, low: 0.6 },
    folder: parts,
  }
  await scorePartition(scoring, job, { onProgress: () => {}, stopped: () => false })
  const linesOf = async (path: string) =>
    (await readFile(path, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  const { predictions, rejects } = partFiles(parts, 0)
  return { predictions: await linesOf(predictions), rejects: await linesOf(rejects) }
}

const scorer = (scoring: OpenScoring, size: number, date = DATE) =>
  new RecordScorer(scoring, { date, size, columns: OUTPUTS, timestamp: TIMESTAMP, modelVersion: '1.0.0' })

const isPredicted = (one: ScoredRecord): one is Extract<ScoredRecord, { values: unknown }> => one.problems === undefined

test.each([1, 7, 64])('records in micro-batches of %i get the predictions and the rejects of their day', async (size) => {
  const { scoring, spec } = await open(PIPELINES, 'churn')
  const customers = Array.from({ length: 300 }, (_, index) => customer(index))
  const { predictions, rejects } = await aDay(scoring, spec, customers)
  expect(rejects.length).toBeGreaterThan(20)
  const scored = await scorer(scoring, size).score(Buffer.from(customers.map(asJson).join('')))
  const found = scored.filter(isPredicted).map(({ values }) => values)
  expect(found).toHaveLength(predictions.length)
  for (const [index, { score, probability, ...expected }] of predictions.entries()) {
    expect(found[index]).toMatchObject(expected)
    expect(Math.abs(Number(found[index]!.score) - score)).toBeLessThanOrEqual(SIZE_TOLERANCE)
    expect(Math.abs(Number(found[index]!.probability) - probability)).toBeLessThanOrEqual(SIZE_TOLERANCE)
  }
  const reasons = scored.flatMap(({ problems }) => (problems ? [problems.map(({ reason }) => reason).join('; ')] : []))
  expect(reasons).toEqual(rejects.map(({ reason }) => reason))
})

test('a record alone is scored as it is among others, and one after the other by the same scorer', async () => {
  const { scoring } = await open(PIPELINES, 'churn')
  const alone = scorer(scoring, 1)
  const customers = [customer(1), customer(5), customer(2)]
  const together = await alone.score(Buffer.from(customers.map(asJson).join('')))
  for (const [index, one] of customers.entries()) expect(await alone.score(Buffer.from(asJson(one)))).toEqual([together[index]])
})

test('calls that come together get each its own answers', async () => {
  const { scoring } = await open(PIPELINES, 'churn')
  const one = scorer(scoring, 7)
  const calls = Array.from({ length: 12 }, (_, call) =>
    Buffer.from(
      Array.from({ length: 1 + call * 3 }, (_, index) => customer(call * 40 + index))
        .map(asJson)
        .join(''),
    ),
  )
  const together = await Promise.all(calls.map((lines) => one.score(lines)))
  for (const [index, lines] of calls.entries()) expect(together[index]).toEqual(await one.score(lines))
})

test.each([0, -1, 1.5, Number.NaN])('a micro-batch of %d records is refused', async (size) => {
  const { scoring } = await open(PIPELINES, 'churn')
  expect(() => scorer(scoring, size)).toThrow(RangeError)
})

test('one open model serves any data date', async () => {
  const { scoring } = await open(PIPELINES, 'churn')
  const record = Buffer.from(asJson({ ...customer(1), last_purchase_date: '2026-02-01' }))
  const [early, late] = [
    await scorer(scoring, 1, day('2026-02-02')).score(record),
    await scorer(scoring, 1, day('2026-09-30')).score(record),
  ]
  expect(early.every(isPredicted) && late.every(isPredicted)).toBe(true)
  expect(late).not.toEqual(early)
  const [before] = await scorer(scoring, 1, day('2026-01-31')).score(record)
  expect(before!.problems?.map(({ rule }) => rule)).toEqual(['date.max'])
})

test('what is no record is told, and costs itself alone', async () => {
  const { scoring } = await open(PIPELINES, 'churn')
  const lines = ['[1]\n', '{"customer_id":"x"}\n', 'not json\n', asJson(customer(1))]
  const scored = await scorer(scoring, 2).score(Buffer.from(lines.join('')))
  expect(scored.map(({ problems }) => problems?.map(({ rule }) => rule))).toEqual([
    ['row.json'],
    ['missing', 'missing', 'missing', 'missing'],
    ['row.json'],
    undefined,
  ])
  expect(await scorer(scoring, 2).score(Buffer.alloc(0))).toEqual([])
})

test("the task's limits reject a record by itself as they do in a day", async () => {
  const definition = `input: { path: 'in_{date}.csv', format: 'csv', columns: { x: column.number({ decimal: ',', from: 1 }) }, header: false },
    features: { x: (row) => row.x }, model: { ...base.model, task: regression({ max: 10 }) }`
  await writePipeline(folder.path('pipelines'), { definition, model: linearRegressorModel({ coefficients: [2], intercept: 0 }) })
  const { scoring } = await open(folder.path('pipelines'), 'small')
  const values = new RecordScorer(scoring, { date: DATE, size: 4, columns: ['x', 'prediction'], timestamp: TIMESTAMP, modelVersion: '1' })
  expect(await values.score(Buffer.from('{"x":1.5}\n{"x":6}\n'))).toEqual([
    { values: { x: 1.5, prediction: 3 } },
    { problems: [{ column: 'prediction', rule: 'prediction.max', reason: 'the model answered 12, above 10', value: '12' }] },
  ])
})
