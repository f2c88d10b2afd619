import { expect, test } from 'vitest'
import { sayStretch, sayStretches, stretchesOf, stretchOf } from '../../../engine/protocol/stretches.js'

const attempt = { pipeline: 'churn', date: '2026-03-03', attempt: 'a001' }

test('what an earlier version says is understood', () => {
  expect(stretchesOf({ records: 10, bytes: 100, partitions: 3 })).toBe(3)
  expect(stretchOf({ attempt, partition: 2 })).toBe(2)
})

test('what is said an earlier version understands, and so does this one', () => {
  const inspected = sayStretches({ records: 10, bytes: 100, stretches: 3 })
  expect(inspected).toEqual({ records: 10, bytes: 100, stretches: 3, partitions: 3 })
  const request = sayStretch({ attempt, stretch: 0 })
  expect(request).toEqual({ attempt, stretch: 0, partition: 0 })
  expect([stretchesOf(inspected), stretchOf(request)]).toEqual([3, 0])
})
