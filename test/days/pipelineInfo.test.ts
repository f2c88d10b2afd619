import { expect, test } from 'vitest'
import { pipelineInfo } from '../../days/pipelineInfo.js'
import { smallDay } from './smallDay.js'

const { folder, define } = smallDay()
const attempt = { pipeline: 'churn', date: '2026-03-03', attempt: 'a001' }

test.each([
  ["binary({ positive: 'yes', name: 'churn' })", { task: 'binary', taskName: 'churn', positive: 'yes', threshold: 0.5 }],
  ["binary({ positive: 1, scores: 'margin' })", { task: 'binary', taskName: 'positive', positive: 1, threshold: 0, scores: 'margin' }],
  ["multiclass({ scores: 'label' })", { task: 'multiclass', taskName: 'class', scores: 'label' }],
  ["regression({ name: 'rentals' })", { task: 'regression', taskName: 'rentals' }],
])('of %s report and messages know what to call it', async (task, known) => {
  const loaded = await define(`model: { ...base.model, task: ${task} }`)
  expect(pipelineInfo(attempt, loaded)).toEqual({
    name: 'churn',
    ...known,
    key: 'id',
    features: ['x'],
    inputPath: folder.path('in_2026-03-03.csv'),
  })
})

test('of a definition that cannot be read they know the name', () => {
  expect(pipelineInfo(attempt, undefined)).toEqual({ name: 'churn' })
})
