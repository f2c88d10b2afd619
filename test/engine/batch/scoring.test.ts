/** Scoring with a real small model: every record in its own slot, whatever happens to its neighbours. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { assembleParts, findDuplicates, readSummaries, resultsDigest, scoreHistogram } from '../../../engine/batch/assemble.js'
import type { PartitionJob } from '../../../engine/batch/parts.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { ScoringPool } from '../../../engine/batch/scoringPool.js'
import type { PartSummary } from '../../../engine/batch/summary.js'
import { loadPipeline } from '../../../engine/loader/loadPipeline.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { linearClassifierModel, linearRegressorModel, type Node, onnxModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format = { kind: 'csv', delimiter: ',' } as const
let pool: ScoringPool

beforeEach(() => {
  pool = new ScoringPool(2)
})

afterEach(() => pool.close())

/** A pipeline with two features; `definition` is spread over it. */
async function definePipeline(
  definition = '',
  model = linearClassifierModel({ features: 2, coefficients: [[1, -0.5]], intercept: [0.1], labels: [0, 1], zipMap: true }),
) {
  const home = folder.path('pipelines', 'small')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'model.onnx'), model)
  await writeFile(
    join(home, 'pipeline.ts'),
    `import { binary, column, definePipeline, regression } from 'daybreak'
     const base = {
       name: 'small',
       input: { path: 'in_{date}.csv', format: 'csv', key: 'id', columns: { id: column.text(), x: column.number(), y: column.number() } },
       features: { x: (row) => row.x, y: (row) => row.y },
       model: { file: 'model.onnx', version: '1', task: binary({ positive: 1 }) },
     }
     export default { ...base, ${definition} }`,
  )
  return await loadPipeline(folder.path('pipelines'), 'small')
}

async function score(
  content: string,
  options: {
    definition?: string
    model?: Uint8Array
    targetRecords?: number
    columns?: string[]
    signal?: AbortSignal
    onProgress?: () => void
  } = {},
) {
  const loaded = await definePipeline(options.definition, options.model)
  const file = folder.path('in.csv')
  await writeFile(file, content)
  const { description, microBatch, classes } = await pool.try({
    compiled: loaded.compiled,
    modelFile: loaded.modelFile,
    modelVersion: loaded.modelVersion,
    stepFiles: [],
  })
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, loaded.definition.input.columns, format)
  const plan = await planPartitions(file, header, {
    microBatch,
    format,
    ...(options.targetRecords ? { targetRecords: options.targetRecords } : {}),
  })
  const parts = folder.path(`parts-${Math.random()}`)
  await mkdir(parts)
  const columns = options.columns ?? ['id', 'prediction', 'probability', 'score', 'timestamp']
  const job = (partition: number): PartitionJob => ({
    spec: {
      compiled: loaded.compiled,
      modelFile: loaded.modelFile,
      modelVersion: loaded.modelVersion,
      stepFiles: [],
      modelSha256: description.sha256,
    },
    date: day('2026-03-03'),
    partition,
    range: plan.partitions[partition]!,
    input: { file, format, header, positions },
    outputFormat: 'csv',
    columns,
    timestamp: '2026-03-04T06:00:00.000Z',
    confidenceLimits: { high: 0.8, low: 0.6 },
    folder: parts,
  })
  const summaries: PartSummary[] = await Promise.all(
    plan.partitions.map((_, partition) =>
      pool.score(job(partition), {
        ...(options.signal ? { signal: options.signal } : {}),
        ...(options.onProgress ? { onProgress: options.onProgress } : {}),
      }),
    ),
  )
  const target = { format: 'csv' as const, predictions: [folder.path('predictions.csv')], rejects: folder.path('rejects.csv'), columns }
  const table = await assembleParts(pool, parts, summaries, target)
  const [predictions, rejects] = await Promise.all([readFile(target.predictions[0]!, 'utf8'), readFile(target.rejects, 'utf8')])
  return { table, summaries, parts, predictions, rejects, classes, microBatch, digest: resultsDigest(table, columns, 'v', 'm') }
}

