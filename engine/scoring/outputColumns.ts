/** The columns of a prediction as values: what each holds for a record, before it is written in any format. */
import type { Day } from '../../definition/dates.js'
import type { ResultColumn } from '../../definition/resultColumns.js'
import type { Label } from '../../definition/tasks.js'
import type { Scores } from '../model/scores.js'
import { cellValue } from '../table/cellValue.js'
import type { CellValue } from '../table/decode.js'
import { linePlace, type SetFile } from '../table/format.js'
import { shortestFloat32 } from '../table/numberText.js'
import type { Block } from '../table/readBlocks.js'
import type { OpenScoring } from './openScoring.js'

/** A record of a block whose scores are in a slot. */
type OfRecord<T> = (block: Block, record: number, slot: number, scores: Scores) => T

/** A column, and where its value comes from: whoever writes many records at once makes its own way from that. */
export type OutputColumn = { readonly name: string; readonly value: OfRecord<CellValue> } & (
  | { readonly from: 'label'; readonly labels: readonly Label[] }
  /** A number of `score` or `confidence`. `float32`: in the fewest digits that read back to the same float32. */
  | { readonly from: 'score' | 'confidence'; readonly float32: boolean }
  | { readonly from: 'line' }
  | { readonly from: 'constant'; readonly text: string }
  /** A column of the input. `cell`: as it stands there. */
  | { readonly from: 'input'; readonly field: number; readonly cell: (block: Block, record: number) => string }
)

export interface OutputContext {
  readonly date: Day
  /** Places of the contract's columns in what is read. */
  readonly positions: Readonly<Record<string, number>>
  /** Of a set of files: where each lies in the whole. */
  readonly set?: readonly SetFile[]
  readonly timestamp: string
  /** As predictions name it. */
  readonly modelVersion: string
}

/** The column of a name: a result by its own, any other as it stands in the input. Compiled once for many records. */
export function outputColumn({ model, definition }: OpenScoring, context: OutputContext, name: string): OutputColumn {
  const { date, positions, set, timestamp, modelVersion } = context
  const { classes } = model
  const float32 = model.plan.scores.type === 'float32'
  const number = (from: 'score' | 'confidence') => {
    const value: OfRecord<number> = (_block, _record, slot, scores) =>
      float32 ? shortestFloat32(scores[from][slot]!) : scores[from][slot]!
    return { from, float32, value } as const
  }
  const constant = (text: string) => ({ from: 'constant', text, value: () => text }) as const
  const results = {
    line: { from: 'line', value: ({ fields }, record) => linePlace(set, fields.lines[record]!) },
    prediction:
      definition.model.task.kind === 'regression'
        ? number('score')
        : { from: 'label', labels: classes, value: (_block, _record, slot, { label }) => classes[label[slot]!]! },
    probability: number('confidence'),
    score: number('score'),
    timestamp: constant(timestamp),
    model_version: constant(modelVersion),
  } satisfies Readonly<Record<ResultColumn, DistributiveOmit<OutputColumn, 'name'>>>
  if (Object.hasOwn(results, name)) return { name, ...results[name as ResultColumn] }
  const { columns } = definition.input
  const field = Object.keys(columns).indexOf(name)
  const cell = (block: Block, record: number) => cellOf(block, record, field, positions[name]!)
  const read = cellValue(columns[name]!, date)
  return { name, from: 'input', field, cell, value: (block, record) => read(cell(block, record)) }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** A cell as it stands in the input; blank where the record has no cells. */
export function cellOf({ rows, fields }: Block, record: number, field: number, position: number): string {
  if (fields.careful[record] === 1) return rows.get(record)?.cells?.[position] ?? ''
  const at = 2 * (record * fields.wanted + field)
  return fields.bytes.toString('utf8', fields.bounds[at], fields.bounds[at + 1])
}
