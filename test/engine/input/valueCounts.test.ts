import { expect, test } from 'vitest'
import { ValueCounts } from '../../../engine/input/valueCounts.js'

function listed(files: readonly (readonly string[])[]) {
  const counts = new ValueCounts()
  for (const values of files) {
    counts.nextFile()
    for (const value of values) counts.add(value)
  }
  return counts.list()
}

const times = (values: readonly string[], many: number) => Array.from({ length: many }, () => values).flat()

test('values that come again and again are a list, in order', () => {
  expect(listed([times(['b', 'a'], 10)])).toEqual({ values: ['a', 'b'] })
  expect(listed([times(['b', 'a'], 5), times(['b', 'a'], 5)])).toEqual({ values: ['a', 'b'] })
  expect(listed([times([...'abcdefghijklmnopqrstuvwxyzABCD'], 10)])).toMatchObject({ values: { length: 30 } })
})

test.each<[string, readonly (readonly string[])[], unknown]>([
  ['none', [[]], undefined],
  ['one', [['a', 'a']], '"a" in every record: nothing says what else there is'],
  ['too few records', [times(['a', 'b'], 9)], '2 values in 18 records: too few to tell a list'],
  ['one of them once', [[...times(['a', 'b'], 50), 'c']], '3 values, of which 1 once: tomorrow there may be others'],
  [
    'one of them in one file',
    [times(['a', 'b'], 20), times(['a'], 20)],
    '2 values, of which 1 in one file alone: tomorrow there may be others',
  ],
  ['different ones only', [['a', 'b', 'c']], undefined],
  ['too many', [times([...'abcdefghijklmnopqrstuvwxyzABCDE'], 10)], undefined],
  ['a long one', [times(['a', 'x'.repeat(61)], 20)], undefined],
  ['times', [times(['9:30', '10:30'], 20)], 'times: tomorrow there are others'],
  ['months', [times(['Mar 26', 'Apr 26'], 20)], 'dates or times in words: tomorrow there are others'],
  ['long numbers', [times(['A-1234', 'A-1235'], 20)], 'long numbers in its values: tomorrow there may be others'],
])('%s: no list', (_what, files, why) => {
  expect(listed(files)).toEqual({ why })
})
