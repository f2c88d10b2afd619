import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outputFiles, predictionsIn, predictionsNames, rejectsIn } from '../../../engine/storage/predictionFiles.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

test('one file has the name of its format; shards say how many they are', () => {
  expect(predictionsNames('jsonl', undefined)).toEqual(['predictions.jsonl'])
  expect(predictionsNames('csv', 2)).toEqual(['predictions/predictions-00000-of-00002.csv', 'predictions/predictions-00001-of-00002.csv'])
})

test('results are CSV unless the definition says otherwise, rejects in the same format', () => {
  expect(outputFiles('/a', {})).toEqual({ format: 'csv', predictions: [join('/a', 'predictions.csv')], rejects: join('/a', 'rejects.csv') })
  expect(outputFiles('/a', { output: { format: 'jsonl', shards: 1 } })).toEqual({
    format: 'jsonl',
    predictions: [join('/a', 'predictions/predictions-00000-of-00001.jsonl')],
    rejects: join('/a', 'rejects.jsonl'),
  })
})

test.each([
  ['one file', ['predictions.csv']],
  ['twelve shards', predictionsNames('jsonl', 12)],
  ['nothing', []],
])('%s is found again, in record order', async (_name, names) => {
  await mkdir(folder.path('predictions'))
  for (const name of names.toReversed()) await writeFile(folder.path(name), '')
  await writeFile(folder.path('rejects.jsonl'), '')
  expect(await predictionsIn(folder.path())).toEqual(names)
  expect(await rejectsIn(folder.path())).toBe('rejects.jsonl')
})

test('of a folder that is not there nothing is found', async () => {
  expect(await predictionsIn(folder.path('none'))).toEqual([])
  expect(await rejectsIn(folder.path('none'))).toBeUndefined()
})
