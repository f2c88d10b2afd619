/** Decides which feature goes to which input of a model. It is pure: it opens no file and no runtime. */
import type { Missing } from '../../definition/pipeline.js'
import { list, nearest, quote } from './mismatch.js'
import type { ModelDescription } from './onnx/describe.js'
import { ELEMENT_TYPES, type Filler } from './onnx/elements.js'
import { type TensorInfo, tensorText } from './onnx/tensorInfo.js'

export interface WantedInputs {
  /** Names of the features, one-hot ones expanded, in order. */
  readonly features: readonly string[]
  readonly inputs: 'one-tensor' | 'by-name' | Readonly<Record<string, readonly string[]>>
}

/** What one input of the model is filled with. */
export interface Feed {
  readonly input: string
  /** A name in `ELEMENT_TYPES`. */
  readonly type: string
  /** 1: [n], one value a record. 2: [n, features]. */
  readonly rank: 1 | 2
  /** Index of the feature in each column. */
  readonly features: readonly number[]
  /** What stands in each column of a slot without a record. @default neutral values */
  readonly fillers?: readonly Filler[]
}

type ModelInputs = Pick<ModelDescription, 'inputs' | 'metadata'>

/** Decides which feature goes where. What does not fit goes into `problems`, what could not be checked into `notes`. */
export function planInputs(
  description: ModelInputs,
  { features, inputs }: WantedInputs,
  problems: string[],
  notes: string[],
): readonly Feed[] {
  if (features.length === 0) problems.push('The definition gives no features.')
  if (inputs === 'one-tensor') return planOneTensor(description, features, problems, notes)
  const byInput = inputs === 'by-name' ? Object.fromEntries(features.map((name) => [name, [name]])) : inputs
  const names = description.inputs.map((input) => input.name)
  for (const name of Object.keys(byInput)) {
    if (!names.includes(name)) problems.push(`The model has no input ${quote(name)}${nearest(name, names)}.`)
  }
  const used = new Set(Object.values(byInput).flat())
  for (const name of features) if (!used.has(name)) problems.push(`Feature ${quote(name)} goes to no input.`)
  return description.inputs.flatMap((input) => {
    const given = Object.hasOwn(byInput, input.name) ? byInput[input.name] : undefined
    if (given) return [feed(input, given, features, problems, notes)]
    const what = inputs === 'by-name' ? `no feature has the name of input` : `model.inputs gives nothing to input`
    problems.push(`The model needs ${tensorText(input)}, and ${what} ${quote(input.name)}${nearest(input.name, Object.keys(byInput))}.`)
    return []
  })
}

function planOneTensor(description: ModelInputs, features: readonly string[], problems: string[], notes: string[]): Feed[] {
  const [input, ...others] = description.inputs
  if (!input || others.length > 0) {
    const names = description.inputs.map(tensorText).join(', ')
    problems.push(
      `The model has ${description.inputs.length} inputs (${names}), not one: set model.inputs to 'by-name', or list the features of each input.`,
    )
    return []
  }
  checkOrder(description.metadata, features, problems)
  return [feed(input, features, features, problems, notes)]
}

function feed(input: TensorInfo, given: readonly string[], features: readonly string[], problems: string[], notes: string[]): Feed {
  const name = tensorText(input)
  const { leastValues = 0 } = input
  const rank = input.shape.length
  const width = rank === 1 ? 1 : (input.shape[1] ?? -1)
  if (!ELEMENT_TYPES.has(input.type)) problems.push(`Input ${name} is of a type that features cannot be put into.`)
  if (rank !== 1 && rank !== 2) problems.push(`Input ${name} has ${rank} dimensions: it does not take one row of values for each record.`)
  else if (width >= 0 && width !== given.length) {
    problems.push(
      `Input ${name} takes ${width} value${width === 1 ? '' : 's'} a record, and the definition gives ${given.length}: ${list(given)}.`,
    )
  } else if (width < 0 && leastValues > given.length) {
    problems.push(`Input ${name} takes at least ${leastValues} values a record, and the definition gives ${given.length}: ${list(given)}.`)
  } else if (width < 0) {
    const trees = leastValues > 0 && leastValues < given.length ? ` Its trees look at the first ${leastValues} alone.` : ''
    notes.push(`Input ${name} does not say how many values it takes: that ${given.length} are right was not checked.${trees}`)
  }
  for (const feature of given) {
    if (!features.includes(feature))
      problems.push(`There is no feature ${quote(feature)} for input ${quote(input.name)}${nearest(feature, features)}.`)
  }
  return { input: input.name, type: input.type, rank: rank === 1 ? 1 : 2, features: given.map((feature) => features.indexOf(feature)) }
}

/**
 * Compares the order of the features with the names that some exporters write into the file: the same names in another order are a silent
 * disaster.
 */
function checkOrder(metadata: Readonly<Record<string, string>>, features: readonly string[], problems: string[]): void {
  for (const key of ['features', 'feature_names']) {
    const names = Object.hasOwn(metadata, key) ? listOf(metadata[key]!) : []
    const place = names.findIndex((name, index) => name !== features[index])
    if (place < 0 || names.length !== features.length || !names.every((name) => features.includes(name))) continue
    problems.push(
      `The order of the features differs from the model's own list: place ${place + 1} is ${quote(features[place]!)}, and the model wants ${quote(names[place]!)}.`,
    )
  }
}

/** Reads a list of names as exporters write it: JSON, or separated by commas. */
function listOf(value: string): string[] {
  const inner = value.trim().replace(/^\[|\]$/g, '')
  return inner.split(',').map((name) => name.trim().replace(/^["']|["']$/g, ''))
}

/** Checks that an input can hold NaN when the definition wants NaN for null. */
export function checkNull(missing: Missing | undefined, feeds: readonly Feed[], problems: string[]): void {
  if (missing?.number === 'nan' && feeds.length > 0 && feeds.every(({ type }) => !ELEMENT_TYPES.get(type)?.holdsNan)) {
    problems.push("model.missing.number is 'nan', and none of the model's inputs can hold NaN: give a number.")
  }
}
