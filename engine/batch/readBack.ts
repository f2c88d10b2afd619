/**
 * Predictions files, read back from disk as their readers will read them: how many rows there are, and which of their results cannot be.
 * Rows whose results are plainly in order are only counted; every other one is looked at cell by cell.
 */
import { type AnyColumns, column } from '../../definition/columns.js'
import { hasProbability, type Label, type Task } from '../../definition/tasks.js'
import type { CsvFormat } from '../table/format.js'
import { BlockReader } from '../table/readBlocks.js'
import { readPredictions } from '../table/readPredictions.js'

/** Plain data: travels to threads. */
export interface ReadBackRequest {
  readonly file: string
  /** Of a CSV file: the rows in `[offset, offset + bytes)`, behind its header. Of JSON Lines: all of it. */
  readonly offset: number
  readonly bytes: number
  /** Columns it must have, in order. */
  readonly columns: readonly string[]
  readonly task: Task
  readonly classes: readonly Label[]
}

/** What was found in some rows. */
export interface ReadBack {
  /** Columns that are not the expected ones. */
  readonly strange?: readonly string[]
  readonly rows: number
  readonly wrongLabels: number
  /** Rows with a probability or score outside 0 to 1. */
  readonly outside: number
  readonly nullPredictions: number
  readonly nullProbabilities: number
  readonly firstWrongLabel?: string
  readonly firstOutside?: string
}

/** Adds up what was found in rows that follow each other. */
export function addReadBacks(all: readonly ReadBack[]): ReadBack {
  const total = (of: (one: ReadBack) => number) => all.reduce((sum, one) => sum + of(one), 0)
  const first = <K extends 'strange' | 'firstWrongLabel' | 'firstOutside'>(name: K) => {
    const value = all.find((one) => one[name] !== undefined)?.[name]
    return value === undefined ? {} : { [name]: value }
  }
  return {
    rows: total(({ rows }) => rows),
    wrongLabels: total(({ wrongLabels }) => wrongLabels),
    outside: total(({ outside }) => outside),
    nullPredictions: total(({ nullPredictions }) => nullPredictions),
    nullProbabilities: total(({ nullProbabilities }) => nullProbabilities),
    ...first('strange'),
    ...first('firstWrongLabel'),
    ...first('firstOutside'),
  }
}

/** Records that are looked at together. */
const BLOCK_RECORDS = 4096
/** Blocks are of short lines, and of nothing else is memory needed. */
const WINDOW_BYTES = 1 << 21

/** A share of sums in float32 can come out as the number after 1: two of twenty million rows of a logistic regression did. */
const MOST_SHARE = 1 + 2 ** -23

/** Reads rows back. Bounded memory. */
export async function readBack(request: ReadBackRequest): Promise<ReadBack> {
  const { file } = request
  const rows = new SeenRows(request)
  if (!file.endsWith('.csv')) {
    for await (const cells of readPredictions([file], (found) => rows.header(found))) rows.add(cells)
    return rows.seen
  }
  const range = { offset: request.offset, bytes: request.bytes, firstRecord: 0, firstLine: 1 }
  for await (const block of readerOf(request).read(file, range)) {
    rows.seen.rows += block.count - block.rows.size
    for (const { cells } of block.rows.values()) rows.add(cells ?? [])
  }
  return rows.seen
}

let current: { readonly of: string; readonly reader: BlockReader } | undefined

/** Pieces of one file share a reader: its memory is used for all of them. */
function readerOf(request: ReadBackRequest): BlockReader {
  const { columns, task, classes } = request
  const of = JSON.stringify({ columns, task, classes })
  if (current?.of === of) return current.reader
  const format: CsvFormat = { kind: 'csv', delimiter: ',' }
  const reader = new BlockReader({
    header: { names: columns, dataOffset: 0, dataLine: 1 },
    format,
    columns: plainResults(request),
    positions: Object.fromEntries(columns.map((name, index) => [name, index])),
    date: 0,
    capacity: BLOCK_RECORDS,
    windowBytes: WINDOW_BYTES,
  })
  current = { of, reader }
  return reader
}

/** The results of a row that is in order. */
function plainResults({ columns, task, classes }: ReadBackRequest): AnyColumns {
  const prediction = task.kind === 'regression' ? column.number() : column.category(classes.map(String))
  const share = hasProbability(task) ? column.number({ min: 0, max: MOST_SHARE }) : undefined
  const all = { prediction, probability: share ?? column.text(), ...(share ? { score: share } : {}) }
  return Object.fromEntries(Object.entries(all).filter(([name]) => columns.includes(name)))
}

class SeenRows {
  readonly seen: { -readonly [K in keyof ReadBack]: ReadBack[K] } = {
    rows: 0,
    wrongLabels: 0,
    outside: 0,
    nullPredictions: 0,
    nullProbabilities: 0,
  }
  private readonly prediction: number
  private readonly probability: number
  private readonly ranged: readonly number[]
  private readonly isLabel: (text: string) => boolean

  constructor(private readonly request: ReadBackRequest) {
    const { columns, task, classes } = request
    this.prediction = columns.indexOf('prediction')
    this.probability = columns.indexOf('probability')
    this.ranged = hasProbability(task) ? [this.probability, columns.indexOf('score')].filter((index) => index >= 0) : []
    const labels = new Set(classes.map(String))
    this.isLabel = (text) => (task.kind === 'regression' ? text !== '' && Number.isFinite(Number(text)) : labels.has(text))
  }

  header(found: readonly string[]): void {
    if (found.join(',') !== this.request.columns.join(',')) this.seen.strange ??= found
  }

  add(cells: readonly (string | undefined)[]): void {
    const { seen, prediction, probability, ranged } = this
    seen.rows += 1
    if (prediction >= 0) {
      const text = cells[prediction] ?? ''
      if (text === '') seen.nullPredictions += 1
      if (!this.isLabel(text)) {
        seen.wrongLabels += 1
        seen.firstWrongLabel ??= text
      }
    }
    if (probability >= 0 && (cells[probability] ?? '') === '') seen.nullProbabilities += 1
    const outside = ranged.find((index) => !(Number(cells[index]) >= 0 && Number(cells[index]) <= MOST_SHARE))
    if (outside === undefined) return
    seen.outside += 1
    seen.firstOutside ??= cells[outside] ?? ''
  }
}
