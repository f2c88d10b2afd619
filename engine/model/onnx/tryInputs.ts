/**
 * Runs a model on rows that are drawn for it, one and several: what a file declares is not always what it takes and gives. For
 * `daybreak model`, which has no definition that would say how many values a record has.
 */
import { type DrawnInput, drawRows, feedsOf } from './drawnRows.js'
import { ELEMENT_TYPES } from './elements.js'
import { type KnownValues, knownValues } from './knownValues.js'
import type { OnnxFile } from './onnxFile.js'
import { dependsText, rowDependence } from './rowsAlone.js'
import type { InferenceSession, Tensor } from './runtime.js'
import { isLabelOutput, isScoreOutput, recordsAtATime, type TensorInfo, tensorText } from './tensorInfo.js'

/** How many rows are tried, when the model takes any number: one row comes last, because the answer about it may have lost a dimension. */
const SIZES = [7, 2, 1]

/** Values of a record that are tried where the file does not say how many there are: few models have more, and each try takes no time. */
const MOST_VALUES = 512

export interface TriedInputs {
  /** Why rows cannot be scored with it, in sentences. */
  readonly refusals: readonly string[]
  readonly notes: readonly string[]
}

/** Tries it. @param bytes of the file */
export async function tryInputs(
  session: InferenceSession,
  bytes: Uint8Array,
  onnx: OnnxFile,
  { inputs, outputs, classes }: { inputs: readonly TensorInfo[]; outputs: readonly TensorInfo[]; classes?: readonly unknown[] },
): Promise<TriedInputs> {
  const { size: fixed } = recordsAtATime(inputs)
  const sizes = fixed === undefined ? SIZES : [fixed]
  const answers = outputs.filter((output) => isScoreOutput(output) || isLabelOutput(output))
  const found = await takenRows(session, bytes, onnx, inputs, sizes)
  if ('refusal' in found) return { refusals: [found.refusal], notes: [] }
  const { drawn } = found
  const { widths, refusal } = await answerWidths(session, drawn, sizes, answers)
  if (refusal !== undefined) return { refusals: [refusal], notes: [] }
  const refusals: string[] = []
  const names = answers.map(({ name }) => name)
  const depends = await rowDependence((feeds) => infer(session, feeds, names), drawn, fixed)
  if (depends !== undefined) refusals.push(dependsText(depends))
  const several = severalNumbers(answers, widths, classes, onnx)
  const notes = [...found.notes, ...(several?.note ? [several.note] : [])]
  return { refusals: [...refusals, ...(several?.refusal ? [several.refusal] : [])], notes }
}

/** How many values each output gives a row, or why it gives none. */
async function answerWidths(
  session: InferenceSession,
  drawn: readonly DrawnInput[],
  sizes: readonly number[],
  outputs: readonly TensorInfo[],
) {
  const widths = new Map<string, number>()
  const ranks = new Map<string, number>()
  for (const size of sizes) {
    const given = await run(session, drawn, size, outputs).catch(errorText)
    if (typeof given === 'string') return { widths, refusal: `It runs on ${rowsText(sizes[0]!)}, and not on ${size}: ${given}` }
    for (const [index, { name }] of outputs.entries()) {
      const { size: values, dims } = given[index]!
      const [width, rank] = [widths.get(name) ?? values / size, ranks.get(name) ?? dims.length]
      const rows = dims[0] === size || (size === 1 && dims.length === rank - 1)
      if (!rows || width * size !== values || !Number.isInteger(width))
        return { widths, refusal: `It was given ${rowsText(size)}, and answered with [${dims.join(', ')}] as ${JSON.stringify(name)}.` }
      widths.set(name, width)
      ranks.set(name, rank)
    }
  }
  return { widths }
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message.trim() : String(error))

const rowsText = (count: number) => `${count} row${count === 1 ? '' : 's'}`

