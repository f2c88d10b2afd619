/**
 * Opens a model file and says what it is: inputs, outputs, classes, producer, fingerprint, what had to be adapted in memory, and
 * whether rows can be scored with it. For `daybreak model` and for all that compares a definition with its model.
 */
import { createHash, type Hash } from 'node:crypto'
import type { Label } from '../../../definition/tasks.js'
import { classLabels } from './classLabels.js'
import { ELEMENT_TYPES } from './elements.js'
import { openModelFile, openWeights } from './modelFile.js'
import { type OnnxFile, readOnnx } from './onnxFile.js'
import { explainRefusal, opsetText, refuseOtherKinds } from './refusals.js'
import { removeZipMaps } from './repair.js'
import { type InferenceSession, openSession } from './runtime.js'
import { shareRounding } from './shareRounding.js'
import { isHalf, isLabelOutput, isScoreOutput, recordsAtATime, type TensorInfo, tensorText } from './tensorInfo.js'
import { tryInputs } from './tryInputs.js'

export interface ModelDescription {
  readonly file: string
  readonly bytes: number
  /** Of the file; of the file and then each file with its weights and each step, when there are such. */
  readonly sha256: string
  /** When there are several: each with its own. */
  readonly files?: readonly { readonly file: string; readonly sha256: string }[]
  readonly producer?: string
  readonly opset?: string
  /** What the exporter wrote into the file. */
  readonly metadata: Readonly<Record<string, string>>
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  /** Labels of the columns of the probabilities, when the file tells. */
  readonly classes?: readonly Label[]
  /** Outputs of which the file shows that they name the class of each record. */
  readonly answers: readonly string[]
  /** Those of them that say the place of the class, from 0, and not its label. */
  readonly places: readonly string[]
  /** How far beyond 0 and 1 a probability of it can be because float32 rounds. */
  readonly shareRounding: number
  /** What was changed in memory, in words; the file stays as it is. */
  readonly repairs: readonly string[]
  /** Can rows of features be scored with it? */
  readonly usable: boolean
  /** How it can be used, or why not, in words. */
  readonly notes: readonly string[]
}

export interface LoadedModel {
  readonly description: ModelDescription
  readonly session: InferenceSession
  /** What it was opened from, for whoever takes it apart. Large: to be let go. */
  readonly source: { readonly bytes: Uint8Array; readonly onnx: OnnxFile }
}

/** What a model file is, and what it does with rows that are drawn for it. @throws ModelUnusable with the reason and what to do */
export async function describeModel(file: string): Promise<ModelDescription> {
  const { description, session, source } = await loadModel(file)
  try {
    if (!description.usable) return description
    const { refusals, notes } = await tryInputs(session, source.bytes, source.onnx, description)
    return refusals.length > 0
      ? { ...description, usable: false, notes: refusals }
      : { ...description, notes: [...description.notes, ...notes] }
  } finally {
    await session.release()
  }
}

/** The model opened for running, and its description. The caller releases the session. @throws ModelUnusable */
export async function loadModel(file: string): Promise<LoadedModel> {
  const handle = await openModelFile(file)
  const bytes = await handle.readFile().finally(() => handle.close())
  refuseOtherKinds(bytes, file)
  const onnx = readOnnx(bytes, file)
  const hash = createHash('sha256').update(bytes)
  const weights: FileHash[] = []
  for (const location of onnx.externalData) weights.push(await hashWeights(hash, file, location))
  const { bytes: repaired, repairs, classes } = removeZipMaps(bytes, file, onnx)
  // Weights in other files are found from the model's path; all else runs from the very bytes that were hashed.
  const session = await openSession(onnx.externalData.length > 0 ? file : repaired).catch((error: unknown) => {
    throw explainRefusal(file, onnx, error)
  })
  const inputs = session.inputMetadata.map(tensorInfo).map((input) => withLeastValues(input, onnx))
  const outputs = session.outputMetadata.map((value) => withColumns(tensorInfo(value), classes.get(value.name)?.length))
  const { labels: inGraph, answers, places } = classLabels(onnx)
  const labels = exact(classes.size === 1 ? [...classes.values()][0] : inGraph)
  const opset = opsetText(onnx)
  return {
    session,
    source: { bytes, onnx },
    description: {
      file,
      bytes: bytes.length,
      sha256: hash.digest('hex'),
      ...(weights.length > 0 ? { files: [{ file, sha256: createHash('sha256').update(bytes).digest('hex') }, ...weights] } : {}),
      ...(onnx.producer ? { producer: oneLine(onnx.producer) } : {}),
      ...(opset ? { opset } : {}),
      metadata: onnx.metadata,
      inputs,
      outputs,
      ...(labels ? { classes: labels } : {}),
      answers,
      places,
      shareRounding: shareRounding(onnx.nodes),
      repairs,
      ...assess(inputs, outputs, labels, onnx),
    },
  }
}

