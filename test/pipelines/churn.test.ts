import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day, parseDay } from '../../definition/dates.js'
import { goldenFileOf, type LoadedPipeline, loadPipeline } from '../../engine/loader/loadPipeline.js'
import { type OpenScoring, openScoring } from '../../engine/scoring/openScoring.js'
import { cellsOf, importSampleDays, PIPELINES } from './shippedChurn.js'

const { sampleDay } = await importSampleDays()
let loaded: LoadedPipeline
let opened: OpenScoring

beforeAll(async () => {
  loaded = await loadPipeline(PIPELINES, 'churn')
  opened = await openScoring({
    compiled: loaded.compiled,
    modelFile: loaded.modelFile,
    modelVersion: loaded.modelVersion,
    preprocessingFiles: [],
  })
})
afterAll(() => opened.model.close())

/** Score of each valid row, by the definition's features and the shipped model. */
async function scoresOf(csv: string, date: string): Promise<number[]> {
  const rows = cellsOf(csv)
  const { batch, features } = opened
  const scores: number[] = []
  for (let start = 0; start < rows.length; start += batch.size) {
    const slots = rows.slice(start, start + batch.size)
    slots.forEach(([, age, income, purchase_history, last], slot) => {
      const row = {
        age: Number(age),
        income: Number(income),
        purchase_history: Number(purchase_history),
        last_purchase_date: parseDay(last!)!,
      }
      features.forEach((feature, index) => {
        expect(batch.set(slot, index, feature.compute(row, { date: day(date) }))).toBeUndefined()
      })
    })
    for (let slot = slots.length; slot < batch.size; slot++) batch.clear(slot)
    scores.push(...(await batch.run()).score.subarray(0, slots.length))
  }
  return scores
}

const share = (values: readonly number[], holds: (value: number) => boolean) => values.filter(holds).length / values.length
const confidence = (score: number) => Math.max(score, 1 - score)

test('the definition loads without a warning, and its model needs nothing but the removal of ZipMap', () => {
  expect(loaded.warnings).toEqual([])
  expect(opened.model.classes).toEqual([0, 1])
  expect(opened.model.description.repairs).toEqual([expect.stringContaining('ZipMap removed')])
})

test('the model answers its golden rows as scikit-learn did', async () => {
  const golden = await readFile(goldenFileOf(loaded)!, 'utf8')
  const { date, tolerance } = opened.definition.model.golden!
  const scores = await scoresOf(golden, date)
  expect(scores).toHaveLength(200)
  cellsOf(golden).forEach(([, , , , , label, score], index) => {
    expect(Math.abs(scores[index]! - Number(score))).toBeLessThan(tolerance!)
    expect(scores[index]! >= 0.5 ? 1 : 0).toBe(Number(label))
  })
})

test.each(['2025-12-31', '2026-03-01', '2026-11-22', '2028-02-29'])('the good day %s is far from every anomaly', async (date) => {
  const scores = await scoresOf(sampleDay({ date }), date)
  expect(share(scores, (score) => score >= 0.5)).toBeGreaterThan(0.12)
  expect(share(scores, (score) => score >= 0.5)).toBeLessThan(0.25)
  expect(scores.reduce((sum, score) => sum + confidence(score), 0) / scores.length).toBeGreaterThan(0.75)
  expect(share(scores, (score) => confidence(score) < 0.6)).toBeLessThan(0.1)
})

test('on the anomalous day more than half churn', async () => {
  const scores = await scoresOf(sampleDay({ date: '2026-11-22', kind: 'anomalous' }), '2026-11-22')
  expect(share(scores, (score) => score >= 0.5)).toBeGreaterThan(0.6)
})
