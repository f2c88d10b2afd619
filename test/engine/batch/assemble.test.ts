import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { assembleParts, findDuplicates, scoreHistogram } from '../../../engine/batch/assemble.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { rows, scoredFiles } from './scoredFiles.js'

const files = scoredFiles()
const { folder, score } = files

test.each(['csv', 'jsonl'] as const)('one shard alone is a file in the folder of shards: %s', async (kind) => {
  const { parts, summaries, predictions } = await score(rows(10))
  const target = {
    format: kind,
    columns: ['id', 'prediction', 'probability', 'score', 'timestamp'],
    predictions: [folder.path('shards', `one.${kind}`)],
    rejects: folder.path(`rejects.${kind}`),
  }
  await assembleParts(files.pool(), parts, summaries, target)
  const lines = kind === 'csv' ? predictions : predictions.slice(predictions.indexOf('\n') + 1)
  expect(await readFile(target.predictions[0]!, 'utf8')).toBe(lines)
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
  expect(await findDuplicates(files.pool(), parts, summaries.length)).toEqual({ keys: 1, records: 2, lines: [6, 9001] })
})