const rows = (count: number, change: (index: number) => string | undefined = () => undefined) =>
  `id,x,y\n${Array.from({ length: count }, (_, index) => change(index) ?? `r${index},${(index % 97) / 10},${(index % 89) / 7}`).join('\n')}\n`

test('the same rows give the same digest for any partitions, threads and repetition', { timeout: 60_000 }, async () => {
  const content = rows(30_000, (index) => (index % 5000 === 17 ? `r${index},bad,1` : undefined))
  const [one, many] = [await score(content, { targetRecords: 1_000_000 }), await score(content, { targetRecords: 1 })]
  expect(one.summaries).toHaveLength(1)
  expect(many.summaries.length).toBeGreaterThan(5)
  await pool.close()
  pool = new ScoringPool(4)
  const four = await score(content, { targetRecords: 8192 })
  expect([many.digest, four.digest]).toEqual([one.digest, one.digest])
  expect([many.predictions, many.rejects]).toEqual([one.predictions, one.rejects])
  expect(one.table).toMatchObject({ records: 30_000, predicted: 29_994, rejected: 6 })
  expect({ ...many.table, batches: [] }).toEqual({ ...one.table, batches: [] })
})

test('a reject of any kind is told with its line, and leaves every other prediction as it was', async () => {
  const definition = `features: {
    x: (row) => { if (row.x === 77) throw new Error('no seventy-seven'); return row.x === 78 ? row.x / 0 : row.x },
    y: (row) => row.y === 99 ? 1e39 : row.y,
  }`
  const broken: Record<number, string> = {
    3: 'r3,,1',
    5: 'r5,old,1',
    7: 'r7,77,1',
    9: 'r9,78,1',
    11: 'r11,1,99',
    13: 'r13,1',
    15: '=r15,1,"2',
    17: ',1,2',
  }
  const clean = await score(rows(40), { definition })
  const { predictions, rejects, table } = await score(
    rows(40, (index) => broken[index]),
    { definition },
  )
  const lost = new Set(Object.keys(broken).map((index) => `r${index}`))
  const kept = clean.predictions.split('\n').filter((line) => !lost.has(line.split(',')[0] ?? ''))
  expect(predictions.split('\n')).toEqual(kept)
  expect(table).toMatchObject({ records: 40, predicted: 32, rejected: 8 })
  expect(
    rejects
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').slice(0, 4).join(',')),
  ).toEqual([
    'line,key,column,rule',
    '5,r3,x,null',
    '7,r5,x,number.invalid',
    '9,r7,x,feature.error',
    '11,r9,x,feature.not-finite',
    '13,r11,y,feature.unusable',
    '15,,,row.fields',
    '17,,,row.quote',
    '19,,id,null',
  ])
  expect(rejects).toContain("'=r15")
  expect(table.findings.find(({ rule }) => rule === 'number.invalid')).toEqual({
    column: 'x',
    rule: 'number.invalid',
    count: 1,
    lines: [7],
    example: 'old',
  })
  expect(table.nullCounts).toEqual({ id: 1, x: 1, y: 0 })
})

test.each(['Infinity', '-Infinity'])('a cell that reads %s is text in the summary of its part, as it stands', async (cell) => {
  const { parts, summaries } = await score(`id,x,y\na,${cell},1\n`)
  expect(await readSummaries(parts, 1)).toEqual(summaries)
  expect(summaries[0]).toMatchObject({ predicted: 0, minScore: Number.POSITIVE_INFINITY, findings: [{ example: cell }] })
})

test.each(['csv', 'jsonl'] as const)('one shard alone is a file in the folder of shards: %s', async (kind) => {
  const { parts, summaries, predictions } = await score(rows(10))
  const target = {
    format: kind,
    columns: ['id', 'prediction', 'probability', 'score', 'timestamp'],
    predictions: [folder.path('shards', `one.${kind}`)],
    rejects: folder.path(`rejects.${kind}`),
  }
  await assembleParts(pool, parts, summaries, target)
  const lines = kind === 'csv' ? predictions : predictions.slice(predictions.indexOf('\n') + 1)
  expect(await readFile(target.predictions[0]!, 'utf8')).toBe(lines)
})

