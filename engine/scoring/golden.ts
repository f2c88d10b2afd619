/**
 * Golden rows: rows with the answers the model's author got, sent through contract, features and model exactly as a day's rows
 * are. A model that runs but answers otherwise is found before any data is read.
 */
import { type AnyColumns, column } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import { DaybreakError } from '../protocol/errors.js'
import type { TableFormat } from '../table/format.js'
import { matchHeader, readHeader } from '../table/header.js'
import { BlockReader } from '../table/readBlocks.js'
import { planPartitions } from '../table/scanRecords.js'
import { compileFiller } from './fillSlots.js'
import type { OpenScoring } from './openScoring.js'
import { OwnLabels } from './ownLabels.js'
import { scoreBlocks, strictDecoder } from './scoreRows.js'

export interface GoldenRequest {
  readonly file: string
  readonly date: Day
  readonly tolerance: number
}

/** Columns of the golden file that hold the answers. */
const EXPECTED = ['expected_prediction', 'expected_score'] as const

/** Differences listed in the error. */
const SHOWN = 10

/** Golden rows have a header, whatever the input has: a column that is found by its place there has its own name here. */
function namedColumns(columns: AnyColumns): AnyColumns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, one]) => [name, typeof one.from === 'number' ? { ...one, from: name } : one]),
  )
}

/** Tries golden rows and returns how many there are. @throws GoldenRowsDiffer listing the first that differ; ModelMismatch when the model contradicts itself */
export async function checkGolden(opened: OpenScoring, request: GoldenRequest): Promise<number> {
  const format: TableFormat = { kind: 'csv', delimiter: ',' }
  const header = await readHeader(request.file, format)
  const answers = EXPECTED.filter((name) => header.names.includes(name))
  if (answers.length === 0) {
    throw new DaybreakError('GoldenRowsDiffer', `${request.file} has neither expected_prediction nor expected_score`, {
      place: { file: request.file },
    })
  }
  const expected = Object.fromEntries(answers.map((name) => [name, column.text({ nullable: true })]))
  const columns = { ...namedColumns(opened.definition.input.columns), ...expected }
  const { positions } = matchHeader(request.file, header, columns, format)
  const plan = await planPartitions(request.file, header, { microBatch: opened.batch.size, format })
  const strict = strictDecoder(columns, positions, request.date)
  const reader = new BlockReader({ header, format, columns, positions, date: request.date, capacity: opened.batch.size })
  const batch = opened.model.newMicroBatch({ ownLabels: true })
  const own = new OwnLabels(opened.model)
  const differences: string[] = []
  const labels = opened.model.classes.map(String)
  const filler = compileFiller({ ...opened, batch, date: request.date }, reader.columns)
  for (const range of plan.partitions) {
    const blocks = reader.read(request.file, range)
    await scoreBlocks(batch, filler, strict, blocks, (block, found, scores) => {
      own.add(block, found, scores)
      for (let index = 0; index < block.count; index += 1) {
        const line = `line ${block.fields.lines[index]}`
        const answer = (name: string) => {
          const column = block.columns.find((one) => one.name === name)
          return column && String(column.value(index) ?? '')
        }
        const problems = found.get(index) ?? []
        if (problems.length > 0) {
          differences.push(`${line}: ${problems[0]!.reason}`)
          continue
        }
        const score = scores.score[block.slot + index]!
        const label = labels.length > 0 ? labels[scores.label[block.slot + index]!] : undefined
        const wantedScore = answer('expected_score')
        const wantedLabel = answer('expected_prediction')
        if (
          wantedScore !== undefined &&
          !(Math.abs(score - Number(wantedScore)) <= request.tolerance * Math.max(1, Math.abs(Number(wantedScore))))
        ) {
          differences.push(`${line}: score ${score}, expected ${wantedScore}`)
        } else if (wantedLabel !== undefined && label !== undefined && label !== wantedLabel) {
          differences.push(`${line}: predicted ${label}, expected ${wantedLabel}`)
        }
      }
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
  own.compare('the golden rows')
  return plan.records
}
