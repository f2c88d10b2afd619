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
import { list, mismatch, nearest, quote } from './mismatch.js'
import type { ModelDescription } from './onnx/describe.js'
import { isHalf, isLabelOutput, isScoreOutput, recordsAtATime, type TensorInfo, tensorText } from './onnx/tensorInfo.js'
import { checkNull, type Feed, planInputs, type WantedInputs } from './planInputs.js'

/** What the definition wants of its model. */
export interface ModelSpec extends WantedInputs {
  readonly task: Task
  /** The output that holds the scores; else the only one that can. */
  readonly output?: string
  /** The output that holds the labels that the model gives itself; `false`: none is looked at. */
  readonly ownLabels?: string | false
  /** What the model gets for null; without it null is refused. */
  readonly missing?: Missing
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
    /** Of two columns of logits: whether they are -z and z; `undefined` while nobody has told. */
    readonly mirrored?: boolean
  }
  /**
   * Of a classifier: the outputs that can be the labels that the model gives itself beside its scores, the likeliest first; once it has run,
   * the one that is.
   */
  readonly ownLabels: readonly string[]
  /** What these labels are, in the order of the classes: their places where the model numbers its columns, or knows no texts. */
  readonly ownNames: readonly Label[]
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
  const ownLabels = ownLabelOutputs(description, spec, classes, problems)
  if (problems.length > 0 || !scores) throw mismatch(description.file, problems)
  return {
    task: spec.task,
    ownLabels,
    ownNames: namesOfLabels(description, ownLabels[0], classes),
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

/**
 * The outputs in which a classifier that gives scores may name its classes too: those of which the file shows that they do; else those of the
 * type that its classes have.
 */
function ownLabelOutputs(
  { outputs, answers }: ModelDescription,
  { task, ownLabels }: ModelSpec,
  classes: readonly Label[],
  problems: string[],
): readonly string[] {
  if (!classifies(task) || !hasScore(task) || ownLabels === false) return []
  const labels = outputs.filter(isLabelOutput)
  if (ownLabels !== undefined) {
    const names = labels.map(({ name }) => name)
    if (names.includes(ownLabels)) return [ownLabels]
    problems.push(
      `No output of labels is ${quote(ownLabels)}${nearest(ownLabels, names)}; there are ${names.map(quote).join(', ') || 'none'}.`,
    )
    return []
  }
  const texts = classes.some((label) => typeof label === 'string' && !Number.isFinite(Number(label)))
  const better = [labels.filter(({ name }) => answers.includes(name)), labels.filter(({ type }) => (type === 'string') === texts)]
  return (better.find((some) => some.length > 0) ?? labels).map(({ name }) => name)
}

/** What a label output says for each class: the class, or its place where it numbers columns, or classes that have no numbers. */
export function namesOfLabels(
  { outputs, places }: ModelDescription,
  output: string | undefined,
  classes: readonly Label[],
): readonly Label[] {
  const type = outputs.find(({ name }) => name === output)?.type
  const texts = classes.every((label) => typeof label === 'string' && !Number.isFinite(Number(label)))
  // Classes 0, 1, … in another order than the columns are what is to be found out.
  const same = classes.every((_, place) => classes.map(String).includes(String(place)))
  const numbered = output !== undefined && !same && (places.includes(output) || (texts && type !== 'string'))
  return numbered ? classes.map((_, place) => place) : classes
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
    problems.push(otherClasses(fromFile, task.classes))
  } else if (classes.length === 0)
    problems.push('The model file does not name its classes: give them as multiclass({ classes: […] }), in the order of its columns.')
  else if (width >= 0 && classes.length !== width)
    problems.push(`The model gives ${width} columns of scores for ${classes.length} classes: ${list(classes)}.`)
  return classes
}

function planBinary(task: BinaryTask, fromFile: readonly Label[] | undefined, width: number, problems: string[]) {
  if (width > 2) problems.push(`A binary task needs one or two columns of scores, and the model gives ${width}.`)
  const classes = fromFile ?? declaredPair(task, width, problems)
  const positive = classes.indexOf(task.positive)
  if (fromFile && task.classes && !same(fromFile, task.classes)) problems.push(otherClasses(fromFile, task.classes))
  else if (classes.length !== 2) problems.push(`A binary task needs two classes, and the model has ${classes.length}: ${list(classes)}.`)
  else if (positive < 0)
    problems.push(`The positive label ${describeLabel(task.positive)} is not among the model's classes, ${list(classes)}.`)
  else if (task.negative !== undefined && classes[1 - positive] !== task.negative) {
    problems.push(
      `The negative label ${describeLabel(task.negative)} is not the model's other class, ${describeLabel(classes[1 - positive]!)}.`,
    )
  } else if (width === 1 && positive === 0) {
    const turned = fromFile ? '' : ` If it is about the positive one, say so by classes: [${list([classes[1]!, classes[0]!])}].`
    problems.push(
      `The model's one column of scores is about its second class, ${describeLabel(classes[1]!)}, and the positive label is ${describeLabel(task.positive)}.${turned}`,
    )
  }
  return { classes, positive }
}

/**
 * The two classes of a model whose file does not name them, in the order of its columns: as declared; 0 before 1, as every exporter has
 * them. Which of two other labels a column is about nobody can know, and it is asked, never taken from which of them is positive. One
 * column of scores is about the positive class, as the definition says, unless that is the one that would come first.
 */
function declaredPair(task: BinaryTask, width: number, problems: string[]): readonly Label[] {
  const { positive, negative = otherLabel(positive), classes } = task
  if (classes) return classes
  if (negative === undefined) {
    problems.push(
      'The model file does not name its classes: give the negative label too, as binary({ positive, negative }), or both in the order of its columns, as classes: […, …].',
    )
    return ['', positive]
  }
  if (width < 0) return [negative, positive]
  const ascending = isBefore(negative, positive) ? [negative, positive] : [positive, negative]
  const known = [ascending, [...ascending].reverse()].map((pair) => `classes: [${list(pair)}]`).join(' or ')
  if (ascending.every((label, index) => Number(label) === index && label !== '')) return ascending
  if (width === 2)
    problems.push(
      `The model file does not say which of its two columns of scores is which class: declare them in their order, as ${known}.`,
    )
  else if (width === 1 && ascending[1] !== positive)
    problems.push(
      `The model file does not say which class its one column of scores is about: declare both classes, that one as the second, as ${known}.`,
    )
  return [negative, positive]
}

/** Numbers by their size, all else by its characters, as exporters sort classes. */
const isBefore = (a: Label, b: Label): boolean => (typeof a === 'number' && typeof b === 'number' ? a < b : String(a) < String(b))

const otherClasses = (model: readonly Label[], definition: readonly Label[]): string =>
  `The model's classes are ${list(model)}, in this order; the definition says ${list(definition)}.`

/** The other of 0 and 1. */
const otherLabel = (positive: Label): Label | undefined => (positive === 1 ? 0 : positive === 0 ? 1 : undefined)

const same = (a: readonly Label[], b: readonly Label[]) => a.length === b.length && a.every((label, index) => label === b[index])

const describeLabel = (label: Label) => (typeof label === 'number' ? `${label} (a number)` : `${quote(label)} (text)`)
