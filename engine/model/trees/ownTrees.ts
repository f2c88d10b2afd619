/**
 * Puts Daybreak's own engine into a model in place of the runtime's trees. Whatever else of the model comes before them the runtime
 * computes. It is used only where it gives the bits that the whole model gives.
 */
import { type CutModel, cutModel } from '../onnx/cutModel.js'
import { ELEMENT_TYPES } from '../onnx/elements.js'
import { FLOAT } from '../onnx/messages.js'
import type { OnnxFile } from '../onnx/onnxFile.js'
import { type InferenceSession, openSession, Tensor } from '../onnx/runtime.js'
import type { TensorInfo } from '../onnx/tensorInfo.js'
import { draw, provenEngine, sameBits, type TreeEngine } from './treeEngine.js'
import { readTreeEnsemble, type TreeEnsemble } from './treeEnsemble.js'

/** The trees of a model, as its file has them. */
export interface ModelTrees {
  readonly ensemble: TreeEnsemble
  /** The model in two, when anything comes before the trees. */
  readonly cut?: CutModel
}

/** Finds the trees of a model that has just one ensemble. @param bytes the file's */
export function findTrees(bytes: Uint8Array, onnx: OnnxFile): ModelTrees | undefined {
  const ensemble = readTreeEnsemble(bytes, onnx)
  if (!ensemble) return undefined
  const [input, ...others] = onnx.inputs
  if (input?.name === ensemble.input && input.elementType === FLOAT && others.length === 0) return { ensemble }
  const [scores] = ensemble.scores
  const cut = cutModel(bytes, onnx, ensemble.input, scores!)
  return cut && { ensemble, cut }
}

type Feeds = Readonly<Record<string, Tensor>>

/** What gives an output of a model in its place. */
export interface OwnTrees {
  readonly output: string
  run(feeds: Feeds): Promise<Tensor>
  release(): Promise<void>
}

/** How a model is run. */
export interface TreeRun {
  /** Records together: just as many when they are `fixed`, else at most. */
  readonly records: number
  readonly fixed: boolean
  /** Values of a record, for an input that takes any number. */
  readonly features: number
}

/** Makes the engine for an output of the model, if it gives the model's bits. */
export async function ownTrees(
  session: InferenceSession,
  inputs: readonly TensorInfo[],
  { ensemble, cut }: ModelTrees,
  output: string,
  run: TreeRun,
): Promise<OwnTrees | undefined> {
  if (!ensemble.scores.has(output)) return undefined
  if (!cut) {
    const engine = await provenEngine(ensemble, run.features, run, runtimeTrees(session, run.features, output))
    const scores = async (feeds: Feeds) => scoresOf(engine!, Object.values(feeds)[0]!)
    return engine && { output, run: scores, release: async () => undefined }
  }
  // The runtime may take neither the parts nor the records that are drawn for it: then it has the word.
  const head = await openSession(cut.head).catch(() => undefined)
  if (!head) return undefined
  const engine = await engineBehind(head, session, inputs, { ensemble, cut }, output, run).catch(() => undefined)
  if (!engine) {
    await head.release()
    return undefined
  }
  const scores = async (feeds: Feeds) => {
    const rows = await firstOutput(head, feeds)
    const scored = scoresOf(engine, rows)
    rows.dispose()
    return scored
  }
  return { output, run: scores, release: () => head.release() }
}

/** The whole model is tried on so many records: what comes before its trees is the runtime's own either way. */
const TRIED = 256

/** Makes the engine of the trees behind `head`, proven with the tail and with the whole model. */
async function engineBehind(
  head: InferenceSession,
  whole: InferenceSession,
  inputs: readonly TensorInfo[],
  { ensemble, cut }: Required<ModelTrees>,
  output: string,
  run: TreeRun,
): Promise<TreeEngine | undefined> {
  const drawn = drawnFeeds(inputs, run.fixed ? run.records : Math.min(run.records, TRIED), run.features)
  const rows = await firstOutput(head, drawn)
  const [, width] = rows.dims
  if (rows.type !== 'float32' || width === undefined || rows.dims.length > 2) return undefined
  const tail = await openSession(cut.tail)
  const engine = await provenEngine(ensemble, width, run, runtimeTrees(tail, width)).finally(() => tail.release())
  if (!engine) return undefined
  const expected = (await whole.run(drawn, [output]))[output]!.data
  return expected instanceof Float32Array && sameBits(engine.run(rows.data as Float32Array), expected) ? engine : undefined
}

async function firstOutput(session: InferenceSession, feeds: Feeds): Promise<Tensor> {
  const [name] = session.outputNames
  return (await session.run(feeds, [name!]))[name!]!
}

/** Lets the runtime score rows that its trees look at. */
function runtimeTrees(session: InferenceSession, width: number, output = session.outputNames[0]!) {
  const [input] = session.inputNames
  return async (rows: Float32Array) =>
    (await session.run({ [input!]: new Tensor('float32', rows, [rows.length / width, width]) }, [output]))[output]!.data
}

function scoresOf(engine: TreeEngine, records: Tensor): Tensor {
  return new Tensor('float32', engine.run(records.data as Float32Array), [records.dims[0]!, engine.columns])
}

/**
 * Draws records with numbers of all sizes, missing ones and texts of a digit: the same ones every time.
 * @throws RangeError for inputs of which nobody knows how wide they are
 */
function drawnFeeds(inputs: readonly TensorInfo[], records: number, features: number): Record<string, Tensor> {
  const next = draw()
  const feeds = inputs.map(({ name, type, shape }) => {
    const width = shape.length === 1 ? 1 : shape[1]! < 0 && inputs.length === 1 ? features : shape[1]!
    const { create, put, holdsNan } = ELEMENT_TYPES.get(type)!
    const elements = create(records * width)
    for (let index = 0; index < elements.length; index += 1) {
      const digit = next(10)
      if (type === 'string') put(elements, index, String(digit))
      else if (!holdsNan) put(elements, index, type === 'bool' ? digit % 2 : digit)
      else (elements as Float32Array)[index] = digit === 9 ? Number.NaN : (next(2 ** 24) / 2 ** 23 - 1) * 10 ** (digit / 2)
    }
    return [name, new Tensor(type as 'float32', elements as Float32Array, shape.length === 1 ? [records] : [records, width])] as const
  })
  return Object.fromEntries(feeds)
}