/** An exporter may write a whole page about itself. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}

type FileHash = NonNullable<ModelDescription['files']>[number]

async function hashWeights(hash: Hash, file: string, location: string): Promise<FileHash> {
  const { path, handle } = await openWeights(file, location)
  const own = createHash('sha256')
  for await (const chunk of handle.createReadStream()) {
    hash.update(chunk as Buffer)
    own.update(chunk as Buffer)
  }
  return { file: path, sha256: own.digest('hex') }
}

/** The runtime writes a free dimension as its name, or as nothing. */
function tensorInfo(value: InferenceSession.ValueMetadata): TensorInfo {
  if (!value.isTensor) return { name: value.name, type: 'map', shape: [] }
  return { name: value.name, type: value.type, shape: value.shape.map((dimension) => (typeof dimension === 'number' ? dimension : -1)) }
}

/** The runtime often cannot work out the shape of what a ZipMap read; the ZipMap's labels tell it. */
const withColumns = (output: TensorInfo, columns: number | undefined): TensorInfo =>
  columns !== undefined && output.shape.length === 0 ? { ...output, shape: [-1, columns] } : output

/** The runtime does not check what trees look at: beyond the values it is given they see whatever the memory holds. */
function withLeastValues(input: TensorInfo, onnx: OnnxFile): TensorInfo {
  if (input.shape.length !== 2 || input.shape[1]! >= 0) return input
  const same = new Set([input.name])
  for (const { domain, operator, inputs, outputs } of onnx.nodes)
    if (KEEPS_VALUES.has(`${domain}:${operator}`) && same.has(inputs[0] ?? '')) same.add(outputs[0] ?? '')
  const behind = onnx.nodes.filter(({ inputs }) => same.has(inputs[0] ?? ''))
  const leastValues = behind.reduce((most, { leastFeatures = 0 }) => Math.max(most, leastFeatures), 0)
  return leastValues > 0 ? { ...input, leastValues } : input
}

/** Labels that survived being read as numbers; else the definition must name the classes. */
const exact = (labels: readonly Label[] | undefined): readonly Label[] | undefined =>
  labels?.every((label) => typeof label === 'string' || Number.isSafeInteger(label)) ? labels : undefined

/** Operators that hand a record's values on, each in its place. */
const KEEPS_VALUES = new Set([':Identity', ':Cast', 'ai.onnx.ml:Scaler', 'ai.onnx.ml:Imputer'])

const RANDOM = ['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli']

function assess(inputs: readonly TensorInfo[], outputs: readonly TensorInfo[], classes: readonly Label[] | undefined, onnx: OnnxFile) {
  const notes: string[] = []
  const refusals: string[] = []
  if (inputs.length === 0) refusals.push('It takes no input.')
  for (const input of inputs) {
    if (!ELEMENT_TYPES.has(input.type))
      refusals.push(`Input ${tensorText(input)} is of a type that features cannot be put into: export it with float32.`)
    if (input.shape.length !== 1 && input.shape.length !== 2)
      refusals.push(`Input ${tensorText(input)} is not a row of values for each record: export it with inputs of [n, values].`)
  }
  const scores = outputs.filter(isScoreOutput)
  const labels = outputs.filter(isLabelOutput)
  if (scores.length === 0 && labels.length === 0) {
    const half = outputs.find(isHalf)
    const all = outputs.map(tensorText).join(', ')
    refusals.push(
      half
        ? `Output ${tensorText(half)} is of a type that scores cannot be read from: export it with float32.`
        : `No output holds a score or a label, or a row of scores, for each record: ${all}; export a model that answers each record so.`,
    )
  }
  const { size: batch, problem } = recordsAtATime(inputs)
  if (problem !== undefined) refusals.push(`${problem} Export it with one number, or with none, for all of them.`)
  if (refusals.length === 0) {
    const [only, ...others] = inputs
    const byName = inputs.every(({ shape }) => shape.length === 1 || shape[1]! <= 1)
    const listed = `inputs: { ${JSON.stringify(only!.name)}: ['feature', …], … }`
    const how = others.length === 0 ? "inputs: 'one-tensor'" : byName ? "inputs: 'by-name', or the features of each input" : listed
    notes.push(`Takes ${inputs.map(tensorText).join(', ')} (${how}).`)
    const named = classes ? `, classes ${classes.map((label) => JSON.stringify(label)).join(', ')}` : ''
    if (scores.length > 0) notes.push(`Scores come from ${scores.map(tensorText).join(' or ')}${named}.`)
    else {
      notes.push(
        `Gives no scores, only ${labels.map(tensorText).join(' or ')}${named}: a classifier of labels (scores: 'label'), or a regression of whole numbers. Better: export it with its probabilities.`,
      )
    }
    if (scores.length > 1) notes.push('Several outputs can be the scores: where the task does not tell, name one as model.output.')
  }
  if (batch !== undefined && refusals.length === 0)
    notes.push(`Takes exactly ${batch} record${batch === 1 ? '' : 's'} at a time: it is run in slices.`)
  const random = RANDOM.filter((operator) => onnx.operators.has(`:${operator}`))
  if (random.length > 0) notes.push(`Draws random numbers (${random.join(', ')}): its results cannot be reproduced.`)
  return { usable: refusals.length === 0, notes: [...refusals, ...notes] }
}
