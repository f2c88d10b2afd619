/**
 * Reads predictions files back from disk as their readers will: counts the rows, and those with results that cannot be. A row whose results
 * are in order is only counted; every other one is looked at cell by cell. Nothing is mended.
 */
import { type AnyColumns, column } from '../../definition/columns.js'
import { hasProbability, type Label, type Task } from '../../definition/tasks.js'
import { ONE_ULP } from '../model/onnx/shareRounding.js'
import type { CsvFormat } from '../table/format.js'
import { BlockReader } from '../table/readBlocks.js'
import { readPredictions } from '../table/readPredictions.js'

/** What to read back. It is sent to threads, so it is data alone. */
export interface ReadBackRequest {
  readonly file: string
  /** A CSV file is read from here, behind its header, for `bytes` bytes. A file of JSON Lines is read from its beginning to its end. */
  readonly offset: number
  readonly bytes: number
  /** Columns that the file must have, in order. */
  readonly columns: readonly string[]
  readonly task: Task
  /** Labels that predictions can be; empty for regression. */
  readonly classes: readonly Label[]
  /** How far beyond 0 and 1 a probability may be because float32 rounds. @default one float32 */
  readonly shareRounding?: number
}

/** What was found in some rows. */
export interface ReadBack {
  /** Columns of JSON Lines, when they are not the expected ones. The header of a CSV file is looked at elsewhere. */
  readonly strange?: readonly string[]
  readonly rows: number
  /** Rows with a label that is none of the classes, or with a text where a regression has a number. */
  readonly wrongLabels: number
  /** Rows with a probability or score outside 0 to 1. */
  readonly outside: number
  /** Rows with a blank prediction; they count as wrong labels too. */
  readonly nullPredictions: number
  readonly nullProbabilities: number
  /** The first such value, for messages. */
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

/** Rows that are looked at together. */
const BLOCK_RECORDS = 4096
/** Bytes that are looked at together: half of what scoring takes, because the rows that Daybreak writes are short. */
const WINDOW_BYTES = 1 << 21

/** Reads rows back, in bounded memory. @throws InputUnreadable, InputChanged */
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

/** Gives the reader for a request. Pieces of one file share it, because its memory is the largest part of reading back. */
function readerOf(request: ReadBackRequest): BlockReader {
  const { columns, task, classes, shareRounding } = request
  const of = JSON.stringify({ columns, task, classes, shareRounding })
  if (current?.of === of) return current.reader
  const format: CsvFormat = { kind: 'csv', delimiter: ',' }
  const reader = new BlockReader({
    header: { names: columns, dataOffset: 0, dataLine: 1 },
    format,
    columns: soundResults(request),
    positions: Object.fromEntries(columns.map((name, index) => [name, index])),
    date: 0,
    capacity: BLOCK_RECORDS,
    windowBytes: WINDOW_BYTES,
  })
  current = { of, reader }
  return reader
}

/** The contract of a row whose results are in order: the kernel reads such a row by itself. */
function soundResults({ columns, task, classes, shareRounding = ONE_ULP }: ReadBackRequest): AnyColumns {
  const prediction = task.kind === 'regression' ? column.number() : column.category(classes.map(String))
  const share = column.number({ min: -shareRounding, max: 1 + shareRounding })
  const shares = Object.fromEntries(rangedColumns(task, classes).map((name) => [name, share]))
  const all = { prediction, probability: column.text(), ...shares }
  return Object.fromEntries(Object.entries(all).filter(([name]) => columns.includes(name)))
}

/** Columns that hold probabilities. */
const rangedColumns = (task: Task, classes: readonly Label[]): readonly string[] =>
  hasProbability(task) ? ['probability', 'score', ...classes.map((label) => `probability.${label}`)] : []

/** Counts what is seen in the rows that need a look. */
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
    this.ranged = rangedColumns(task, classes)
      .map((name) => columns.indexOf(name))
      .filter((index) => index >= 0)
    const labels = new Set(classes.map(String))
    this.isLabel = (text) => (task.kind === 'regression' ? text !== '' && Number.isFinite(Number(text)) : labels.has(text))
  }

  /** Takes note of the columns of the rows that follow. */
  header(found: readonly string[]): void {
    if (found.join(',') !== this.request.columns.join(',')) this.seen.strange ??= found
  }

  /** Looks at the cells of a row. A cell that is missing counts as blank. */
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
    const { shareRounding = ONE_ULP } = this.request
    const outside = ranged.find((index) => !isShare(cells[index], shareRounding))
    if (outside === undefined) return
    seen.outside += 1
    seen.firstOutside ??= cells[outside] ?? ''
  }
}

/** Is a cell a probability? A blank one is counted elsewhere. */
const isShare = (cell: string | undefined, rounding: number): boolean => Number(cell) >= -rounding && Number(cell) <= 1 + rounding
