/**
 * Compares a model with a definition before any data is read, and decides which feature goes to which input, which output holds the
 * scores, and what its columns mean. Reports all that does not fit at once. Pure: no file, no runtime.
 */
import type { Missing } from '../../definition/pipeline.js'
import {
  type BinaryTask,
  classifies,
  hasScore,
  type Label,
  type MulticlassTask,
  type ScoreKind,
  scoreKind,
  type Task,
  type TaskKind,
} from '../../definition/tasks.js'
import { DaybreakError } from '../protocol/errors.js'
import { didYouMean, OF_TWO_AUTHORS } from '../protocol/nearestNames.js'
import type { ModelDescription } from './onnx/describe.js'
import { ELEMENT_TYPES } from './onnx/elements.js'
import { isHalf, isLabelOutput, isScoreOutput, recordsAtATime, type TensorInfo, tensorText } from './onnx/tensorInfo.js'

export interface ModelSpec {
  readonly task: Task
  /** Names of the features, one-hot ones expanded, in order. */
  readonly features: readonly string[]
  readonly inputs: 'one-tensor' | 'by-name' | Readonly<Record<string, readonly string[]>>
  /** The output that holds the scores; else the only one that can. */
  readonly output?: string
  /** What the model gets for null; without it null is refused. */
  readonly missing?: Missing
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
}

export interface FeedPlan {
  readonly task: Task
  readonly missing?: Missing
  readonly feeds: readonly Feed[]
  readonly scores: {
    readonly output: string
    /** In which results are kept: the model's own, float64 for whole numbers and labels. */
    readonly type: 'float32' | 'float64'
    readonly kind: ScoreKind
    /** Columns a record; -1 when the file leaves it open: then the first run tells. */
    readonly width: number
  }
  /** Of a classifier: the output with the labels that the model gives itself, when it has just one besides its scores. */
  readonly ownLabels?: string
  /** Labels in the order of the score columns; of one column: negative, positive. Empty for regression, and while only the width can tell. */
  readonly classes: readonly Label[]
  /** Binary: index of the positive class in `classes`; else -1. */
  readonly positive: number
  /** The model takes exactly this many records at a time. */
  readonly fixedBatch?: number
  /** What could not be checked, in words. */
  readonly notes: readonly string[]
}

/** How features reach the model, and what its scores mean. @throws ModelMismatch with everything that does not fit */
export function planFeeds(description: ModelDescription, spec: ModelSpec): FeedPlan {
  const problems: string[] = []
  const notes: string[] = []
  const feeds = planInputs(description, spec, problems, notes)
  const kind = scoreKind(spec.task)
  const scores = findScores(description.outputs, spec, kind, problems)
  const { classes, positive } = scores
    ? planClasses(spec.task, description.classes, columns(scores), problems)
    : { classes: [], positive: -1 }
  checkNull(spec.missing, feeds, problems)
  const { size: fixedBatch, problem } = recordsAtATime(description.inputs)
  if (problem !== undefined) problems.push(problem)
  if (fixedBatch === 0) problems.push('It takes no records at all: the first dimension of its input is 0.')
  if (problems.length > 0 || !scores) throw mismatch(description.file, problems)
  const ownLabels = ownLabelOutput(description, spec.task)
  return {
    task: spec.task,
    ...(ownLabels === undefined ? {} : { ownLabels }),
    ...(spec.missing ? { missing: spec.missing } : {}),
    feeds,
    scores: {
      output: scores.name,
      type: scores.type === 'float32' ? 'float32' : 'float64',
      kind,
      width: columns(scores),
    },
    classes,
    positive,
    ...(fixedBatch ? { fixedBatch } : {}),
    notes,
  }
}

/** The output in which a classifier that gives scores names its classes too; `undefined` where none, or several, could be it. */
export function ownLabelOutput({ outputs }: Pick<ModelDescription, 'outputs'>, task: Task): string | undefined {
  if (!classifies(task) || !hasScore(task)) return undefined
  const [labels, ...others] = outputs.filter(isLabelOutput)
  return others.length > 0 ? undefined : labels?.name
}

