/**
 * The heart: records into micro-batches, each in its own slot, through the model. A record that cannot be scored leaves its slot filled
 * neutrally, because a record in another slot gets other last bits.
 */
import type { AnyColumns } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import type { Scores } from '../model/scores.js'
import type { MicroBatch } from '../model/session.js'
import { type CellProblem, compileDecoder, type Decoder } from '../table/decode.js'
import type { Block } from '../table/readBlocks.js'
import type { RawRow } from '../table/readRows.js'
import type { SlotFiller } from './fillSlots.js'

/** Why records of a micro-batch are rejected, by their place in it; a record that is not in it was scored. */
export type Problems = ReadonlyMap<number, readonly CellProblem[]>

/**
 * Scores blocks that come in record order, the first one beginning at a whole micro-batch. The scores of record `i` of a block are in slot
 * `block.slot + i`; blocks and scores are used again for the next ones. Blank cells are counted in `nullCounts` by column.
 */
export async function scoreBlocks(
  batch: MicroBatch,
  filler: SlotFiller,
  strict: StrictDecoder,
  blocks: AsyncIterable<Block>,
  onBlock: (block: Block, problems: Problems, scores: Scores) => void,
): Promise<void> {
  const rejected = new Uint8Array(batch.size)
  for await (const block of blocks) {
    const problems = decodeStrictly(block, strict)
    fillBatch(batch, block, filler, problems, rejected)
    onBlock(block, problems, await runBatch(batch, block, problems))
  }
}

/** The decoder of records that are not plain, and the blank cells of all records by column. */
export interface StrictDecoder {
  readonly decoder: Decoder
  readonly nullCounts: Record<string, number>
}

/** Of a file, with nothing counted. `date` is the data date. */
export function strictDecoder(columns: AnyColumns, positions: Readonly<Record<string, number>>, date: Day): StrictDecoder {
  const nullCounts: Record<string, number> = {}
  return { decoder: compileDecoder(columns, positions, date, nullCounts), nullCounts }
}

/** Reads the records that are not plain, gives the problems of those that cannot be read, and counts the blank cells of all. */
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

/** Computes features and puts them into the slots; with any problem, and where no record of the block is, a slot is left neutral. */
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

/** Runs a full batch. Records that make the model fail become rejects; all others keep their slot, and so their last bits. */
async function runBatch(batch: MicroBatch, { count, slot: first }: Block, problems: Map<number, readonly CellProblem[]>): Promise<Scores> {
  for (;;) {
    try {
      return await batch.run()
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

/** A row that is none: ragged, badly quoted or too large. */
function malformed(row: RawRow): readonly CellProblem[] {
  const { rule, reason } = row.malformed ?? { rule: 'fields', reason: 'not a row' }
  return [{ column: '', rule: `row.${rule}`, reason, value: row.raw.slice(0, 80) }]
}
