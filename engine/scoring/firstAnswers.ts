/**
 * The answers over the first records of a day, and over golden rows, before anything else is scored: what contradicts the definition in them
 * would do so in all of the day. Nothing is written here.
 */
import type { Day } from '../../definition/dates.js'
import { hasProbability } from '../../definition/tasks.js'
import type { MicroBatch } from '../model/microBatch.js'
import { MirroredColumns, takesLogits } from '../model/mirroredColumns.js'
import type { Scores } from '../model/scores.js'
import { DaybreakError } from '../protocol/errors.js'
import type { Header, TableFormat } from '../table/format.js'
import { type Block, BlockReader } from '../table/readBlocks.js'
import type { RecordRange } from '../table/scanRecords.js'
import { compileFiller } from './fillSlots.js'
import type { OpenScoring } from './openScoring.js'
import { OwnLabels } from './ownLabels.js'
import { type Problems, scoreBlocks, strictDecoder } from './scoreRows.js'

/** The first records of a day. Plain data: travels to threads. */
export interface FirstRecords {
  readonly date: Day
  readonly file: string
  readonly header: Header
  readonly positions: Readonly<Record<string, number>>
  readonly format: TableFormat
  /** Of the first partition. */
  readonly range: RecordRange
}

/** Tries the day's first micro-batch: the same records whatever the threads. @throws ModelMismatch, ResultCheckFailed */
export async function tryFirst(opened: OpenScoring, { file, range, date, ...table }: FirstRecords): Promise<void> {
  const { columns } = opened.definition.input
  const answers = new FirstAnswers(opened)
  const { batch } = answers
  const strict = strictDecoder(columns, table.positions, date)
  const reader = new BlockReader({ ...table, columns, date, capacity: batch.size })
  const blocks = firstMicroBatch(reader.read(file, range), batch.size)
  const filler = compileFiller({ ...opened, batch }, reader.columns, date)
  await scoreBlocks(batch, filler, strict, blocks, (...block) => answers.add(...block))
  answers.judge('the first records of the day')
}

async function* firstMicroBatch(blocks: AsyncIterable<Block>, size: number): AsyncGenerator<Block> {
  for await (const block of blocks) {
    yield block
    if (block.slot + block.count === size) return
  }
}

/** Collects answers, and judges them when there are no more. */
export class FirstAnswers {
  /** Records have to be scored with it. */
  readonly batch: MicroBatch
  private readonly labels: OwnLabels
  private readonly columns = new MirroredColumns()
  private readonly rounding: number | undefined
  private records = 0
  private outside = 0
  private firstOutside: { readonly score: number; readonly line: number } | undefined

  constructor(private readonly opened: OpenScoring) {
    const { model, definition } = opened
    const { checks, model: declared } = definition
    this.labels = new OwnLabels(model)
    const onColumns = model.plan.scores.width === 2 ? { onColumns: this.columns.add.bind(this.columns) } : {}
    this.batch = model.newMicroBatch({ ownLabels: true, ...onColumns })
    const refuses = hasProbability(declared.task) && (checks?.probability_range_valid ?? 'fail') === 'fail'
    this.rounding = refuses ? model.description.shareRounding : undefined
  }

  add(block: Block, problems: Problems, scores: Scores): void {
    this.labels.add(block, problems, scores)
    const { rounding } = this
    if (rounding === undefined) return
    for (let record = 0; record < block.count; record += 1) {
      const slot = block.slot + record
      if (scores.label[slot]! < 0 || problems.has(record)) continue
      this.records += 1
      const score = [scores.score[slot]!, scores.confidence[slot]!].find((one) => one < -rounding || one > 1 + rounding)
      if (score === undefined) continue
      this.outside += 1
      this.firstOutside ??= { score, line: block.fields.lines[record]! }
    }
  }

  /** @throws ModelMismatch, ResultCheckFailed */
  judge(where: string): void {
    this.labels.compare(where, this.opened.definition.model.ownLabels || {})
    this.judgeRange(where)
    this.judgeLogits(where)
  }

  private judgeRange(where: string): void {
    if (!this.firstOutside) return
    const { score, line } = this.firstOutside
    const { plan } = this.opened.model
    throw new DaybreakError(
      'ResultCheckFailed',
      `the model gives no probabilities: in ${where} ${this.outside} of ${this.records} are outside 0 to 1; the first is ${score}, of line ${line}`,
      { next: `${NO_PROBABILITIES} ${whatColumnsAre(plan.scores.width, this.columns.found)}` },
    )
  }

  /** Softmax of mirrored columns counts them twice, the logistic function of others is nothing at all: which it is must be known. */
  private judgeLogits(where: string): void {
    const { description, plan } = this.opened.model
    const { task } = this.opened.definition.model
    if (!takesLogits(plan) || task.kind === 'regression' || task.logits !== undefined) return
    const { found } = this.columns
    if (found === undefined || found === (plan.scores.mirrored ?? false)) return
    const are = found ? 'add up to 0 in every record' : 'do not add up to 0'
    throw new DaybreakError(
      'ModelMismatch',
      `${description.file} leaves open what its two columns of logits are: in ${where} they ${are}`,
      {
        next: "Declare the task with logits: 'mirrored' when they are -z and z (the logistic function of z is the probability), or with logits: 'separate' (softmax is).",
        place: { file: description.file },
      },
    )
  }
}

/** What to do about scores outside 0 to 1, whatever they are. */
export const NO_PROBABILITIES =
  "What the model gives are no probabilities: declare its task with scores: 'logit' or scores: 'margin', or export it with its probabilities; nothing was published."

/** Which of the two fits, as far as the columns show. */
function whatColumnsAre(width: number, mirrored: boolean | undefined): string {
  if (width === 1)
    return "Its one column is a logit if the model was trained with a sigmoid behind it; a distance, or the answer of a regression, is a margin: scores: 'margin', with a threshold."
  if (mirrored)
    return "Its two columns are -z and z. If z is the log-odds (raw_scores of a logistic regression or of boosting), scores: 'logit' takes the logistic function of z; if it is a distance (LinearSVC, RidgeClassifier), it is a margin: scores: 'margin'."
  return "They are logits if the model was trained with softmax over its columns; distances, votes and one-against-the-rest decisions are margins: scores: 'margin'."
}
