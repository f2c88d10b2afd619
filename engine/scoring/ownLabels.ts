/**
 * Compares the labels that a model gives itself with those that follow from its scores. Predictions are made of scores alone. But where the
 * two differ, the columns of scores may not be what the definition says, and predictions would be of another class.
 */
import type { OwnLabelsOptions } from '../../definition/pipeline.js'
import type { Label } from '../../definition/tasks.js'
import { NOT_ASKED, type Scores } from '../model/scores.js'
import type { OpenModel } from '../model/session.js'
import { DaybreakError } from '../protocol/errors.js'
import type { Block } from '../table/readBlocks.js'
import type { Problems } from './scoreRows.js'

/** Records of which the model says one label, and its scores say one class. Both are places among the classes. */
export interface LabelCount {
  /** -1: it says what is none of the classes. */
  readonly said: number
  readonly read: number
  readonly records: number
}

/** What came of the comparison over a day. */
export interface LabelComparison {
  /** Output that holds the model's own labels. */
  readonly output: string
  readonly compared: number
  readonly differing: number
}

/** A class must have this many records to tell anything. Fewer can be the noise of a model whose labels are not made of its scores. */
const TELLING_RECORDS = 10

/** When so many of the first records differ, those of the whole day need not be waited for. */
const NEARLY_ALL = 0.9

/** Probabilities made apart from the labels, and ties at 0.5, are known to go so far, and no farther. */
const LIMITS = { warnAbove: 0.005, failAbove: 0.25 }

/** Counts which classes the scores say, for each label that the model gives itself. */
export class OwnLabels {
  private readonly table: Float64Array
  private readonly classes: number
  /** Where two classes are as likely as each other: a threshold of the definition's own is no difference. */
  private readonly even: number | undefined

  constructor(private readonly model: OpenModel) {
    const { plan, classes } = model
    this.classes = classes.length
    this.table = new Float64Array((this.classes + 1) * this.classes)
    this.even = plan.task.kind !== 'binary' ? undefined : plan.scores.kind === 'margin' ? 0 : 0.5
  }

  /** Adds the scored records of a block of which the model was asked for its labels. */
  add({ count, slot }: Block, problems: Problems, { score, label, own }: Scores): void {
    if (!own || this.classes === 0) return
    const { table, classes, even, model } = this
    const { positive } = model.plan
    for (let record = 0; record < count; record += 1) {
      const at = slot + record
      if (own[at] === NOT_ASKED || label[at]! < 0 || (problems.size > 0 && problems.has(record))) continue
      const read = even === undefined ? label[at]! : score[at]! >= even ? positive : 1 - positive
      table[(own[at]! + 1) * classes + read]! += 1
    }
  }

  counts(): readonly LabelCount[] {
    const counts = Array.from(this.table, (records, place) => ({
      said: Math.floor(place / this.classes) - 1,
      read: place % this.classes,
      records,
    }))
    return counts.filter(({ records }) => records > 0)
  }

  /**
   * Refuses a model whose scores exchange its classes: for each of its own labels one class has most of the scores, a different one for
   * each label, and some label gets another class than its own. And one of which nearly all labels are others.
   * @param where the records, as the message calls them
   * @throws ModelMismatch
   */
  compare(where: string, options: OwnLabelsOptions = {}): void {
    const { plan, classes, description } = this.model
    const counts = this.counts()
    const mostly = [...new Set(counts.map(({ said }) => said))].map((said) => {
      const row = counts.filter((count) => count.said === said)
      const { read } = row.reduce((most, next) => (next.records > most.records ? next : most))
      return { said, read, records: row.reduce((sum, { records }) => sum + records, 0) }
    })
    const moved = mostly.filter(({ said, read }) => said !== read)
    const bijective = mostly.length > 1 && new Set(mostly.map(({ read }) => read)).size === mostly.length
    const exchanged = bijective && moved.some(({ said, records }) => said >= 0 && records >= TELLING_RECORDS)
    const { compared, differing } = sumUp(counts)
    const { failAbove = LIMITS.failAbove } = options
    const others = compared >= TELLING_RECORDS && differing > compared * Math.max(NEARLY_ALL, failAbove)
    const strange = namesOtherClasses(counts, options)
    if (!exchanged && !others && !strange) return
    const how = exchanged ? 'take classes for each other' : `differ for ${differing} of ${compared} records`
    throw new DaybreakError(
      'ModelMismatch',
      `${description.file} contradicts itself: in ${where} its labels (output ${JSON.stringify(plan.ownLabels[0])}) and its scores (output ${JSON.stringify(plan.scores.output)}), as the definition reads them, ${how}`,
      { details: moved.map((count) => differenceText(count, classes, 'most ')), next: NEXT, place: { file: description.file } },
    )
  }
}

