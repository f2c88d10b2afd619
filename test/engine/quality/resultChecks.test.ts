import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkPredictions } from '../../../engine/quality/resultChecks.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { churn } from './scoredDay.js'

const folder = temporaryFolder()
const GOOD = 'id,prediction,probability,score\n1,0,0.75,0.25\n2,1,0.9,0.9\n'

test.each([
  ['as written', GOOD, []],
  ['a row short', GOOD.replace('2,1,0.9,0.9\n', ''), ['records_match']],
  ['another header', GOOD.replace('score', 'scores'), ['file_exists']],
  ['a label the model does not have', GOOD.replace('2,1', '2,7'), ['prediction_values_valid']],
  ['a probability above 1', GOOD.replace('0.75', '1.5'), ['probability_range_valid']],
  ['a probability whose last bit makes it more than 1', GOOD.replace('0.75', '1.0000001'), []],
  ['a probability one bit more', GOOD.replace('0.75', '1.0000002'), ['probability_range_valid']],
  ['a score below 0', GOOD.replace('0.25', '-0.1'), ['probability_range_valid']],
  ['no prediction', GOOD.replace('1,0,', '1,,'), ['prediction_values_valid', 'no_null_predictions']],
  ['no probability', GOOD.replace('0.75', ''), ['no_null_probabilities']],
  ['not a number', GOOD.replace('0.75', 'NaN'), ['probability_range_valid']],
] as const)('the result checks read the file back: %s', async (_name, content, failing) => {
  const file = folder.path('predictions.csv')
  await writeFile(file, content)
  const checks = await checkPredictions({
    files: [file],
    columns: ['id', 'prediction', 'probability', 'score'],
    predicted: 2,
    task: churn,
    classes: [0, 1],
  })
  expect(checks.map(({ name }) => name)).toEqual([
    'file_exists',
    'records_match',
    'prediction_values_valid',
    'probability_range_valid',
    'no_null_predictions',
    'no_null_probabilities',
  ])
  expect(checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(failing)
})

test('a row whose probability and score are both outside is one row', async () => {
  const file = folder.path('predictions.csv')
  await writeFile(file, 'id,prediction,probability,score\n1,1,1.5,1.5\n2,0,2,-1\n3,1,0.9,0.9\n')
  const columns = ['id', 'prediction', 'probability', 'score']
  const checks = await checkPredictions({ files: [file], columns, predicted: 3, task: churn, classes: [0, 1] })
  expect(checks.find(({ name }) => name === 'probability_range_valid')?.observed).toBe('not in 2 rows; the first: 1.5')
})

test('a predictions file that is gone fails its checks instead of breaking them', async () => {
  const checks = await checkPredictions({ files: [folder.path('none.csv')], columns: ['id'], predicted: 2, task: churn, classes: [0, 1] })
  expect(checks.every(({ passed }) => !passed)).toBe(true)
})
