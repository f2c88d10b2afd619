/**
 * Features of the records of a block into the slots of a micro-batch. A function is made for the pipeline, so that every column and every
 * feature has a place of its own in it: one loop over lists of them, shared by all pipelines, takes five times as long.
 */
import type { Day } from '../../definition/dates.js'
import { MAX_FLOAT32 } from '../model/onnx/elements.js'
import type { MicroBatch } from '../model/session.js'
import type { CellProblem, CellValue } from '../table/decode.js'
import type { FastColumn } from '../table/fast/fastColumns.js'
import type { ComputedFeature } from './features.js'
import type { OpenScoring } from './openScoring.js'

const NONE: readonly CellProblem[] = []

export interface SlotFiller {
  /**
   * Fills slots from `slot` on with records from `first` to `count`, leaving out those whose `rejected` is 1. Returns the first record that
   * needs a closer look, or `count`.
   */
  fill(first: number, count: number, slot: number, rejected: Uint8Array): number
  /** The same for one record, feature by feature: the problems of all of them. */
  fillOne(record: number, slot: number): readonly CellProblem[]
}

/**
 * Compiles the filler of a pipeline for a data date. Names of columns are written as JSON; nothing else of a definition becomes code.
 * @param columns of the reader that the records come from
 */
export function compileFiller(
  { features, batch }: Pick<OpenScoring, 'features' | 'batch'>,
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
 * The filler's code: `v0` are the values of the first column, `f0` the first feature, `d0` the tensor that its numbers go into. What is not
 * a number in the range of float32 goes the long way, by `set`; what that refuses, or a feature throws, ends the loop at this record.
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

/** One object that shows a record after the other, as features see rows. Texts are made when somebody asks for them. */
function newRow(columns: readonly FastColumn[], state: { readonly record: number }): Record<string, CellValue> {
  const row: Record<string, CellValue> = {}
  for (const column of columns) {
    if (column.kept.as !== 'texts') row[column.name] = column.nullable ? null : 0.5
    else Object.defineProperty(row, column.name, { get: () => column.value(state.record), enumerable: true })
  }
  return row
}

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
    let value: CellValue = null
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

function putFeature(batch: MicroBatch, slot: number, index: number, name: string, value: CellValue): CellProblem | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return featureProblem(name, 'not-finite', `is ${value}`, String(value))
  const refused = batch.set(slot, index, value)
  return refused === undefined ? undefined : featureProblem(name, 'unusable', `cannot be used: ${refused}`, String(value))
}

function featureProblem(name: string, rule: string, what: string, value: string): CellProblem {
  return { column: name, rule: `feature.${rule}`, reason: `feature ${name} ${what}`, value }
}
