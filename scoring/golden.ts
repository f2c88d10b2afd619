/**
 * Golden rows: rows with the answers the model's author got, sent through contract, features and model exactly as a day's rows
 * are. A model that runs but answers otherwise is found before any data is read.
 */
import type { AnyColumns } from '../definition/columns.js'
import type { Day } from '../definition/dates.js'
import { DaybreakError } from '../definition/errors.js'
import { compileDecoder } from '../table/decode.js'
import type { TableFormat } from '../table/format.js'
import { matchHeader, readHeader } from '../table/header.js'
import { readRows } from '../table/readRows.js'
import { planPartitions } from '../table/records.js'
import type { OpenScoring } from './openScoring.js'
import { scoreRows } from './scoreRows.js'

export interface GoldenRequest {
  readonly file: string
  readonly date: Day
  readonly tolerance: number
}

/** Differences listed in the error. */
const SHOWN = 10

/** Golden rows have a header, whatever the input has: a column that is found by its place there has its own name here. */
function namedColumns(columns: AnyColumns): AnyColumns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, typeof column.from === 'number' ? { ...column, from: name } : column]),
  )
}

/** Tries golden rows and returns how many there are. @throws GoldenRowsDiffer listing the first that differ */
export async function checkGolden(opened: OpenScoring, request: GoldenRequest): Promise<number> {
  const format: TableFormat = { kind: 'csv', delimiter: ',' }
  const header = await readHeader(request.file, format)
  const columns = namedColumns(opened.definition.input.columns)
  const { positions } = matchHeader(request.file, header, columns, format)
  const expected = { prediction: header.names.indexOf('expected_prediction'), score: header.names.indexOf('expected_score') }
  if (expected.prediction < 0 && expected.score < 0) {
    throw new DaybreakError('GoldenRowsDiffer', `${request.file} has neither expected_prediction nor expected_score`, {
      place: { file: request.file },
    })
  }
  const plan = await planPartitions(request.file, header, { microBatch: opened.batch.size, format })
  const decoder = compileDecoder(columns, positions, request.date, {})
  const differences: string[] = []
  const labels = opened.model.classes.map(String)
  for (const range of plan.partitions) {
    await scoreRows({ ...opened, date: request.date }, decoder, readRows(request.file, range, header, format), (slots, scores) => {
      slots.forEach(({ row, problems }, index) => {
        const line = `line ${row.line}`
        const cell = (at: number) => (at < 0 ? undefined : row.cells?.[at])
        if (problems.length > 0) {
          differences.push(`${line}: ${problems[0]!.reason}`)
          return
        }
        const score = scores.score[index]!
        const label = labels.length > 0 ? labels[scores.label[index]!] : undefined
        const wantedScore = cell(expected.score)
        const wantedLabel = cell(expected.prediction)
        if (
          wantedScore !== undefined &&
          !(Math.abs(score - Number(wantedScore)) <= request.tolerance * Math.max(1, Math.abs(Number(wantedScore))))
        ) {
          differences.push(`${line}: score ${score}, expected ${wantedScore}`)
        } else if (wantedLabel !== undefined && label !== undefined && label !== wantedLabel) {
          differences.push(`${line}: predicted ${label}, expected ${wantedLabel}`)
        }
      })
    })
  }
  if (differences.length > 0) {
    const shown = differences.slice(0, SHOWN)
    const more = differences.length - shown.length
    throw new DaybreakError(
      'GoldenRowsDiffer',
      `${differences.length} of ${plan.records} golden rows are answered differently (tolerance ${request.tolerance})`,
      {
        details: more > 0 ? [...shown, `and ${more} more`] : shown,
        place: { file: request.file },
      },
    )
  }
  return plan.records
}
