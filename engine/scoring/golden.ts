/**
 * Golden rows: rows with the answers the model's author got, sent through contract, features and model exactly as a day's rows
 * are. A model that runs but answers otherwise is found before any data is read.
 */
import { type AnyColumns, column } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import { DaybreakError } from '../protocol/errors.js'
import { namedColumns } from '../table/format.js'
import { matchHeader, readHeader, recordsBehind } from '../table/header.js'
import { type Block, BlockReader } from '../table/readBlocks.js'
import { ScoreAcceptance } from './acceptScore.js'
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

/** Tries golden rows and returns how many there are. @throws GoldenRowsDiffer listing the first that differ; ModelMismatch when the model contradicts itself */
export async function checkGolden(opened: OpenScoring, { file, date, tolerance }: GoldenRequest): Promise<number> {
  const { model, definition } = opened
  const batch = model.newMicroBatch({ ownLabels: true })
  const { reader, range, strict } = await openGolden(file, definition.input.columns, date, batch.size)
  const filler = compileFiller({ ...opened, batch }, reader.columns, date)
  const own = new OwnLabels(model)
  const acceptance = new ScoreAcceptance(definition.model.task)
  const labels = model.classes.map(String)
  const differences: string[] = []
  let records = 0
  await scoreBlocks(batch, filler, strict, reader.read(file, range), (block, found, scores) => {
    own.add(block, found, scores)
    records += block.count
    for (let record = 0; record < block.count; record += 1) {
      const [score, label] = [scores.score[block.slot + record]!, scores.label[block.slot + record]!]
      const [problem] = found.get(record) ?? acceptance.problems(score, label)
      const difference = problem?.reason ?? differenceOf(block, record, { score, label: labels[label] }, tolerance)
      if (difference !== undefined) differences.push(`line ${block.fields.lines[record]}: ${difference}`)
    }
  })
  if (differences.length > 0) throw differ(file, differences, records, tolerance)
  own.compare('the golden rows')
  return records
}

/** What reads the rows of a golden file: the contract's columns, each by its name, and the answers beside them. */
async function openGolden(file: string, contract: AnyColumns, date: Day, capacity: number) {
  const format = { kind: 'csv', delimiter: ',' } as const
  const header = await readHeader(file, format)
  const answers = EXPECTED.filter((name) => header.names.includes(name))
  if (answers.length === 0) {
    throw new DaybreakError('GoldenRowsDiffer', `${file} has neither expected_prediction nor expected_score`, { place: { file } })
  }
  const expected = Object.fromEntries(answers.map((name) => [name, column.text({ nullable: true })]))
  const columns = { ...namedColumns(contract, 'places'), ...expected }
  const { positions } = matchHeader(file, header, columns, format)
  return {
    reader: new BlockReader({ header, format, columns, positions, date, capacity }),
    range: await recordsBehind(file, header),
    strict: strictDecoder(columns, positions, date),
  }
}

/** How an answer differs from the expected one, if it does. */
function differenceOf(
  block: Block,
  record: number,
  { score, label }: { readonly score: number; readonly label: string | undefined },
  tolerance: number,
): string | undefined {
  const answer = (name: string) => {
    const found = block.columns.find((one) => one.name === name)
    return found && String(found.value(record) ?? '')
  }
  const [wantedScore, wantedLabel] = [answer('expected_score'), answer('expected_prediction')]
  const near = (wanted: number) => Math.abs(score - wanted) <= tolerance * Math.max(1, Math.abs(wanted))
  if (wantedScore !== undefined && !near(Number(wantedScore))) return `score ${score}, expected ${wantedScore}`
  if (wantedLabel !== undefined && label !== undefined && label !== wantedLabel) return `predicted ${label}, expected ${wantedLabel}`
  return undefined
}

function differ(file: string, differences: readonly string[], records: number, tolerance: number): DaybreakError {
  const shown = differences.slice(0, SHOWN)
  const more = differences.length - shown.length
  const message = `${differences.length} of ${records} golden rows are answered differently (tolerance ${tolerance})`
  return new DaybreakError('GoldenRowsDiffer', message, {
    details: more > 0 ? [...shown, `and ${more} more`] : shown,
    place: { file },
  })
}
