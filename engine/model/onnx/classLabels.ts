/**
 * Which classes a model knows, and which of its outputs name them, as its graph says it: from the operator that answers with a label back to
 * the list of labels that it takes it from. What the graph does not say is not guessed at here.
 */
import type { Label } from '../../../definition/tasks.js'
import type { OnnxFile, OnnxNode } from './onnxFile.js'

export interface ClassLabels {
  /** Labels of the score columns, in their order. */
  readonly labels?: readonly Label[]
  /** Outputs of which the graph shows that they name the class of each record. */
  readonly answers: readonly string[]
  /** Those of them that say the place of the class, from 0, and not its label. */
  readonly places: readonly string[]
}

/** Element types that labels have. */
const INT64 = 7
const STRING = 8

/** Operators that hand a label on unchanged. */
const PASSES_LABELS = new Set([':Identity', ':Cast', ':Reshape', ':Squeeze', ':Flatten'])

/**
 * Labels of a classifier node, or of the table in which the place of the largest score is looked up. A classifier node's name the columns
 * only if an output of the model is its answer, or if none has labels: exporters also number classes 0, 1, … inside and look the true
 * labels up afterwards.
 */
export function classLabels(onnx: OnnxFile): ClassLabels {
  const producers = new Map<string, OnnxNode>()
  for (const node of onnx.nodes) for (const output of node.outputs) producers.set(output, node)
  const outputs = onnx.outputs.filter(({ elementType }) => elementType === INT64 || elementType === STRING)
  const found = outputs.flatMap(({ name }) => {
    const answer = answerOf(name, producers, onnx)
    return answer ? [{ name, ...answer }] : []
  })
  const inNodes = onlyOne(onnx.nodes.map(({ labels }) => labels))
  const named = onlyOne(found.map(({ labels }) => labels))
  const labels = outputs.length === 0 || found.some(({ from }) => from === 'classifier') ? inNodes : named
  return {
    ...(labels ? { labels } : {}),
    answers: found.map(({ name }) => name),
    places: found.flatMap(({ name, from }) => (from === 'place' ? [name] : [])),
  }
}

interface Answer {
  readonly from: 'classifier' | 'table' | 'place'
  readonly labels?: readonly Label[]
}

/** Where an output has its labels from, if it names classes. */
function answerOf(name: string, producers: ReadonlyMap<string, OnnxNode>, onnx: OnnxFile): Answer | undefined {
  const node = behind(name, producers)
  if (!node) return undefined
  if (node.labels) return { from: 'classifier', labels: node.labels }
  if (isLargest(node)) return { from: 'place' }
  const [table = '', place = ''] = node.inputs
  const labels = onnx.tables.get(table)
  const looksUp = node.operator === 'ArrayFeatureExtractor' && labels !== undefined && isLargest(behind(place, producers))
  return looksUp ? { from: 'table', labels } : undefined
}

/** The node that makes a value, behind those that only hand it on. */
function behind(name: string, producers: ReadonlyMap<string, OnnxNode>): OnnxNode | undefined {
  const seen = new Set<OnnxNode>()
  let node = producers.get(name)
  while (node && !seen.has(node) && PASSES_LABELS.has(`${node.domain}:${node.operator}`)) {
    seen.add(node)
    node = producers.get(node.inputs[0] ?? '')
  }
  return node
}

const isLargest = (node: OnnxNode | undefined): boolean => node?.operator === 'ArgMax' && node.domain === ''

/** The list that all that are given are like. */
function onlyOne(lists: readonly (readonly Label[] | undefined)[]): readonly Label[] | undefined {
  const [one, ...others] = new Map(lists.flatMap((labels) => (labels ? [[JSON.stringify(labels), labels] as const] : []))).values()
  return others.length === 0 ? one : undefined
}
