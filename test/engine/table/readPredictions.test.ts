import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readPredictions } from '../../../engine/table/readPredictions.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function read(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) await writeFile(folder.path(name), text)
  const seen: unknown[] = []
  const paths = Object.keys(files).map((name) => folder.path(name))
  for await (const cells of readPredictions(paths, (columns) => seen.push({ columns }))) seen.push(cells)
  return seen
}

test('the rows of several files follow each other, each under its own columns', async () => {
  expect(
    await read({ 'a.csv': 'id,prediction\n"x,1",1\n', 'b.csv': 'id,prediction\n', 'c.csv': 'id,prediction,score\ny,0,0.5\n' }),
  ).toEqual([
    { columns: ['id', 'prediction'] },
    ['x,1', '1'],
    { columns: ['id', 'prediction'] },
    { columns: ['id', 'prediction', 'score'] },
    ['y', '0', '0.5'],
  ])
})

test('lines of JSON are rows of cells, and columns are told when they change', async () => {
  const lines = ['{"id":"x","prediction":1}', '{"id":"y","prediction":null}', '{"id":"z"}']
  expect(await read({ 'a.jsonl': `${lines.join('\n')}\n` })).toEqual([
    { columns: ['id', 'prediction'] },
    ['x', '1'],
    ['y', ''],
    { columns: ['id'] },
    ['z'],
  ])
})
