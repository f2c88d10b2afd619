/**
 * Scores records that come by themselves, without a file, such as those of a request. They pass the decoders, features, model and
 * acceptance of a day. Nothing is written, and nothing is kept of a record when its call has ended.
 */
import type { Day } from '../../definition/dates.js'
import type { MicroBatch } from '../model/microBatch.js'
import type { CellProblem, CellValue } from '../table/decode.js'
import { BlockReader } from '../table/readBlocks.js'
import { recordTable } from '../table/recordTable.js'
import { ScoreAcceptance } from './acceptScore.js'
import { haveClasses } from './classColumns.js'
import { compileFiller, type SlotFiller } from './fillSlots.js'
import type { OpenScoring } from './openScoring.js'
import { type OutputColumn, type OutputContext, outputColumn } from './outputColumns.js'
import { type StrictDecoder, scoreBlocks, strictDecoder } from './scoreRows.js'

export interface RecordScorerOptions extends Pick<OutputContext, 'timestamp' | 'modelVersion'> {
  /** Data date of the records. */
  readonly date: Day
  /** Records that go through the model together; of more, the rest waits. `MicroBatchOptions.size` says what another size may change. */
  readonly size: number
  /** Columns of the answers, in order: result columns and columns of the contract. */
  readonly columns: readonly string[]
}

/** A prediction as values by column, or the reasons why there is none, as a day writes them into its rejects. */
export type ScoredRecord =
  | { readonly values: Readonly<Record<string, CellValue>>; readonly problems?: never }
  | { readonly problems: readonly CellProblem[] }

/** Bytes that are looked at together. There is room for two of the largest records, so that one never fills it alone. */
const WINDOW_BYTES = 1 << 21

/** Scores records of one data date. Every call uses the same memory, so a call waits until those before it have ended. */
export class RecordScorer {
  private readonly batch: MicroBatch
  private readonly reader: BlockReader
  private readonly strict: StrictDecoder
  private readonly filler: SlotFiller
  private readonly acceptance: ScoreAcceptance
  private readonly outputs: readonly OutputColumn[]
  /** Settles when the last call has. */
  private last: Promise<unknown> = Promise.resolve()

  /** @throws RangeError when `size` is no whole number above 0 */
  constructor(opened: OpenScoring, { date, size, columns, ...context }: RecordScorerOptions) {
    const { definition } = opened
    if (!Number.isSafeInteger(size) || size < 1)
      throw new RangeError(`a micro-batch of ${size} records cannot be: size is a whole number above 0`)
    const table = recordTable(definition.input.columns)
    const { positions } = table
    this.batch = opened.model.newMicroBatch({ size, byClass: haveClasses(columns) })
    this.reader = new BlockReader({ ...table, date, capacity: this.batch.size, windowBytes: WINDOW_BYTES })
    this.strict = strictDecoder(table.columns, positions, date)
    this.filler = compileFiller({ ...opened, batch: this.batch }, this.reader.columns, date)
    this.acceptance = new ScoreAcceptance(definition.model.task)
    const asGiven = { ...opened, definition: { ...definition, input: { ...definition.input, columns: table.columns } } }
    this.outputs = columns.map((name) => outputColumn(asGiven, { ...context, date, positions }, name))
  }

  /**
   * Scores records and answers in their order.
   * @param lines a JSON object on each line, with values under the columns' own names; an empty line is no record and has no answer
   * @throws ScoringFailed when the model fails, whatever the record
   */
  score(lines: Uint8Array): Promise<readonly ScoredRecord[]> {
    const scored = this.last.then(() => this.scoreNow(lines))
    this.last = scored.catch(() => undefined)
    return scored
  }

  private async scoreNow(lines: Uint8Array): Promise<readonly ScoredRecord[]> {
    const scored: ScoredRecord[] = []
    const range = { offset: 0, bytes: lines.length, firstRecord: 0, firstLine: 1 }
    const blocks = this.reader.read({ name: 'the records', bytes: lines }, range)
    await scoreBlocks(this.batch, this.filler, this.strict, blocks, (block, found, scores) => {
      for (let record = 0; record < block.count; record += 1) {
        const slot = block.slot + record
        const problems = found.get(record) ?? this.acceptance.problems(scores.score[slot]!, scores.label[slot]!)
        const values = () => Object.fromEntries(this.outputs.map(({ name, value }) => [name, value(block, record, slot, scores)]))
        scored.push(problems.length > 0 ? { problems } : { values: values() })
      }
    })
    return scored
  }
}
