/**
 * Mends in memory what keeps Node from reading a model's probabilities: the ZipMap node that most exporters append turns the tensor of
 * probabilities into a list of maps, which onnxruntime-node cannot return. The file is never written to, and no number is touched.
 */
import type protobuf from 'protobufjs/minimal.js'
import type { Label } from '../../../definition/tasks.js'
import { DaybreakError } from '../../protocol/errors.js'
import { BYTES, FIELD, readFields } from './messages.js'
import { type OnnxFile, type OnnxNode, readOnnx, readValue } from './onnxFile.js'
import { field, floatTensor, withGraph } from './rewriteOnnx.js'

export interface Repaired {
  readonly bytes: Uint8Array
  /** What was changed, in words; empty for nothing. */
  readonly repairs: readonly string[]
  /** Class labels of the columns of an output that was a list of maps, by the output's new name. */
  readonly classes: ReadonlyMap<string, readonly Label[]>
}

/**
 * Drops ZipMap nodes whose map is an output, and makes the tensor they read the output instead.
 * @throws ModelUnusable when the model must be changed and keeps its weights in other files
 */
export function removeZipMaps(bytes: Uint8Array, file = 'the model', onnx: OnnxFile = readOnnx(bytes, file)): Repaired {
  const outputs = new Set(onnx.outputs.map((output) => output.name))
  const zipMaps = new Map<string, OnnxNode>()
  for (const node of onnx.nodes) if (isZipMap(node) && outputs.has(node.outputs[0]!)) zipMaps.set(node.outputs[0]!, node)
  if (zipMaps.size === 0) return { bytes, repairs: [], classes: new Map() }
  if (onnx.externalData.length > 0) {
    throw new DaybreakError('ModelUnusable', `${file} ends in a ZipMap and keeps its weights in other files; it cannot be adapted`, {
      next: 'Export it with zipmap=False, or with the weights inside the file.',
      place: { file },
    })
  }
  const repairs: string[] = []
  const classes = new Map<string, readonly Label[]>()
  for (const [map, { inputs, labels = [] }] of zipMaps) {
    const tensor = inputs[0]!
    if (labels.length > 0) classes.set(tensor, labels)
    const columns = labels.length > 0 ? `${labels.length} probabilities` : 'probabilities'
    repairs.push(`ZipMap removed: output "${map}" is now "${tensor}", a tensor of ${columns}`)
  }
  return { bytes: withGraph(bytes, (graph) => rewriteGraph(graph, zipMaps)), repairs, classes }
}

const isZipMap = (node: OnnxNode) => node.operator === 'ZipMap' && node.domain === 'ai.onnx.ml' && node.inputs.length === 1

function rewriteGraph(graph: Uint8Array, zipMaps: ReadonlyMap<string, OnnxNode>): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  const names = new Set<string>()
  const keep = (start: number, end: number) => parts.push(graph.subarray(start, end))
  readFields(
    graph,
    {
      [FIELD.graphNode]: [BYTES, (reader, start) => zipMaps.has(mapOf(reader.bytes())) || keep(start, reader.pos)],
      [FIELD.graphOutput]: [
        BYTES,
        (reader, start) => {
          const { name } = readValue(reader.bytes())
          const tensor = zipMaps.get(name)?.inputs[0]
          if (names.has(tensor ?? name)) return
          names.add(tensor ?? name)
          if (tensor === undefined) keep(start, reader.pos)
          else parts.push(field(FIELD.graphOutput, floatTensor(tensor)))
        },
      ],
    },
    keep,
  )
  return parts
}

/** First output of a node. */
function mapOf(node: Uint8Array): string {
  let first: string | undefined
  const output = (reader: protobuf.Reader) => {
    const name = reader.string()
    first ??= name
  }
  readFields(node, { 2: [BYTES, output] })
  return first ?? ''
}
