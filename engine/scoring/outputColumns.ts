/**
 * Gives the columns of a prediction as values, before any format is chosen: days write them to files, requests send them back. Nothing is
 * written here.
 */
import type { Day } from '../../definition/dates.js'
import type { ResultColumn } from '../../definition/resultColumns.js'
import type { Label } from '../../definition/tasks.js'
import type { Scores } from '../model/scores.js'
import { cellValue } from '../table/cellValue.js'
import type { CellValue } from '../table/decode.js'
import { linePlace, type SetFile } from '../table/format.js'
import { shortestFloat32 } from '../table/numberText.js'
import type { Block } from '../table/readBlocks.js'
import { classPlace } from './classColumns.js'
import type { OpenScoring } from './openScoring.js'

/** Gives something for the record at place `record` of a block, whose scores are in slot `slot`. */
type OfRecord<T> = (block: Block, record: number, slot: number, scores: Scores) => T

/**
 * A column of the predictions. `value` gives it for one record. `from` says where it comes from, because code that writes many records at
 * once takes it from there by itself.
 */
export type OutputColumn = { readonly name: string; readonly value: OfRecord<CellValue> } & (
  | { readonly from: 'label'; readonly labels: readonly Label[] }
  /** A number of `scores`. With `float32` it has the fewest digits that read back to the same float32. */
  | { readonly from: 'score' | 'confidence'; readonly float32: boolean }
  /** The probability of one class, by its place among the classes. */
  | { readonly from: 'class'; readonly index: number; readonly float32: boolean }
  | { readonly from: 'line' }
  | { readonly from: 'constant'; readonly text: string }
  /** A column of the input: `field` is its place in the contract, and `cell` its text as it was read, in the spelling of the file. */
  | { readonly from: 'input'; readonly field: number; readonly cell: (block: Block, record: number) => string }
)

/** What the columns say besides the record: the same for all records of a run. */
export interface OutputContext {
  /** Data date. */
  readonly date: Day
  /** Place of each of the contract's columns among the fields of a record, from 0. */
  readonly positions: Readonly<Record<string, number>>
  /** The files of a set, with their lines in the joined file; left out when the input is one file. */
  readonly set?: readonly SetFile[]
  /** Content of the column `timestamp`. */
  readonly timestamp: string
  /** Content of the column `model_version`. */
  readonly modelVersion: string
}

/** Compiles the column of a name, once for many records. A result column hides a column of the input that has the same name. */
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
  const index = classPlace(classes, name)
  if (index >= 0 && !Object.hasOwn(columns, name)) {
    const value: OfRecord<number> = (_block, _record, slot, { byClass }) =>
      float32 ? shortestFloat32(byClass![index]![slot]!) : byClass![index]![slot]!
    return { name, from: 'class', index, float32, value }
  }
  const field = Object.keys(columns).indexOf(name)
  const { trim } = columns[name]!
  const asItStands = (block: Block, record: number) => cellOf(block, record, field, positions[name]!)
  const cell = trim ? (block: Block, record: number) => asItStands(block, record).trim() : asItStands
  const read = cellValue(columns[name]!, date)
  return { name, from: 'input', field, cell, value: (block, record) => read(cell(block, record)) }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/**
 * Gives a cell as it stands in the input; blank when the record is no row and so has no cells.
 * @param field the column's place in the contract @param position the column's place in the file
 */
export function cellOf({ rows, fields }: Block, record: number, field: number, position: number): string {
  if (fields.careful[record] === 1) return rows.get(record)?.cells?.[position] ?? ''
  const at = 2 * (record * fields.wanted + field)
  return fields.bytes.toString('utf8', fields.bounds[at], fields.bounds[at + 1])
}
