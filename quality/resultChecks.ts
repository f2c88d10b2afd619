/**
 * The result checks: the predictions file is read back from disk, as its readers will read it, and held against what was counted.
 * The six names are those of the job we replace.
 */
import type { CheckResult } from '../definition/records.js'
import type { RuleAction, SoftCheck } from '../definition/rules.js'
import { hasProbability, type Label, type Task } from '../definition/tasks.js'
import { exists } from '../storage/fileSystem.js'
import { readPredictions } from './readPredictions.js'

export interface ResultExpectation {
  /** The predictions files, in record order. */
  readonly files: readonly string[]
  /** Columns it must have, in order. */
  readonly columns: readonly string[]
  readonly predicted: number
  readonly task: Task
  readonly classes: readonly Label[]
  /** What a check does that does not pass. @default 'fail' */
  readonly actions?: Readonly<Partial<Record<SoftCheck, RuleAction>>>
}

interface ReadBack {
  /** Columns that are not the expected ones. */
  strange: readonly string[] | undefined
  rows: number
  wrongLabels: number
  outside: number
  nullPredictions: number
  nullProbabilities: number
  firstWrongLabel: string | undefined
  firstOutside: string | undefined
}

/** Reads the predictions back and checks them. Bounded memory. */
export async function checkPredictions(expectation: ResultExpectation): Promise<readonly CheckResult[]> {
  const { files, columns, predicted, task, classes, actions = {} } = expectation
  const there = (await Promise.all(files.map(exists))).every(Boolean)
  const seen = there ? await readBack(expectation) : undefined
  const header = seen !== undefined && seen.strange === undefined
  const has = (column: string) => columns.includes(column)
  const ranged = hasProbability(task) ? ['probability', 'score'].filter(has).join(' and ') : ''
  const labels = task.kind === 'regression' ? 'a number' : `one of ${classes.join(', ')}`
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

async function readBack({ files, columns, task, classes }: ResultExpectation): Promise<ReadBack> {
  const at = (column: string) => columns.indexOf(column)
  const [prediction, probability] = [at('prediction'), at('probability')]
  const ranged = !hasProbability(task) ? [] : [probability, at('score')].filter((index) => index >= 0)
  const labels = new Set(classes.map(String))
  const seen: ReadBack = {
    strange: undefined,
    rows: 0,
    wrongLabels: 0,
    outside: 0,
    nullPredictions: 0,
    nullProbabilities: 0,
    firstWrongLabel: undefined,
    firstOutside: undefined,
  }
  const valid = (text: string) => (task.kind === 'regression' ? text !== '' && Number.isFinite(Number(text)) : labels.has(text))
  const withHeader = new Set<string>()
  const rows = readPredictions(files, (found, file) => {
    withHeader.add(file)
    if (found.join(',') !== columns.join(',')) seen.strange ??= found
  })
  for await (const cells of rows) {
    seen.rows += 1
    if (prediction >= 0) {
      const text = cells[prediction] ?? ''
      if (text === '') seen.nullPredictions += 1
      if (!valid(text)) {
        seen.wrongLabels += 1
        seen.firstWrongLabel ??= text
      }
    }
    if (probability >= 0 && (cells[probability] ?? '') === '') seen.nullProbabilities += 1
    for (const index of ranged) {
      const value = Number(cells[index])
      if (!(value >= 0 && value <= 1)) {
        seen.outside += 1
        seen.firstOutside ??= cells[index] ?? ''
      }
    }
  }
  // A file of JSON Lines without rows names no columns.
  if (files.some((file) => file.endsWith('.csv') && !withHeader.has(file))) seen.strange ??= []
  return seen
}
