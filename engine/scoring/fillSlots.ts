/**
 * Computes the features of a block's records and puts them into the slots of a micro-batch. A function is compiled for each pipeline, so
 * that every column and every feature has a variable of its own in it. One loop over lists, shared by all pipelines, takes five times as
 * long.
 */
import type { Day } from '../../definition/dates.js'
import type { MicroBatch } from '../model/microBatch.js'
import { MAX_FLOAT32 } from '../model/onnx/elements.js'
import type { CellProblem, CellValue } from '../table/decode.js'
import type { FastColumn } from '../table/fast/fastColumns.js'
import type { ComputedFeature } from './features.js'

const NONE: readonly CellProblem[] = []

/** Fills the slots of a micro-batch for one pipeline and one data date. Neither function runs the model. */
export interface SlotFiller {
  /**
   * Fills the slots of the records `first` to `count - 1` of a block and passes over those whose `rejected` is 1. Stops at a record with a
   * feature that throws, is not finite or is refused by the model's input, because only `fillOne` can say what is wrong with it.
   * @param slot slot of the block's record 0: record `i` goes into `slot + i`
   * @returns the record at which it stopped, or `count`
   */
  fill(first: number, count: number, slot: number, rejected: Uint8Array): number
  /** Fills the slot of one record, feature by feature, and returns the problems of all of them. @param slot slot of this very record */
  fillOne(record: number, slot: number): readonly CellProblem[]
}

/**
 * Compiles the filler of a pipeline. Names of columns are written into the code as JSON; nothing else of a definition becomes code.
 * @param columns columns of the reader that the records come from
 * @param date data date, which features get as `date`
 */
export function compileFiller(
  { features, batch }: { readonly features: readonly ComputedFeature[]; readonly batch: MicroBatch },
  columns: readonly FastColumn[],
  date: Day,
): SlotFiller {
  const context = Object.freeze({ date })
  const state = { record: 0 }
  const row = newRow(columns, state)
  const direct = features.map((_, feature) => batch.direct(feature))
  const make = new Function('row', 'state', 'context', 'kept', 'compute', 'direct', 'set', sourceOf(columns, direct))
  const fill = make(
    row,
    state,
    context,
    columns.map(({ kept }) => kept),
    features.map(({ compute }) => compute),
    direct,
    (slot: number, feature: number, value: CellValue) => batch.set(slot, feature, value),
  ) as SlotFiller['fill']
  return {
    fill,
    fillOne: (record, slot) => {
      state.record = record
      for (const column of columns) if (column.kept.as !== 'texts') row[column.name] = column.value(record)
      return fillFeatures(features, batch, row, context, slot)
    },
  }
}

/**
 * Writes the filler's code. `v0` are the values of the first column; `l0` is the list that they are indexes into, when they are. `f0` is
 * the first feature, and `d0` the tensor that takes its numbers as they are. A value that no such tensor takes goes through `set`. The loop
 * ends at a record with a number beyond the range of its tensor, a value that `set` refuses, or a feature that throws.
 */
function sourceOf(columns: readonly FastColumn[], direct: readonly ReturnType<MicroBatch['direct']>[]): string {
  const shown = columns.map(({ name, nullable, kept }, index) => {
    if (kept.as === 'texts') return { setup: '', loop: '' }
    const numbers = nullable ? `v${index}[r] === v${index}[r] ? v${index}[r] : null` : `v${index}[r]`
    return {
      setup: `const v${index} = kept[${index}].values, l${index} = kept[${index}].listed;`,
      loop: `row[${JSON.stringify(name)}] = ${kept.as === 'listed' ? `l${index}[v${index}[r]] ?? null` : numbers};`,
    }
  })
  const filled = direct.map((target, index) => {
    const put = target
      ? `if (v <= ${MAX_FLOAT32} && v >= -${MAX_FLOAT32}) d${index}[(slot + r) * ${target.width} + ${target.offset}] = v; else return r;`
      : `if (v - v !== 0 || set(slot + r, ${index}, v) !== undefined) return r;`
    return {
      setup: `const f${index} = compute[${index}]${target ? `, d${index} = direct[${index}].values` : ''};`,
      loop: `v = f${index}(row, context);
        if (typeof v === 'number') { ${put} }
        else if (set(slot + r, ${index}, v) !== undefined) return r;`,
    }
  })
  return `'use strict';
  ${[...shown, ...filled].map(({ setup }) => setup).join('\n  ')}
  return (first, count, slot, rejected) => {
    let v;
    for (let r = first; r < count; r += 1) {
      if (rejected[r] === 1) continue;
      state.record = r;
      ${shown.map(({ loop }) => loop).join('\n      ')}
      try {
        ${filled.map(({ loop }) => loop).join('\n        ')}
      } catch { return r; }
    }
    return count;
  };`
}

/**
 * Makes the object that features get as row. It shows one record after the other, because an object for each record would be garbage. A
 * text is made when a feature asks for it: most columns of texts are read by no feature.
 */
function newRow(columns: readonly FastColumn[], state: { readonly record: number }): Record<string, CellValue> {
  const row: Record<string, CellValue> = {}
  for (const column of columns) {
    // A number that is no integer makes V8 keep the field as a double from the first record on.
    if (column.kept.as !== 'texts') row[column.name] = column.nullable ? null : 0.5
    else Object.defineProperty(row, column.name, { get: () => column.value(state.record), enumerable: true })
  }
  return row
}

/** Computes every feature of one record, so that a reject names all of its problems and not the first alone. */
function fillFeatures(
  features: readonly ComputedFeature[],
  batch: MicroBatch,
  row: Readonly<Record<string, CellValue>>,
  context: { readonly date: number },
  slot: number,
): readonly CellProblem[] {
  let problems: CellProblem[] | undefined
  for (let index = 0; index < features.length; index += 1) {
    const { name, compute } = features[index]!
    let value: CellValue | undefined = null
    let problem: CellProblem | undefined
    try {
      value = compute(row, context)
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

function putFeature(batch: MicroBatch, slot: number, index: number, name: string, value: CellValue | undefined): CellProblem | undefined {
  if (value === undefined) return featureProblem(name, 'unusable', 'gives undefined: does it read a column that is not there?', '')
  if (typeof value === 'number' && !Number.isFinite(value)) return featureProblem(name, 'not-finite', `is ${value}`, String(value))
  const refused = batch.set(slot, index, value)
  return refused === undefined ? undefined : featureProblem(name, 'unusable', `cannot be used: ${refused}`, String(value))
}

function featureProblem(name: string, rule: string, what: string, value: string): CellProblem {
  return { column: name, rule: `feature.${rule}`, reason: `feature ${name} ${what}`, value }
}
