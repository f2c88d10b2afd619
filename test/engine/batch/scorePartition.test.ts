import { expect, test } from 'vitest'
import { forestModel, linearRegressorModel, type Node, onnxModel } from '../../setup/onnxBuilder.js'
import { rows, scoredFiles } from './scoredFiles.js'

const { score } = scoredFiles()

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

test('what the model answers with NaN or Infinity is a reject, never a class', async () => {
  const model = linearRegressorModel({ coefficients: [3e38, 3e38], intercept: 0 })
  const definition = "model: { file: 'model.onnx', version: '1', task: regression() }"
  const { table, rejects } = await score('id,x,y\na,1e30,1e30\nb,0,0\n', { model, definition, columns: ['id', 'prediction'] })
  expect(table).toMatchObject({ predicted: 1, rejected: 1 })
  expect(rejects).toContain('score.not-finite')
})

/** Looks both features up in a table of ten, outside of which the runtime throws. With `together`, the sum of all records is looked up. */
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

test('own labels are compared over all of the day where the runtime computes, and over some micro-batches where Daybreak walks the trees', async () => {
  const content = rows(20 * 4096)
  const linear = await score(content, { targetRecords: 4096 })
  const compared = (counts: readonly { readonly records: number }[] = []) => counts.reduce((sum, { records }) => sum + records, 0)
  expect(compared(linear.table.ownLabels)).toBe(20 * 4096)
  const forest = await score(content, { targetRecords: 4096, model: forestModel({ features: 2, trees: 10 }), microBatches: 20 })
  // One of three: 0, 3, … 18.
  expect(compared(forest.table.ownLabels)).toBe(7 * 4096)
  const short = await score(rows(8 * 4096), { targetRecords: 4096, model: forestModel({ features: 2, trees: 10 }), microBatches: 8 })
  expect(compared(short.table.ownLabels)).toBe(8 * 4096)
  expect(short.table.ownLabels?.every(({ said, read }) => said === read)).toBe(true)
})