const NEXT =
  "Its columns of scores are not in the order of its classes, or hold something else. Declare the task with scores: 'label', or export the model with its probabilities. What is known to differ, or is no label, is allowed by model.ownLabels."

function differenceText({ said, read, records }: LabelCount, classes: readonly Label[], most = ''): string {
  const text = (index: number) => (index < 0 ? 'as none of the classes' : JSON.stringify(classes[index]))
  return `Of ${records} records that it labels ${text(said)}, its scores make ${most}${text(read)}.`
}

/** Labels that are none of the classes show that the definition's classes are not the model's, unless it has said how many may differ. */
const namesOtherClasses = (counts: readonly LabelCount[], { failAbove }: OwnLabelsOptions): boolean =>
  failAbove === undefined && sumUp(counts.filter(({ said }) => said < 0)).compared >= TELLING_RECORDS

function sumUp(counts: readonly LabelCount[]): { readonly compared: number; readonly differing: number } {
  const total = (some: readonly LabelCount[]) => some.reduce((sum, { records }) => sum + records, 0)
  return { compared: total(counts), differing: total(counts.filter(({ said, read }) => said !== read)) }
}

/** Adds up the counts of parts. */
export function addLabels(parts: readonly (readonly LabelCount[])[]): readonly LabelCount[] {
  const all = new Map<string, LabelCount>()
  for (const count of parts.flat()) {
    const name = `${count.said} ${count.read}`
    all.set(name, { ...count, records: count.records + (all.get(name)?.records ?? 0) })
  }
  return [...all.values()].sort((a, b) => a.said - b.said || a.read - b.read)
}

/** What is to be said of a day's labels: nothing where all are alike, and none are. */
export interface LabelVerdict {
  readonly comparison?: LabelComparison
  readonly warning?: string
  readonly error?: DaybreakError
}

/** Judges the labels of a whole day by the limits of the definition. @param model what its file and classes are called */
export function judgeLabels(
  counts: readonly LabelCount[],
  options: OwnLabelsOptions,
  { file, output, classes }: { readonly file: string; readonly output: string; readonly classes: readonly Label[] },
): LabelVerdict {
  const { warnAbove = Math.min(LIMITS.warnAbove, options.failAbove ?? 1), failAbove = Math.max(LIMITS.failAbove, options.warnAbove ?? 0) } =
    options
  const { compared, differing } = sumUp(counts)
  if (differing === 0) return {}
  const comparison = { output, compared, differing }
  const share = differing / compared
  const percent = `${Number((100 * share).toPrecision(2))} %`
  const what = `The model's own labels (output ${JSON.stringify(output)}) differ from what its scores say in ${differing} of ${compared} compared rows (${percent})`
  if (share > failAbove || namesOtherClasses(counts, options)) {
    const worst = counts.filter(({ said, read }) => said !== read).sort((a, b) => b.records - a.records)
    const details = worst.slice(0, 10).map((count) => differenceText(count, classes))
    const error = new DaybreakError('ModelMismatch', `${what}; ${100 * failAbove} % are allowed (model.ownLabels.failAbove)`, {
      details,
      next: NEXT,
      place: { file },
    })
    return { comparison, error }
  }
  return share > warnAbove ? { comparison, warning: what } : { comparison }
}
