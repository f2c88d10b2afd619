import { expect, test } from 'vitest'
import { firstLinePlaces } from '../../../engine/batch/duplicateKeys.js'
import { FINDING_LINES } from '../../../engine/batch/summary.js'

test('of many lines the first are told; in a set of files each by its own file', () => {
  const lines = Array.from({ length: 30 }, (_, index) => index + 2)
  expect(firstLinePlaces(lines)).toEqual(lines.slice(0, FINDING_LINES))
  const set = [
    { name: 'a.csv', line: 1, ownLine: 2 },
    { name: 'b.csv', line: 4, ownLine: 2 },
  ]
  expect(firstLinePlaces([1, 3, 4], set)).toEqual(['a.csv:2', 'a.csv:4', 'b.csv:2'])
})