/** Rows that the model takes: neutral ones, or of values that its encoders know. */
async function takenRows(
  session: InferenceSession,
  bytes: Uint8Array,
  onnx: OnnxFile,
  inputs: readonly TensorInfo[],
  sizes: readonly number[],
): Promise<{ readonly drawn: readonly DrawnInput[]; readonly notes: readonly string[] } | { readonly refusal: string }> {
  const open = inputs.filter(({ shape }) => shape.length === 2 && shape[1]! < 0)
  const least = Math.max(1, ...open.map(({ leastValues = 0 }) => leastValues))
  let refused = ''
  for (const width of open.length > 0 ? Array.from({ length: MOST_VALUES }, (_, index) => least + index) : [0]) {
    const widths = new Map(inputs.map(({ name, shape }) => [name, shape.length === 1 ? 1 : shape[1]! < 0 ? width : shape[1]!]))
    for (const known of [undefined, knownValues(bytes, onnx, widths)]) {
      if (known && ![...known.values()].some((values) => values.some((value) => value !== undefined))) continue
      const drawn = inputs.map((input) => drawnInput(input, widths.get(input.name)!, known))
      const error = await run(session, drawn, sizes[0]!, []).then(() => undefined, errorText)
      if (error === undefined) return { drawn, notes: openNotes(open, width) }
      refused ||= error
    }
  }
  const values = open.length > 0 ? ', with any number of values' : ''
  return { refusal: `It does not run on rows as it declares them, of 0, false and "", nor of what its encoders know${values}: ${refused}` }
}

const openNotes = (open: readonly TensorInfo[], width: number): readonly string[] =>
  open.map((input) => `Input ${tensorText(input)} does not say how many values it takes; it was tried with ${width}.`)

function drawnInput({ name, type, shape }: TensorInfo, width: number, known: KnownValues | undefined): DrawnInput {
  const { neutral, create, put } = ELEMENT_TYPES.get(type)!
  const lists = known?.get(name) ?? []
  const element = create(1)
  const fillers = Array.from({ length: width }, (_, place) => {
    const value = lists[place]?.[0]
    if (value === undefined) return neutral
    return put(element, 0, neutral === '' ? String(value) : Number(value)) === undefined ? element[0]! : neutral
  })
  return { input: name, type, rank: shape.length === 1 ? 1 : 2, fillers, known: lists }
}

/** Rows that tell nothing, so many, through the model. @throws what the runtime throws */
async function run(session: InferenceSession, drawn: readonly DrawnInput[], count: number, outputs: readonly TensorInfo[]) {
  const rows = Array.from({ length: count }, (_, row) => row)
  const names = outputs.length > 0 ? outputs.map(({ name }) => name) : session.outputNames
  return await infer(session, feedsOf(drawn, drawRows(drawn, count, 'none'), rows), names)
}

async function infer(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  names: readonly string[],
): Promise<readonly Tensor[]> {
  const found = await session.run(feeds, names)
  return names.map((name) => found[name]!)
}

/** Operators that predict numbers. */
const REGRESSORS = new Set(['LinearRegressor', 'SVMRegressor', 'TreeEnsembleRegressor'].map((name) => `ai.onnx.ml:${name}`))

/** Several numbers a record that no class has a name for: scores of classes perhaps, and no task if they are predictions of numbers. */
function severalNumbers(
  answers: readonly TensorInfo[],
  widths: ReadonlyMap<string, number>,
  classes: readonly unknown[] | undefined,
  onnx: OnnxFile,
): { readonly refusal?: string; readonly note?: string } | undefined {
  const width = widths.get(answers.find(isScoreOutput)?.name ?? '') ?? 0
  if (classes || answers.some((one) => isLabelOutput(one) || widths.get(one.name) === 1) || width < 2) return undefined
  if ([...onnx.operators].some((name) => REGRESSORS.has(name)))
    return { refusal: `It predicts ${width} numbers a record, and a task has one: export a model for each of them.` }
  return {
    note: `Its ${width} numbers a record are usable as scores of ${width} classes that the definition names; no task takes them as predictions of several numbers.`,
  }
}
