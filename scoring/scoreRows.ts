/**
 * The heart: rows into micro-batches, each record in its own slot, through the model. A row that cannot be scored leaves its slot
 * filled neutrally, because a record in another slot gets other last bits.
 */
import type { Scores } from '../model/scores.js'
import type { MicroBatch } from '../model/session.js'
import type { CellProblem, CellValue, compileDecoder } from '../table/decode.js'
import type { RawRow } from '../table/readRows.js'
import type { OpenScoring } from './openScoring.js'

/** One record in its slot, with why it was rejected; no problems: it was scored. */
export interface Slot {
  readonly row: RawRow
  readonly problems: readonly CellProblem[]
}

const NONE: readonly CellProblem[] = []

type Decoder = ReturnType<typeof compileDecoder>

/**
 * Scores rows that come in record order, starting at a whole micro-batch, and hands on each batch when it is full, the last one
 * when the rows end. `slots[i]` belongs to `scores.label[i]`; both are reused by the next batch.
 */
export async function scoreRows(
  opened: OpenScoring,
  decoder: Decoder,
  rows: AsyncIterable<readonly RawRow[]>,
  onBatch: (slots: readonly Slot[], scores: Scores) => void,
): Promise<void> {
  const { batch } = opened
  const record = decoder.newRow()
  const slots: Slot[] = []
  const finish = async () => {
    for (let slot = slots.length; slot < batch.size; slot += 1) batch.clear(slot)
    onBatch(slots, await runBatch(batch, slots))
    slots.length = 0
  }
  for await (const slab of rows) {
    for (const row of slab) {
      slots.push({ row, problems: fillSlot(opened, decoder, row, record, slots.length) })
      if (slots.length === batch.size) await finish()
    }
  }
  if (slots.length > 0) await finish()
}

/** Runs a full batch. Records that make the model fail become rejects; all others keep their slot, and so their last bits. */
async function runBatch(batch: MicroBatch, slots: Slot[]): Promise<Scores> {
  for (;;) {
    try {
      return await batch.run()
    } catch (error) {
      const atFault = await batch.isolate(slots.flatMap(({ problems }, slot) => (problems.length === 0 ? [slot] : [])))
      if (atFault.size === 0) throw error
      for (const [slot, why] of atFault) {
        slots[slot] = { row: slots[slot]!.row, problems: [modelProblem(why)] }
        batch.clear(slot)
      }
    }
  }
}

function modelProblem(why: string): CellProblem {
  return { column: 'prediction', rule: 'model.error', reason: `the model failed on this record: ${why}`, value: '' }
}

/** Decodes a row, computes its features and puts them into a slot; with any problem the slot is left neutral. */
function fillSlot(
  opened: OpenScoring,
  decoder: Decoder,
  row: RawRow,
  record: Record<string, CellValue>,
  slot: number,
): readonly CellProblem[] {
  const problems = row.cells ? decoder.decode(row.cells, record, row.problems) : malformed(row)
  const all = problems.length > 0 ? problems : fillFeatures(opened, record, slot)
  if (all.length > 0) opened.batch.clear(slot)
  return all
}

/** A row that is none: ragged, badly quoted or too large. */
export function malformed(row: RawRow): readonly CellProblem[] {
  const { rule, reason } = row.malformed ?? { rule: 'fields', reason: 'not a row' }
  return [{ column: '', rule: `row.${rule}`, reason, value: row.raw.slice(0, 80) }]
}

function fillFeatures({ features, batch, date }: OpenScoring, record: Record<string, CellValue>, slot: number): readonly CellProblem[] {
  const context = { date }
  let problems: CellProblem[] | undefined
  for (let index = 0; index < features.length; index += 1) {
    const { name, compute } = features[index]!
    let value: CellValue = null
    let problem: CellProblem | undefined
    try {
      value = compute(record, context)
    } catch (error) {
      problem = featureProblem(name, 'error', `failed: ${error instanceof Error ? error.message : String(error)}`, '')
    }
    problem ??= putFeature(batch, slot, index, name, value)
    if (problem) {
      problems ??= []
      problems.push(problem)
    }
  }
  return problems ?? NONE
}

function putFeature(batch: MicroBatch, slot: number, index: number, name: string, value: CellValue): CellProblem | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return featureProblem(name, 'not-finite', `is ${value}`, String(value))
  const refused = batch.set(slot, index, value)
  return refused === undefined ? undefined : featureProblem(name, 'unusable', `cannot be used: ${refused}`, String(value))
}

function featureProblem(name: string, rule: string, what: string, value: string): CellProblem {
  return { column: name, rule: `feature.${rule}`, reason: `feature ${name} ${what}`, value }
}
