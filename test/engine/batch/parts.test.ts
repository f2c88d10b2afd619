import { expect, test } from 'vitest'
import { readSummaries } from '../../../engine/batch/assemble.js'
import { scoredFiles } from './scoredFiles.js'

const { score } = scoredFiles()

test.each(['Infinity', '-Infinity'])('a cell that reads %s is text in the summary of its part, as it stands', async (cell) => {
  const { parts, summaries } = await score(`id,x,y\na,${cell},1\n`)
  expect(await readSummaries(parts, 1)).toEqual(summaries)
  expect(summaries[0]).toMatchObject({ predicted: 0, minScore: Number.POSITIVE_INFINITY, findings: [{ example: cell }] })
})
