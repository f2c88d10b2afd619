/**
 * Cuts a model in two, in memory, where a tensor goes into a node: what gives the tensor becomes a model of its own, and so does the node.
 * Never writes to the file, never touches a number.
 */
import { BYTES, FIELD, type Fields, type OnnxFile, type OnnxNode, readFields } from './onnxFile.js'
import { field, floatTensor, withGraph } from './rewriteOnnx.js'

export interface CutModel {
  /** Takes what the model takes, and gives the tensor alone. */
  readonly head: Uint8Array
  /** Takes the tensor, and gives one output of the node. */
  readonly tail: Uint8Array
}

/** `undefined` when nothing comes before the node, or its weights are in other files. */
export function cutModel(bytes: Uint8Array, onnx: OnnxFile, tensor: string, output: string): CutModel | undefined {
  const { nodes, externalData } = onnx
  const before = givers(nodes, tensor)
  if (before.size === 0 || externalData.length > 0) return undefined
  const node = new Set(nodes.filter(({ outputs }) => outputs.includes(output)))
  return {
    head: partOf(bytes, nodes, before, { outputs: tensor }),
    tail: partOf(bytes, nodes, node, { inputs: tensor, outputs: output }),
  }
}

/** The nodes that a tensor is computed by. */
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

const DROPPED: Fields[number] = [BYTES, (reader) => reader.skip(reader.uint32())]

/** The model with some of its nodes, one output, and the inputs it has or another one, of float32 both. */
function partOf(
  bytes: Uint8Array,
  nodes: readonly OnnxNode[],
  wanted: ReadonlySet<OnnxNode>,
  { inputs, outputs }: { readonly inputs?: string; readonly outputs: string },
): Uint8Array {
  return withGraph(bytes, (graph) => {
    const parts: Uint8Array[] = []
    const keep = (start: number, end: number) => parts.push(graph.subarray(start, end))
    let index = 0
    const node: Fields[number] = [
      BYTES,
      (reader, start) => {
        reader.skip(reader.uint32())
        if (wanted.has(nodes[index++]!)) keep(start, reader.pos)
      },
    ]
    const own = { [FIELD.graphNode]: node, [FIELD.graphOutput]: DROPPED, [FIELD.graphValue]: DROPPED }
    const taken = { [FIELD.graphInput]: DROPPED, [FIELD.graphWeights]: DROPPED, [FIELD.graphSparseWeights]: DROPPED }
    readFields(graph, inputs === undefined ? own : { ...own, ...taken }, keep)
    if (inputs !== undefined) parts.push(field(FIELD.graphInput, floatTensor(inputs)))
    parts.push(field(FIELD.graphOutput, floatTensor(outputs)))
    return parts
  })
}
