import { expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../definition/index.js'
import { resultsOf, usualResults } from '../../definition/resultColumns.js'

const ALWAYS = ['line', 'prediction', 'timestamp', 'model_version']

test.each([
  ['two classes with probabilities', binary({ positive: 1 }), ['probability', 'score'], 'probability'],
  ['several classes with logits', multiclass({ scores: 'logit' }), ['probability', 'score'], 'probability'],
  ['margins, which are no probabilities', binary({ positive: 1, scores: 'margin' }), ['score'], 'score'],
  ['labels without any score', multiclass({ scores: 'label' }), [], undefined],
  ['a number, which is its own score', regression(), [], undefined],
] as const)('%s', (_about, task, scores, usual) => {
  const given = resultsOf(task)
  expect([...given].sort()).toEqual([...ALWAYS, ...scores].sort())
  const results = ['prediction', ...(usual ? [usual] : []), 'timestamp']
  expect(usualResults(task, 'csv')).toEqual(results)
  expect(usualResults(task, 'jsonl')).toEqual([...results, 'model_version'])
})
