import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binary, multiclass, regression, type Task } from '../../../definition/tasks.js'
import { ScoreAcceptance } from '../../../engine/scoring/acceptScore.js'

const tasks: readonly Task[] = [
  binary({ positive: 1 }),
  binary({ positive: 1, scores: 'margin' }),
  binary({ positive: 1, scores: 'label' }),
  multiclass(),
  regression(),
  regression({ min: 0, max: 100 }),
]

const rulesOf = (task: Task, score: number, label: number) => new ScoreAcceptance(task).problems(score, label).map(({ rule }) => rule)

test('what is no finite number is no prediction, except where a model gives labels alone', () => {
  for (const score of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const task of tasks)
      expect(rulesOf(task, score, 0)).toEqual(task.kind === 'binary' && task.scores === 'label' ? [] : ['score.not-finite'])
  }
})

test('a label that is none of the classes is no prediction', () => {
  expect(rulesOf(binary({ positive: 1, scores: 'label' }), Number.NaN, -1)).toEqual(['prediction.unknown'])
  expect(rulesOf(binary({ positive: 1 }), Number.NaN, -1)).toEqual(['score.not-finite'])
})

test("the task's limits are part of what is accepted, exactly", () => {
  const task = regression({ min: 0, max: 100 })
  expect([-0.001, 0, 100, 100.001].map((score) => rulesOf(task, score, 0))).toEqual([['prediction.min'], [], [], ['prediction.max']])
  expect(new ScoreAcceptance(task).problems(101, 0)).toEqual([
    { column: 'prediction', rule: 'prediction.max', reason: 'the model answered 101, above 100', value: '101' },
  ])
})

test('the short way never accepts what has a problem', () => {
  const numbers = fc.oneof(fc.double(), fc.constantFrom(0, 1, -1, 100, 101))
  fc.assert(
    fc.property(fc.constantFrom(...tasks), numbers, fc.integer({ min: -1, max: 2 }), (task, score, label) => {
      const acceptance = new ScoreAcceptance(task)
      if (acceptance.isPlain(score, label)) expect(acceptance.problems(score, label)).toEqual([])
    }),
    { numRuns: 500 },
  )
})
