import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import { binary, regression } from '../../../definition/tasks.js'
import { outputLines } from '../../../engine/batch/outputLines.js'
import type { PartitionJob } from '../../../engine/batch/parts.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import type { Scores } from '../../../engine/model/scores.js'
import type { OpenScoring } from '../../../engine/scoring/openScoring.js'
import { FastLines, lineBytes } from '../../../engine/table/fast/fastLines.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { BlockReader } from '../../../engine/table/readBlocks.js'
import { scoredFiles } from './scoredFiles.js'

const { folder, score } = scoredFiles()
const format = { kind: 'csv', delimiter: ';' } as const
const columns = {
  id: column.text(),
  note: column.text({ nullable: true }),
  x: column.number(),
  day: column.date(),
}
const rows = [
  'k1;plain;1.50;2026-01-02',
  'k2;a,b;2;2026-01-03',
  ' k3;;3;2026-01-04',
  'ü;"q ""x""";4;2026-01-05',
  'k5; end ;5e0;2026-01-06',
  'k6;日本;6;2026-02-28',
  ...[7, 8, 9].map((index) => `k${index};note ${index};${index}.25;2026-01-0${index}`),
]
const names = [
  'id',
  'note',
  'x',
  'day',
  'line',
  'prediction',
  'probability',
  'score',
  'timestamp',
  'model_version',
  'probability.yes',
  'probability.no, never',
] as const
const numbers = fc.oneof(
  fc.float({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(1, 0, 0.5, 1e-7, 0.1),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
)

// The same bytes, in full and without the timestamp, for any columns in any order.
test('lines by the kernel are those by hand', async () => {
  const file = folder.path('in.csv')
  await writeFile(file, `id;note;x;day\n${rows.join('\n')}\n`)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, columns, format)
  const date = day('2026-03-03')
  const { partitions } = await planPartitions(file, header, { microBatch: rows.length, format })
  const cases = fc.record({
    columns: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
    outputFormat: fc.constantFrom('csv', 'csv', 'jsonl'),
    type: fc.constantFrom('float32', 'float32', 'float64'),
    isRegression: fc.boolean(),
    values: fc.array(fc.tuple(numbers, numbers, fc.nat(1), fc.boolean()), { minLength: rows.length, maxLength: rows.length }),
  })
  let byKernel = 0
  await fc.assert(
    fc.asyncProperty(cases, async ({ columns: chosen, outputFormat, type, isRegression, values }) => {
      const definition = { input: { columns }, model: { task: isRegression ? regression() : binary({ positive: 1 }) } }
      const model = { plan: { scores: { type } }, classes: ['no, never', 'yes'] }
      const job = {
        spec: { modelVersion: '1,0' },
        input: { file, format, header, positions },
        outputFormat,
        columns: chosen,
        timestamp: '2026-03-04T06:00:00.000Z',
      }
      const output = outputLines({ definition, model } as unknown as OpenScoring, { ...job, date } as unknown as PartitionJob)
      const more = lineBytes(rows.length, output.pieces ?? []) + 64 * chosen.length
      const reader = new BlockReader({ header, format, columns, positions, date, capacity: rows.length, more })
      const lines = new FastLines(reader.fields, output.pieces ?? [])
      for await (const block of reader.read(file, partitions[0]!)) {
        const scores = {
          score: Float32Array.from(values, ([score]) => score),
          confidence: Float32Array.from(values, ([, confidence]) => confidence),
          label: Int32Array.from(values, ([, , label]) => label),
          byClass: [0, 1].map((other) => Float32Array.from(values, ([score, confidence]) => [confidence, score][other]!)),
        } satisfies Omit<Scores, 'own'>
        lines.score.set(scores.score)
        lines.confidence.set(scores.confidence)
        lines.labels.set(scores.label)
        for (const [index, probability] of lines.byClass) probability.set(scores.byClass[index]!)
        values.forEach(([, , , skipped], record) => {
          lines.skipped[record] = Number(skipped)
        })
        const write = (plainly: boolean) => {
          const [full, steady]: [Buffer[], Buffer[]] = [[], []]
          const sink = (one: Buffer, other: Buffer) => {
            full.push(Buffer.from(one))
            steady.push(Buffer.from(other))
          }
          let hands = 0
          lines.write(sink, plainly, (record) => {
            hands += 1
            return output.byHand(block, record, record, scores)
          })
          lines.flush(sink)
          return { hands, full: Buffer.concat(full).toString(), steady: Buffer.concat(steady).toString() }
        }
        const { hands: all, ...expected } = write(false)
        const { hands, ...found } = write(output.pieces !== undefined)
        expect(found).toEqual(expected)
        byKernel += all - hands
        if (!chosen.includes('timestamp')) expect(found.steady).toBe(found.full)
      }
    }),
    { numRuns: 1500 },
  )
  expect(byKernel).toBeGreaterThan(500)
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
