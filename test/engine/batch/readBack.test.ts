import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { binary, regression } from '../../../definition/tasks.js'
import { addReadBacks, readBack } from '../../../engine/batch/readBack.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const columns = ['id', 'prediction', 'probability']
const shared = { columns, task: binary({ positive: 1 }), classes: [0, 1] }

/** Rows of which some cannot be: a label that is none, a probability that is none, blanks, quotes where none are needed. */
const rows = Array.from({ length: 500 }, (_, index) => {
  const label = index % 71 === 5 ? '7' : index % 83 === 7 ? '' : String(index % 2)
  const probability = index % 61 === 9 ? '1.5' : index % 97 === 11 ? '' : '0.75'
  return index % 13 === 0 ? `"r,${index}",${label},${probability}` : `r${index},${label},"${probability}"`
})

const count = (is: (index: number) => boolean) => rows.filter((_, index) => is(index)).length

test('what cannot be is counted, row by row, with the first of each', async () => {
  const file = folder.path('predictions.csv')
  const text = `${columns.join(',')}\n${rows.join('\n')}\n`
  await writeFile(file, text)
  const offset = text.indexOf('\n') + 1
  const blank = (index: number) => index % 71 !== 5 && index % 83 === 7
  const noProbability = (index: number) => index % 61 !== 9 && index % 97 === 11
  expect(await readBack({ ...shared, file, offset, bytes: text.length - offset })).toEqual({
    rows: 500,
    wrongLabels: count((index) => index % 71 === 5 || blank(index)),
    outside: count((index) => index % 61 === 9),
    nullPredictions: count(blank),
    nullProbabilities: count(noProbability),
    firstWrongLabel: '7',
    firstOutside: '1.5',
  })
})

test('pieces of a file add up to the whole of it, wherever they are cut', async () => {
  const file = folder.path('predictions.csv')
  const text = `${columns.join(',')}\n${rows.join('\n')}\n`
  await writeFile(file, text)
  const offset = text.indexOf('\n') + 1
  const whole = await readBack({ ...shared, file, offset, bytes: text.length - offset })
  for (const at of [1, 250, 499]) {
    const middle = offset + rows.slice(0, at).join('\n').length + 1
    const pieces = [
      await readBack({ ...shared, file, offset, bytes: middle - offset }),
      await readBack({ ...shared, file, offset: middle, bytes: text.length - middle }),
    ]
    expect(addReadBacks(pieces)).toEqual(whole)
  }
})

test('lines of JSON are read as the same table is; other columns are told', async () => {
  const file = folder.path('predictions.jsonl')
  await writeFile(file, '{"id":"a","prediction":7,"probability":null}\n{"id":"b","prediction":1,"probability":0.5}\n')
  const request = { ...shared, file, offset: 0, bytes: 0 }
  expect(await readBack(request)).toMatchObject({ rows: 2, wrongLabels: 1, nullProbabilities: 1, outside: 0, firstWrongLabel: '7' })
  expect(await readBack({ ...request, columns: ['id', 'prediction'] })).toMatchObject({ strange: columns })
})

test('a regression predicts any finite number, and has no range', async () => {
  const file = folder.path('predictions.csv')
  const text = 'id,prediction\na,-1e300\nb,Infinity\nc,\nd,12\n'
  await writeFile(file, text)
  const request = { file, offset: 14, bytes: text.length - 14, columns: ['id', 'prediction'], task: regression(), classes: [] }
  expect(await readBack(request)).toMatchObject({ rows: 4, wrongLabels: 2, nullPredictions: 1, outside: 0, firstWrongLabel: 'Infinity' })
})
