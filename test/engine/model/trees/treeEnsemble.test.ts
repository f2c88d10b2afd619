import { expect, test } from 'vitest'
import { onnxModel } from '../../../setup/onnxBuilder.js'
import { bitsOf, comparedTrees } from './comparedTrees.js'
import { modelOf, plain } from './drawnEnsembles.js'

const { chainOf, compare } = comparedTrees()

test.each([
  ['trees of float64', { head: 'double' as const }],
  ['trees behind arithmetic', { head: 'arithmetic' as const }],
  ['trees whose values something else needs too', { head: 'shared' as const }],
  ['a mode of another kind', { modes: ['BRANCH_GT'] }],
  ['one such among others', { modes: ['BRANCH_LEQ', 'BRANCH_GTE'], trees: 30 }],
  ['an average', { classifier: false, aggregate: 'AVERAGE' }],
  ['the largest', { classifier: false, aggregate: 'MAX' }],
  ['leaves that add nothing, of a regression,', { classifier: false, sparse: true, trees: 40 }],
  ['leaves that add nothing, of two classes,', { sparse: true, trees: 40 }],
  ['leaves that add nothing, of several classes,', { sums: 3, sparse: true, trees: 40 }],
  ['a transformation of another kind', { transform: 'PROBIT', negative: false, trees: 2 }],
])('%s is left to the runtime', async (_, change) => {
  expect(await compare({ ...plain, ...change })).toBe(false)
})

test('nodes that make no tree are left to the runtime, or refused by it', async () => {
  const { bytes } = modelOf({ ...plain, trees: 1, depth: 1 })
  // Both children of the root are the same leaf.
  const twice = Buffer.from(bytes)
  const list = twice.indexOf('nodes_falsenodeids') + 'nodes_falsenodeids'.length
  expect(twice[list + 1]).toBe(2)
  twice[list + 1] = 1
  const chain = await chainOf(twice)
  expect(await chain.useOwnTrees('scores', 8, 3)).toBe(false)
  await chain.release()
})

test('a leaf without a weight is left to the runtime, however deep it is', async () => {
  const levels = 16
  const places = Array.from({ length: 2 * levels + 1 }, (_, index) => index)
  const branches = places.map((index) => index % 2 === 0 && index < 2 * levels)
  const attributes = {
    nodes_treeids: places.map(() => 0),
    nodes_nodeids: places,
    nodes_featureids: places.map((index) => (branches[index] ? index / 2 : 0)),
    nodes_modes: places.map((index) => (branches[index] ? 'BRANCH_LEQ' : 'LEAF')),
    nodes_values: { floats: places.map((index) => (branches[index] ? 0.5 : 7)) },
    nodes_truenodeids: places.map((index) => (branches[index] ? index + 1 : 0)),
    nodes_falsenodeids: places.map((index) => (branches[index] ? index + 2 : 0)),
    target_treeids: Array.from({ length: levels }, () => 0),
    target_nodeids: Array.from({ length: levels }, (_, level) => 2 * level + 1),
    target_ids: Array.from({ length: levels }, () => 0),
    target_weights: { floats: Array.from({ length: levels }, () => 1) },
    n_targets: 1,
  }
  const chain = await chainOf(
    onnxModel({
      nodes: [{ operator: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', inputs: ['input'], outputs: ['scores'], attributes }],
      inputs: [{ name: 'input', type: 'float32', shape: ['n', levels] }],
      outputs: [{ name: 'scores', type: 'float32', shape: ['n', 1] }],
    }),
  )
  expect(await chain.useOwnTrees('scores', 8, levels)).toBe(false)
  // The runtime gives such a leaf the value of its node.
  expect(await bitsOf(chain, new Float32Array(levels).fill(1), levels)).toEqual(new Int32Array(Float32Array.of(7).buffer))
  await chain.release()
})