test('what the model answers with NaN or Infinity is a reject, never a class', async () => {
  const model = linearRegressorModel({ coefficients: [3e38, 3e38], intercept: 0 })
  const definition = "model: { file: 'model.onnx', version: '1', task: regression() }"
  const { table, rejects } = await score('id,x,y\na,1e30,1e30\nb,0,0\n', { model, definition, columns: ['id', 'prediction'] })
  expect(table).toMatchObject({ predicted: 1, rejected: 1 })
  expect(rejects).toContain('score.not-finite')
})

test('predictions hold the label, its probability, the score and the start, and input columns on request', async () => {
  const { predictions } = await score('id,x,y\n"a,1",0,0\nb,-5,0\n', {
    columns: ['id', 'x', 'prediction', 'probability', 'score', 'timestamp', 'model_version'],
  })
  const [, first = '', second = ''] = predictions.split('\n')
  expect(first).toMatch(/^"a,1",0,1,0\.52\d+,0\.52\d+,2026-03-04T06:00:00\.000Z,1$/)
  const [, , label, probability, value] = second.split(',')
  expect(label).toBe('0')
  expect(Number(probability) + Number(value)).toBeCloseTo(1, 6)
})

test('a number outside the range of a regression is a reject, and the histogram spans what is left', async () => {
  const model = linearRegressorModel({ coefficients: [1, 0], intercept: 0 })
  const definition = "model: { file: 'model.onnx', version: '1', task: regression({ min: 0, max: 50 }) }"
  const { table, rejects, parts, summaries } = await score('id,x,y\na,-1,0\nb,10,0\nc,30,0\nd,50,0\ne,51,0\n', {
    model,
    definition,
    columns: ['id', 'prediction'],
  })
  expect(rejects).toContain('prediction.min')
  expect(rejects).toContain('prediction.max')
  expect(table).toMatchObject({ predicted: 3, rejected: 2, minScore: 10, maxScore: 50, scoreSum: 90 })
  const histogram = await scoreHistogram(parts, summaries, table)
  expect([histogram?.edges[0], histogram?.edges.at(-1)]).toEqual([10, 50])
  expect([histogram?.counts[0], histogram?.counts[10], histogram?.counts[19]]).toEqual([1, 1, 1])
})

test('keys that repeat are found over all parts, and a blank key is none', async () => {
  const { parts, summaries } = await score(
    rows(9000, (index) => (index === 8999 || index === 4 ? 'r3,1,1' : index === 5 ? ',1,1' : undefined)),
    { targetRecords: 1 },
  )
  expect(await findDuplicates(pool, parts, summaries.length)).toEqual({ keys: 1, records: 2, lines: [6, 9001] })
})

test('a run that is stopped says so, and its threads leave', { timeout: 60_000 }, async () => {
  const stop = new AbortController()
  const scoring = score(rows(400_000), { targetRecords: 20_000, signal: stop.signal, onProgress: () => stop.abort() })
  await expect(scoring).rejects.toMatchObject({ code: 'Interrupted' })
  await pool.close()
  await expect(
    pool.try({ compiled: { code: '', map: '', fingerprint: '' }, modelFile: '', modelVersion: '', stepFiles: [] }),
  ).rejects.toMatchObject({
    code: 'Interrupted',
  })
})

test('a thread that ends is named, and the next task gets a new one', async () => {
  await expect(score(rows(10), { definition: 'features: { x: (row) => process.exit(3), y: (row) => row.y }' })).rejects.toMatchObject({
    code: 'ScoringFailed',
    message: 'a scoring thread ended with code 3',
  })
  expect((await score(rows(10))).table.predicted).toBe(10)
})

