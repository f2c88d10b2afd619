import fc from 'fast-check'
import { expect, test } from 'vitest'
import { before, layOutTrees } from '../../../../engine/model/trees/layOutTrees.js'
import type { TreeAttributes } from '../../../../engine/model/trees/treeAttributes.js'

const float32 = fc.float({ noNaN: true })

test('to be less than a number is to be at most the one before it', () => {
  fc.assert(
    fc.property(float32, float32, (value, limit) => {
      expect(value <= before(limit)).toBe(value < limit)
    }),
    { numRuns: 5000 },
  )
  const smallest = 2 ** -149
  expect([before(smallest), before(0), before(-0), before(Number.POSITIVE_INFINITY)]).toEqual([
    0,
    -smallest,
    -smallest,
    3.4028234663852886e38,
  ])
  expect(before(Number.NEGATIVE_INFINITY)).toBeNaN()
})

/** One branch at 0.5 of feature 2, with two leaves; changed by lists of the same length. */
function tree(changes: Readonly<Record<string, readonly number[]>> = {}, modes = [1, 0, 0]): TreeAttributes {
  const numbers = {
    treeids: [0, 0, 0],
    nodeids: [0, 1, 2],
    featureids: [2, 0, 0],
    truenodeids: [1, 0, 0],
    falsenodeids: [2, 0, 0],
    ...changes,
  }
  return {
    numbers: new Map(Object.entries(numbers).map(([name, list]) => [`nodes_${name}`, Int32Array.from(list)])),
    floats: new Map([['nodes_values', Float32Array.of(0.5, 0, 0)]]),
    texts: new Map(),
    modes: Int8Array.from(modes),
  }
}

test('the two nodes that follow a branch are neighbours, and a leaf follows itself', () => {
  const laid = layOutTrees(tree())!
  expect(laid).toMatchObject({ leastFeatures: 3, roots: [{ node: 0, depth: 1 }] })
  expect([[...laid.features], [...laid.next], [...laid.thresholds]]).toEqual([
    [2, -1, -1],
    [1, 1, 2],
    [0.5, 0, 0],
  ])
  expect([laid.placeOf(0, 2), laid.placeOf(0, 3), laid.placeOf(1, 0)]).toEqual([2, -1, -1])
})

test('nodes may stand in another order than their numbers', () => {
  const laid = layOutTrees(tree({ nodeids: [0, 2, 1] }))!
  expect([laid.placeOf(0, 1), laid.placeOf(0, 2)]).toEqual([1, 2])
})

test('a branch that is less than its number has the number before it', () => {
  expect(layOutTrees(tree({}, [2, 0, 0]))!.thresholds[0]).toBe(before(0.5))
})

test.each<[string, TreeAttributes]>([
  ['two ways to one node', tree({ falsenodeids: [1, 0, 0] })],
  ['a way to the root', tree({ falsenodeids: [0, 0, 0] })],
  ['a way to nowhere', tree({ falsenodeids: [3, 0, 0] })],
  ['a number that stands twice', tree({ nodeids: [0, 1, 1] })],
  ['a tree that does not stand together', tree({ treeids: [0, 1, 0], nodeids: [0, 0, 1] })],
  ['a node that no way leads to', tree({}, [0, 0, 0])],
  ['a mode that is not known', tree({}, [-1, 0, 0])],
  ['lists of different lengths', tree({ featureids: [2, 0] })],
  ['a feature below 0', tree({ featureids: [-1, 0, 0] })],
])('%s is no tree', (_name, attributes) => {
  expect(layOutTrees(attributes)).toBeUndefined()
})
