import { expect, test } from 'vitest'
import { newCounts } from '../../../engine/protocol/counts.js'

test('names that all objects have are not counted until they are', () => {
  const counts = newCounts()
  for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'x']) {
    expect(counts[name]).toBeUndefined()
    counts[name] = (counts[name] ?? 0) + 1
  }
  expect(Object.entries(counts)).toEqual(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'x'].map((name) => [name, 1]))
})
