/**
 * The heart of scoring: it decodes the records of a block, puts the features of each into a slot of its own and runs the model. A record
 * that cannot be scored leaves its slot filled neutrally. No record moves up, because in another slot it gets other last bits.
 */
import type { AnyColumns } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import type { MicroBatch } from '../model/microBatch.js'
import type { Scores } from '../model/scores.js'
import { newCounts } from '../protocol/counts.js'
import { type CellProblem, compileDecoder, type Decoder } from '../table/decode.js'
import type { Block } from '../table/readBlocks.js'
import type { RawRow } from '../table/readRows.js'
import type { SlotFiller } from './fillSlots.js'

/** The problems of rejected records, by their place in the block. A record that is not listed was scored. */
export type Problems = ReadonlyMap<number, readonly CellProblem[]>

/**
 * Scores blocks that come in record order; the first one must begin a micro-batch. Blank cells are counted in the decoder's `nullCounts`.
 * @param onBlock is called for each block. The scores of its record `i` are in slot `block.slot + i`. Block and scores are used again for
 * the next one, so nothing may keep them.
 * @throws ScoringFailed when the model fails and no record is to blame; whatever `blocks` throws
 * @param asksLabels whether the labels are wanted that the model gives itself, for the block that begins with a record, counted from 0
 */
export async function scoreBlocks(
  batch: MicroBatch,
  filler: SlotFiller,
  strict: StrictDecoder,
  blocks: AsyncIterable<Block>,
  onBlock: (block: Block, problems: Problems, scores: Scores) => void,
  asksLabels: (record: number) => boolean = () => true,
): Promise<void> {
  const rejected = new Uint8Array(batch.size)
  let record = 0
  for await (const block of blocks) {
    const problems = decodeStrictly(block, strict)
    fillBatch(batch, block, filler, problems, rejected)
    onBlock(block, problems, await runBatch(batch, block, problems, asksLabels(record)))
    record += block.count
  }
}

/**
 * Decodes the records that are not plain: those that the kernel cannot read by itself. `nullCounts` has the blank cells of all records by
 * column.
 */
export interface StrictDecoder {
  readonly decoder: Decoder
  readonly nullCounts: Record<string, number>
}

/**
 * Makes the decoder of a file, with nothing counted yet.
 * @param positions place of each column among the fields of a record, from 0 @param date data date, the limit of some date columns
 */
export function strictDecoder(columns: AnyColumns, positions: Readonly<Record<string, number>>, date: Day): StrictDecoder {
  const nullCounts = newCounts()
  return { decoder: compileDecoder(columns, positions, date, nullCounts), nullCounts }
}

/**
 * Decodes the records of a block that are not plain, counts the blank cells of all, and returns the problems of those that break the
 * contract.
 */
export function decodeStrictly({ rows, columns }: Block, { decoder, nullCounts }: StrictDecoder): Map<number, readonly CellProblem[]> {
  for (const column of columns) nullCounts[column.name]! += column.blanks()
  const problems = new Map<number, readonly CellProblem[]>()
  if (rows.size === 0) return problems
  const decoded = decoder.newRow()
  for (const [record, row] of rows) {
    const found = row.cells ? decoder.decode(row.cells, decoded, row.problems) : malformed(row)
    if (found.length > 0) problems.set(record, found)
    else for (const column of columns) column.put(record, decoded[column.name]!)
  }
  return problems
}

/**
 * Fills the slots of a block's records with their features, and all other slots neutrally. A record with a problem gets a neutral slot too,
 * and its problems are added to `problems`. `rejected` is memory to work in.
 */
function fillBatch(
  batch: MicroBatch,
  { count, slot }: Block,
  filler: SlotFiller,
  problems: Map<number, readonly CellProblem[]>,
  rejected: Uint8Array,
): void {
  for (let other = 0; other < batch.size; other += 1) {
    if (other === slot) other += count
    if (other < batch.size) batch.clear(other)
  }
  rejected.fill(0)
  for (const record of problems.keys()) {
    rejected[record] = 1
    batch.clear(slot + record)
  }
  for (let record = filler.fill(0, count, slot, rejected); record < count; record = filler.fill(record + 1, count, slot, rejected)) {
    const found = filler.fillOne(record, slot + record)
    if (found.length === 0) continue
    problems.set(record, found)
    batch.clear(slot + record)
  }
}

/** Runs the model. Records that make it fail become rejects and it runs again: all others keep their slots, and so their last bits. */
async function runBatch(
  batch: MicroBatch,
  { count, slot: first }: Block,
  problems: Map<number, readonly CellProblem[]>,
  asksLabels: boolean,
): Promise<Scores> {
  for (;;) {
    try {
      return await batch.run(asksLabels)
    } catch (error) {
      const records = Array.from({ length: count }, (_, record) => record).filter((record) => !problems.has(record))
      const atFault = await batch.isolate(records.map((record) => first + record))
      if (atFault.size === 0) throw error
      for (const [slot, why] of atFault) {
        problems.set(slot - first, [modelProblem(why)])
        batch.clear(slot)
      }
    }
  }
}

function modelProblem(why: string): CellProblem {
  return { column: 'prediction', rule: 'model.error', reason: `the model failed on this record: ${why}`, value: '' }
}

/** Gives the problem of a record that is no row: it is ragged, badly quoted, no JSON object or too large. */
function malformed(row: RawRow): readonly CellProblem[] {
  const { rule, reason } = row.malformed ?? { rule: 'fields', reason: 'not a row' }
  return [{ column: '', rule: `row.${rule}`, reason, value: row.raw.slice(0, 80) }]
}
