/**
 * Checks the result: the predictions file is read back from disk, as its readers will read it, and held against what was counted. The names
 * of the six checks are part of the manifest.
 */
import { open, stat } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import type { RuleAction, SoftCheck } from '../../definition/rules.js'
import { classifies, hasProbability, type Label, type Task } from '../../definition/tasks.js'
import { addReadBacks, type ReadBack, type ReadBackRequest, readBack } from '../batch/readBack.js'
import { exists } from '../files/fileSystem.js'
import type { CheckResult } from '../protocol/documents/manifest.js'
import { csvLine } from '../table/writeCsv.js'

export interface ResultExpectation {
  /** The predictions files, in record order. */
  readonly files: readonly string[]
  /** Columns it must have, in order. */
  readonly columns: readonly string[]
  readonly predicted: number
  /** The lengths in bytes of pieces of a single CSV file, each of whole rows. @default one piece */
  readonly lengths?: readonly number[]
  readonly task: Task
  readonly classes: readonly Label[]
  /** How far beyond 0 and 1 a probability may be because float32 rounds. @default one float32 */
  readonly shareRounding?: number
  /** What a check does when it does not pass. @default 'fail' */
  readonly actions?: Readonly<Partial<Record<SoftCheck, RuleAction>>>
}

/** Reads the predictions back and checks them, in bounded memory. @param read reads some of the rows: here, or in a scoring thread */
export async function checkPredictions(
  expectation: ResultExpectation,
  read: (request: ReadBackRequest) => Promise<ReadBack> = readBack,
): Promise<readonly CheckResult[]> {
  const { files, columns, predicted, task, classes, actions = {} } = expectation
  const there = (await Promise.all(files.map(exists))).every(Boolean)
  const seen = there ? await readFiles(expectation, read) : undefined
  const header = seen !== undefined && seen.strange === undefined
  const has = (column: string) => columns.includes(column)
  const ranged = hasProbability(task) ? ['probability', 'score'].filter(has).join(' and ') : ''
  const labels = classifies(task) ? `one of ${classes.join(', ')}` : 'a number'
  const rows = (count: number, first?: string) =>
    count === 0 ? 'in every row' : `not in ${count} rows${first === undefined ? '' : `; the first: ${first}`}`
  const check = (name: string, passed: boolean, observed: string, expected: string): CheckResult => {
    return { name, passed, action: actions[name as SoftCheck] ?? 'fail', observed, expected }
  }
  return [
    check(
      'file_exists',
      there && header,
      there ? (header ? 'there, with its columns' : `columns ${seen?.strange?.join(', ')}`) : 'missing',
      `columns ${columns.join(', ')}`,
    ),
    check('records_match', seen?.rows === predicted, `${seen?.rows ?? 0} rows`, `${predicted} rows`),
    check(
      'prediction_values_valid',
      seen?.wrongLabels === 0,
      rows(seen?.wrongLabels ?? predicted, seen?.firstWrongLabel),
      has('prediction') ? labels : 'the file has no such column',
    ),
    check(
      'probability_range_valid',
      seen?.outside === 0,
      rows(seen?.outside ?? predicted, seen?.firstOutside),
      ranged ? `${ranged} from 0 to 1` : 'the file has no such column',
    ),
    check(
      'no_null_predictions',
      seen?.nullPredictions === 0,
      `${seen?.nullPredictions ?? 0} blank`,
      has('prediction') ? '0 blank' : 'the file has no such column',
    ),
    check(
      'no_null_probabilities',
      seen?.nullProbabilities === 0,
      `${seen?.nullProbabilities ?? 0} blank`,
      has('probability') ? '0 blank' : 'the file has no such column',
    ),
  ]
}

/** Reads all files, those of CSV in pieces. */
async function readFiles(
  { files, columns, task, classes, shareRounding, lengths = [] }: ResultExpectation,
  read: (request: ReadBackRequest) => Promise<ReadBack>,
): Promise<ReadBack> {
  const rounding = shareRounding === undefined ? {} : { shareRounding }
  const pieces = await Promise.all(
    files.map(async (file): Promise<ReadBack[]> => {
      const { size } = await stat(file)
      if (!file.endsWith('.csv')) return [await read({ file, offset: 0, bytes: size, columns, task, classes, ...rounding })]
      const { offset, strange } = await headerOf(file, columns)
      const rows = lengths.reduce((sum, bytes) => sum + bytes, 0) === size - offset ? joined(lengths) : [size - offset]
      const starts = rows.map((_, index) => rows.slice(0, index).reduce((sum, bytes) => sum + bytes, offset))
      const found = await Promise.all(
        rows.map((bytes, index) => read({ file, offset: starts[index]!, bytes, columns, task, classes, ...rounding })),
      )
      return strange ? [{ ...NOTHING, strange }, ...found] : found
    }),
  )
  return addReadBacks(pieces.flat())
}

const NOTHING: ReadBack = { rows: 0, wrongLabels: 0, outside: 0, nullPredictions: 0, nullProbabilities: 0 }

/** So many bytes are read at once. */
const PIECE_BYTES = 16 << 20

/** Joins pieces that lie beside each other, until they are worth a task. */
function joined(lengths: readonly number[]): readonly number[] {
  const all: number[] = []
  for (const bytes of lengths) {
    if (all.length > 0 && all.at(-1)! < PIECE_BYTES) all[all.length - 1]! += bytes
    else all.push(bytes)
  }
  return all
}

/** Finds where the rows begin, and the columns that stand before them when they are not the expected ones. */
async function headerOf(
  file: string,
  columns: readonly string[],
): Promise<{ readonly offset: number; readonly strange?: readonly string[] }> {
  const expected = Buffer.from(csvLine(columns))
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(expected.length + FOUND_BYTES), 0, expected.length + FOUND_BYTES, 0)
    const found = buffer.subarray(0, bytesRead)
    if (found.subarray(0, expected.length).equals(expected)) return { offset: expected.length }
    const offset = found.indexOf('\n') + 1
    const [strange = []] = parse(found.subarray(0, offset), { relax_column_count: true, relax_quotes: true }) as string[][]
    return { offset, strange }
  } finally {
    await handle.close()
  }
}

/** Columns that are not the expected ones are looked for in so many bytes. */
const FOUND_BYTES = 1 << 16
