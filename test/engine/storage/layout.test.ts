import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldersOf, layout } from '../../../engine/storage/layout.js'

const home = join('/', 'home')
const ref = { pipeline: 'churn', date: '2026-03-03', attempt: 'a001' }

test('the folders that a run is held to hold all that it writes outside its attempt', () => {
  const { pipeline, date } = ref
  const written = [
    layout.attempt(home, ref),
    join(layout.publications(home, pipeline, date), '0001.json'),
    ...[layout.published, layout.publishedPredictions, layout.publishedMetrics, layout.publishedValidation, layout.report].map((of) =>
      of(home, pipeline, date),
    ),
    layout.index(home, pipeline),
    layout.modelVersion(home, pipeline, '1.0.0'),
  ]
  const folders = foldersOf(home, pipeline, date)
  expect(written.filter((path) => !folders.includes(dirname(path)))).toEqual([])
})

test('whatever a version of a model is called, its record is one file of one folder, and has a name of its own', () => {
  const versions = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(versions, versions, (one, other) => {
      const [first, second] = [one, other].map((version) => layout.modelVersion(home, 'churn', version)) as [string, string]
      expect(dirname(first)).toBe(join(home, 'churn', 'models'))
      expect(first === second).toBe(one === other)
    }),
  )
})
