/** Writes models that hold or end the process that runs them. */
import { type Node, onnxModel, type Value } from './onnxBuilder.js'

const input: Value = { name: 'x', type: 'float32', shape: ['n', 2] }
const output: Value = { name: 'y', type: 'float32', shape: ['n', 1] }
const weights = [{ name: 'w', shape: [2, 1], values: [1, 2] }]
const product: Node = { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['product'] }

/** Gives x1 + 2 x2, and never ends when any value of the records is above a limit. */
export function endlessModel(above: number): Uint8Array {
  const body = {
    nodes: [
      { operator: 'Identity', inputs: ['going'], outputs: ['goes on'] },
      { operator: 'Identity', inputs: ['value'], outputs: ['same'] },
    ],
    inputs: [
      { name: 'round', type: 'int64', shape: [] },
      { name: 'going', type: 'bool', shape: [] },
      { name: 'value', type: 'float32', shape: ['n', 1] },
    ],
    outputs: [
      { name: 'goes on', type: 'bool', shape: [] },
      { name: 'same', type: 'float32', shape: ['n', 1] },
    ],
  } as const
  return onnxModel({
    nodes: [
      product,
      { operator: 'ReduceMax', inputs: ['x'], outputs: ['largest'], attributes: { keepdims: 0 } },
      { operator: 'Greater', inputs: ['largest', 'limit'], outputs: ['start'] },
      { operator: 'Loop', inputs: ['', 'start', 'product'], outputs: ['y'], attributes: { body: { graph: body } } },
    ],
    inputs: [input],
    outputs: [output],
    weights: [...weights, { name: 'limit', shape: [], values: [above] }],
  })
}

/** A tree of which each level is one comparison: what reads it goes as deep. */
export function deepTreeModel(depth: number): Uint8Array {
  const nodes = 2 * depth + 1
  const each = <T>(of: (node: number) => T) => Array.from({ length: nodes }, (_, node) => of(node))
  const branches = (node: number) => node % 2 === 0 && node < 2 * depth
  const leaves = each((node) => node).filter((node) => !branches(node))
  const attributes = {
    nodes_treeids: each(() => 0),
    nodes_nodeids: each((node) => node),
    nodes_featureids: each(() => 0),
    nodes_modes: each((node) => (branches(node) ? 'BRANCH_LEQ' : 'LEAF')),
    nodes_values: { floats: each((node) => node) },
    nodes_truenodeids: each((node) => (branches(node) ? node + 1 : 0)),
    nodes_falsenodeids: each((node) => (branches(node) ? node + 2 : 0)),
    target_treeids: leaves.map(() => 0),
    target_nodeids: leaves,
    target_ids: leaves.map(() => 0),
    target_weights: { floats: leaves },
    n_targets: 1,
  }
  return onnxModel({
    nodes: [{ operator: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['y'], attributes }],
    inputs: [input],
    outputs: [output],
  })
}

/** Asks for a tensor of so many numbers, of 4 bytes each, and fills it. */
export function largeModel(numbers: number): Uint8Array {
  return onnxModel({
    nodes: [
      { operator: 'ConstantOfShape', inputs: ['size'], outputs: ['zeros'] },
      { operator: 'ReduceSum', inputs: ['zeros'], outputs: ['sum'], attributes: { keepdims: 0 } },
      product,
      { operator: 'Add', inputs: ['product', 'sum'], outputs: ['y'] },
    ],
    inputs: [input],
    outputs: [output],
    weights,
    places: [{ name: 'size', values: [numbers] }],
  })
}