/** A `ModelMismatch` that lists all problems; the first one is its message when it is alone. */
export function mismatch(file: string, problems: readonly string[], cause?: unknown): DaybreakError {
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new DaybreakError('ModelMismatch', `${file} does not fit the definition: ${problems[0]}${rest}`, {
    details: problems,
    place: { file },
    cause,
  })
}

function planInputs(description: ModelDescription, { features, inputs }: ModelSpec, problems: string[], notes: string[]): Feed[] {
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

function planOneTensor(description: ModelDescription, features: readonly string[], problems: string[], notes: string[]): Feed[] {
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

/** Some exporters write the names of the columns into the file: the same names in another order are a silent disaster. */
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

/** A list of names as exporters write it: JSON, or separated by commas. */
function listOf(value: string): string[] {
  const inner = value.trim().replace(/^\[|\]$/g, '')
  return inner.split(',').map((name) => name.trim().replace(/^["']|["']$/g, ''))
}

function checkNull(missing: Missing | undefined, feeds: readonly Feed[], problems: string[]): void {
  if (missing?.number === 'nan' && feeds.length > 0 && feeds.every(({ type }) => !ELEMENT_TYPES.get(type)?.holdsNan)) {
    problems.push("model.missing.number is 'nan', and none of the model's inputs can hold NaN: give a number.")
  }
}

/** Columns of a score output; -1 when the file leaves it open. */
const columns = ({ shape }: TensorInfo): number => (shape.length === 0 ? -1 : shape.length === 2 ? shape[1]! : 1)

/** The output that holds the scores of the task. */
function findScores(outputs: readonly TensorInfo[], spec: ModelSpec, kind: ScoreKind, problems: string[]): TensorInfo | undefined {
  const { task, output } = spec
  const named = output === undefined ? outputs : outputs.filter(({ name }) => name === output)
  if (output !== undefined && named.length === 0) {
    const names = outputs.map(({ name }) => name)
    problems.push(`The model has no output ${quote(output)}${nearest(output, names)}; it gives ${outputs.map(tensorText).join(', ')}.`)
    return undefined
  }
  if (kind === 'label') return onlyOne(named.filter(isLabelOutput), 'labels', problems) ?? noLabels(outputs, problems)
  const candidates = named.filter(isScoreOutput)
  // What is predicted may well be whole numbers.
  if (!classifies(task) && candidates.length === 0) {
    const whole = named.filter((one) => isLabelOutput(one) && one.type !== 'string' && one.type !== 'bool')
    if (whole.length > 0) return onlyOne(whole, 'numbers', problems)
  }
  const { widths, needs } = SCORE_OUTPUTS[task.kind]
  for (const fits of widths) {
    const found = candidates.filter((output) => fits(columns(output)))
    if (found.length > 0) return onlyOne(found, 'scores', problems)
  }
  const has = outputs.map(tensorText).join(', ')
  const half = named.some(isHalf) ? ' Scores of float16 cannot be read: export it with float32.' : ''
  const labelOnly = named.some(isLabelOutput)
    ? " It gives labels only: export it with its probabilities, or declare the task with scores: 'label'."
    : ''
  const why = candidates.length === 0 ? half || labelOnly : ''
  problems.push(`A ${task.kind} task needs a float output with ${needs}; the model gives ${has}.${why}`)
  return undefined
}

/** What an output of scores must look like, by kind: the widths that it may have, the best first, and how that is said. */
const SCORE_OUTPUTS: Readonly<Record<TaskKind, { readonly widths: readonly ((width: number) => boolean)[]; readonly needs: string }>> = {
  binary: {
    widths: [(width) => width === 2, (width) => width === 1, (width) => width < 0],
    needs: 'two columns of probabilities, or one of the positive class',
  },
  multiclass: { widths: [(width) => width > 1, (width) => width < 0], needs: 'a column of probabilities for each class' },
  regression: { widths: [(width) => width === 1, (width) => width < 0], needs: 'one number a record' },
}

function onlyOne(found: readonly TensorInfo[], what: string, problems: string[]): TensorInfo | undefined {
  if (found.length < 2) return found[0]
  problems.push(`Several outputs could be the ${what}: ${found.map(tensorText).join(', ')}; name one as model.output.`)
  return undefined
}

function noLabels(outputs: readonly TensorInfo[], problems: string[]): undefined {
  if (!outputs.some(isLabelOutput)) problems.push(`No output holds a label for each record: ${outputs.map(tensorText).join(', ')}.`)
}

/** Labels of the score columns. `width` is -1 while it is open; called again when it is known. */
export function planClasses(
  task: Task,
  fromFile: readonly Label[] | undefined,
  width: number,
  problems: string[],
): { readonly classes: readonly Label[]; readonly positive: number } {
  const scored = hasScore(task) ? width : -1
  // Where classes come from is what the kinds differ in most, and this is the one place that says it.
  switch (task.kind) {
    case 'regression':
      if (width > 1) problems.push(`A regression task needs one number a record, and the model gives ${width}.`)
      return { classes: [], positive: -1 }
    case 'binary':
      return planBinary(task, fromFile, scored, problems)
    case 'multiclass':
      return { classes: planSeveral(task, fromFile, scored, problems), positive: -1 }
  }
}

function planSeveral(task: MulticlassTask, fromFile: readonly Label[] | undefined, width: number, problems: string[]): readonly Label[] {
  const classes = fromFile ?? task.classes ?? []
  if (fromFile && task.classes && !same(fromFile, task.classes)) {
    problems.push(`The model's classes are ${list(fromFile)}, in this order; the definition says ${list(task.classes)}.`)
  } else if (classes.length === 0)
    problems.push('The model file does not name its classes: give them as multiclass({ classes: […] }), in the order of its columns.')
  else if (width >= 0 && classes.length !== width)
    problems.push(`The model gives ${width} columns of scores for ${classes.length} classes: ${list(classes)}.`)
  return classes
}

function planBinary(task: BinaryTask, fromFile: readonly Label[] | undefined, width: number, problems: string[]) {
  if (width > 2) problems.push(`A binary task needs one or two columns of scores, and the model gives ${width}.`)
  // Without labels in the file the positive class is the second column, as every exporter has it.
  const negative = task.negative ?? otherLabel(task.positive)
  if (!fromFile && negative === undefined) {
    problems.push('The model file does not name its classes: give the negative label too, as binary({ positive, negative }).')
  }
  const classes = fromFile ?? [negative ?? '', task.positive]
  const positive = classes.indexOf(task.positive)
  if (classes.length !== 2) problems.push(`A binary task needs two classes, and the model has ${classes.length}: ${list(classes)}.`)
  else if (positive < 0)
    problems.push(`The positive label ${describeLabel(task.positive)} is not among the model's classes, ${list(classes)}.`)
  else if (task.negative !== undefined && classes[1 - positive] !== task.negative) {
    problems.push(
      `The negative label ${describeLabel(task.negative)} is not the model's other class, ${describeLabel(classes[1 - positive]!)}.`,
    )
  } else if (width === 1 && positive === 0) {
    problems.push(
      `The model's one column of scores is about its second class, ${describeLabel(classes[1]!)}, and the positive label is ${describeLabel(task.positive)}.`,
    )
  }
  return { classes, positive }
}

/** The other of 0 and 1. */
const otherLabel = (positive: Label): Label | undefined => (positive === 1 ? 0 : positive === 0 ? 1 : undefined)

const same = (a: readonly Label[], b: readonly Label[]) => a.length === b.length && a.every((label, index) => label === b[index])

const describeLabel = (label: Label) => (typeof label === 'number' ? `${label} (a number)` : `${quote(label)} (text)`)

const quote = (name: string) => JSON.stringify(name)

/** At most ten names. */
function list(labels: readonly Label[]): string {
  const shown = labels.slice(0, 10).map((label) => JSON.stringify(label))
  return labels.length > 10 ? `${shown.join(', ')} … ${labels.length} in all` : shown.join(', ')
}

/** What the author of the definition calls what the model calls otherwise. */
function nearest(name: string, among: readonly string[]): string {
  return didYouMean(name, among, OF_TWO_AUTHORS)
}