/** Looks both features up in a table of ten: an index outside it makes the runtime throw. With `together`, the sum of all records is looked up. */
function tableModel({ batch = 'n', together = false }: { batch?: number | 'n'; together?: boolean } = {}): Uint8Array {
  const looked: Node[] = together
    ? [
        { operator: 'ReduceSum', inputs: ['input'], outputs: ['total'], attributes: { keepdims: 0 } },
        { operator: 'Cast', inputs: ['total'], outputs: ['index'], attributes: { to: 7 } },
        { operator: 'Gather', inputs: ['table', 'index'], outputs: ['found'], attributes: { axis: 0 } },
        { operator: 'Mul', inputs: ['found', 'zero'], outputs: ['nothing'] },
        { operator: 'Add', inputs: ['input', 'nothing'], outputs: ['looked'] },
      ]
    : [
        { operator: 'Cast', inputs: ['input'], outputs: ['index'], attributes: { to: 7 } },
        { operator: 'Gather', inputs: ['table', 'index'], outputs: ['looked'], attributes: { axis: 0 } },
      ]
  return onnxModel({
    nodes: [...looked, { operator: 'MatMul', inputs: ['looked', 'ones'], outputs: ['variable'] }],
    inputs: [{ name: 'input', type: 'float32', shape: [batch, 2] }],
    outputs: [{ name: 'variable', type: 'float32', shape: [batch, 1] }],
    weights: [
      { name: 'table', shape: [10], values: Array.from({ length: 10 }, (_, index) => index * 1.5) },
      { name: 'ones', shape: [2, 1], values: [1, 1] },
      { name: 'zero', shape: [1], values: [0] },
    ],
  })
}

const REGRESSION = { definition: "model: { file: 'model.onnx', version: '1', task: regression() }", columns: ['id', 'prediction'] }

/** Rows that the table has, but for those named. */
const tableRows = (count: number, poison: ReadonlySet<number>) =>
  `id,x,y\n${Array.from({ length: count }, (_, index) => `r${index},${index % 10},${poison.has(index) ? 77 : index % 7}`).join('\n')}\n`

test.each([
  ['any batch', 'n', 5000, [0, 17, 18, 4095, 4096, 4999]],
  ['a batch of one', 1, 300, [0, 17, 299]],
  ['a batch of seven', 7, 300, [0, 6, 7, 17, 299]],
  ['any batch, all at fault', 'n', 50, Array.from({ length: 50 }, (_, index) => index)],
] as const)('records that make the model throw are rejected alone, and nobody else moves: %s', async (_name, batch, count, at) => {
  const model = tableModel({ batch })
  const poison = new Set<number>(at)
  const clean = await score(tableRows(count, new Set()), { ...REGRESSION, model })
  const poisoned = await score(tableRows(count, poison), { ...REGRESSION, model })
  const cut = await score(tableRows(count, poison), { ...REGRESSION, model, targetRecords: 1 })
  const kept = clean.predictions.split('\n').filter((line) => !line.startsWith('r') || !poison.has(Number(line.split(',')[0]!.slice(1))))
  expect(poisoned.predictions.split('\n')).toEqual(kept)
  expect(cut.digest).toBe(poisoned.digest)
  const rejects = poisoned.rejects.trimEnd().split('\n').slice(1)
  expect(rejects.map((line) => Number(line.split(',')[0]) - 2)).toEqual([...at])
  for (const line of rejects) expect(line).toMatch(/,prediction,model\.error,.*the model failed on this record/)
  expect(poisoned.table).toMatchObject({ records: count, rejected: poison.size, ruleRows: { 'model.error': poison.size } })
})

test('records that fail only together are rejected together; a model that fails on nobody in particular ends the run', async () => {
  const pair = (index: number) => (index === 3 || index === 40 ? `r${index},6,0` : `r${index},0,0`)
  const { rejects } = await score(rows(60, pair), { ...REGRESSION, model: tableModel({ together: true }) })
  const lines = rejects.trimEnd().split('\n').slice(1)
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines) expect(line).toContain('together with other records')
})
