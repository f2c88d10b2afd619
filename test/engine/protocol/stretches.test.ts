import { expect, test } from 'vitest'
import type { Inspected, ScoreRequest } from '../../../engine/protocol/steps.js'
import { sayStretch, sayStretches, stretchesOf, stretchOf } from '../../../engine/protocol/stretches.js'

const inspected = { stretches: 3 } as Inspected
const request = { stretch: 2 } as ScoreRequest

test('this version and the one before it read the same number, whoever said it', () => {
  expect(sayStretches(inspected)).toEqual({ stretches: 3, partitions: 3 })
  expect(sayStretch(request)).toEqual({ stretch: 2, partition: 2 })
  expect([stretchesOf(inspected), stretchesOf(sayStretches(inspected)), stretchesOf({ partitions: 4 } as never)]).toEqual([3, 3, 4])
  expect([stretchOf(request), stretchOf(sayStretch(request)), stretchOf({ partition: 0 } as never)]).toEqual([2, 2, 0])
})
