/**
 * Cuts a model in two, in memory, where a tensor goes into a node: what gives the tensor becomes a model of its own, and so does the node.
 * This is done only where the runtime computes the same bits in parts: it melts neighbours into one, and which ones depends on all that is
 * around them. The file is never written to, and no number is touched.
 */
import { BYTES, FIELD, type Fields, readFields } from './messages.js'
import type { OnnxFile, OnnxNode } from './onnxFile.js'
import { field, floatTensor, withGraph } from './rewriteOnnx.js'

export interface CutModel {
  /** Takes what the model takes, and gives the tensor alone. */
  readonly head: Uint8Array
  /** Takes the tensor, and gives one output of the node. */
  readonly tail: Uint8Array
}

/** The runtime melts none of them into a neighbour, or they move values and compute nothing. */
const STAND_ALONE = new Set([
  ...['Binarizer', 'FeatureVectorizer', 'Imputer', 'LabelEncoder', 'Normalizer', 'OneHotEncoder', 'Scaler', 'ArrayFeatureExtractor'].map(
    (name) => `ai.onnx.ml:${name}`,
  ),
  ...['Cast', 'Concat', 'Flatten', 'Gather', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze'].map((name) => `:${name}`),
])

/** What may look at a tensor without naming it as an input. */
const INNER_GRAPHS = [':If', ':Loop', ':Scan', ':SequenceMap']

/** The head is kept beside the whole model, with all of its weights. */
const MOST_BYTES = 64 << 20

/** `undefined` where nothing comes before the node, or something that may give other bits when it is cut off. */
export function cutModel(bytes: Uint8Array, onnx: OnnxFile, tensor: string, output: string): CutModel | undefined {
  const { nodes, outputs, operators, functions, externalData } = onnx
  if (bytes.length > MOST_BYTES || externalData.length > 0 || functions.size > 0) return undefined
  if (INNER_GRAPHS.some((name) => operators.has(name))) return undefined
  const before = givers(nodes, tensor)
  const others = nodes.filter((node) => !before.has(node))
  const seenBehind = new Set([...others.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)])
  const standsAlone = ({ domain, operator, outputs: given }: OnnxNode) =>
    STAND_ALONE.has(`${domain}:${operator}`) && given.every((name) => name === tensor || !seenBehind.has(name))
  if (before.size === 0 || ![...before].every(standsAlone)) return undefined
  const node = nodes.find(({ outputs: given }) => given.includes(output))!
  return { head: headOf(bytes, nodes, before, tensor), tail: tailOf(bytes, nodes, node, tensor, output) }
}

/** Finds the nodes that a tensor is computed by. */
function givers(nodes: readonly OnnxNode[], tensor: string): ReadonlySet<OnnxNode> {
  const giverOf = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const found = new Set<OnnxNode>()
  const wanted = [tensor]
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const node = giverOf.get(name)
    if (!node || found.has(node)) continue
    found.add(node)
    wanted.push(...node.inputs)
  }
  return found
}

/** Writes the model with some of its nodes and one output, of float32. */
function headOf(bytes: Uint8Array, nodes: readonly OnnxNode[], wanted: ReadonlySet<OnnxNode>, output: string): Uint8Array {
  return withGraph(bytes, (graph) => {
    const parts: Uint8Array[] = []
    const keep = (start: number, end: number) => parts.push(graph.subarray(start, end))
    const node = eachNode(nodes, (one, start, end) => wanted.has(one) && keep(start, end))
    const dropped: Fields[number] = [BYTES, (reader) => reader.skip(reader.uint32())]
    readFields(graph, { [FIELD.graphNode]: node, [FIELD.graphOutput]: dropped }, keep)
    return [...parts, field(FIELD.graphOutput, floatTensor(output))]
  })
}

/** Writes one node as a model, with one input and one output of float32. */
function tailOf(bytes: Uint8Array, nodes: readonly OnnxNode[], wanted: OnnxNode, input: string, output: string): Uint8Array {
  return withGraph(bytes, (graph) => {
    const parts: Uint8Array[] = []
    const node = eachNode(nodes, (one, start, end) => one === wanted && parts.push(graph.subarray(start, end)))
    const name: Fields[number] = [BYTES, (reader, start) => parts.push(graph.subarray(start, reader.skip(reader.uint32()).pos))]
    readFields(graph, { [FIELD.graphNode]: node, [FIELD.graphName]: name })
    return [...parts, field(FIELD.graphInput, floatTensor(input)), field(FIELD.graphOutput, floatTensor(output))]
  })
}

/** Walks the nodes of a graph with the places of their bytes, in order. */
function eachNode(nodes: readonly OnnxNode[], see: (node: OnnxNode, start: number, end: number) => void): Fields[number] {
  let index = 0
  return [BYTES, (reader, start) => see(nodes[index++]!, start, reader.skip(reader.uint32()).pos)]
}
