/**
 * Tries golden rows, which are rows with the answers that the model's author got. They go through contract, features and model exactly as a
 * day's rows do. So a model that runs but answers otherwise is found before any data is read.
 */
import { DaybreakError } from '../protocol/errors.js'
import type { Block } from '../table/readBlocks.js'
import type { Source } from '../table/source.js'
import { ScoreAcceptance } from './acceptScore.js'
import { compileFiller } from './fillSlots.js'
import { FirstAnswers } from './firstAnswers.js'
import { type Delimiter, type GoldenFile, openGolden } from './goldenFile.js'
import type { OpenScoring } from './openScoring.js'
import { scoreBlocks } from './scoreRows.js'

/** What to try. It is sent to threads, so it is data alone. */
export interface GoldenRequest extends GoldenFile {
  /** The most that a score may differ from the expected one, in parts of 1 or of the expected score, whichever is larger. */
  readonly tolerance: number
}

/** The error lists at most this many differences: as a rule all have one cause. */
const SHOWN = 10

/**
 * Tries golden rows and returns how many there are.
 * @param source its bytes in UTF-8 @throws GoldenRowsDiffer listing the first that differ; ModelMismatch when the model contradicts itself; InputRefused, InputUnreadable or
 * ContractBroken when the file cannot be read as a table
 */
export async function checkGolden(opened: OpenScoring, { file, date, tolerance }: GoldenRequest, source: Source = file): Promise<number> {
  const { model, definition } = opened
  const answers = new FirstAnswers(opened)
  const { batch } = answers
  const { reader, range, strict, delimiter } = await openGolden(source, definition.input, date, batch.size)
  const filler = compileFiller({ ...opened, batch }, reader.columns, date)
  const acceptance = new ScoreAcceptance(definition.model.task)
  const labels = model.classes.map(String)
  const differences: string[] = []
  let records = 0
  await scoreBlocks(batch, filler, strict, reader.read(source, range), (block, found, scores) => {
    answers.add(block, found, scores)
    records += block.count
    for (let record = 0; record < block.count; record += 1) {
      const [score, label] = [scores.score[block.slot + record]!, scores.label[block.slot + record]!]
      const [problem] = found.get(record) ?? acceptance.problems(score, label)
      const difference = problem?.reason ?? differenceOf(block, record, { score, label: labels[label] }, { tolerance, delimiter })
      if (difference !== undefined) differences.push(`line ${block.fields.lines[record]}: ${difference}`)
    }
  })
  if (differences.length > 0) throw differ(file, differences, records, tolerance)
  answers.judge('the golden rows')
  return records
}

/** Says how an answer differs from the expected one; `undefined` when it does not. */
function differenceOf(
  block: Block,
  record: number,
  { score, label }: { readonly score: number; readonly label: string | undefined },
  { tolerance, delimiter }: { readonly tolerance: number; readonly delimiter: Delimiter },
): string | undefined {
  const answer = (name: string) => {
    const found = block.columns.find((one) => one.name === name)
    return found && (String(found.value(record) ?? '') || undefined)
  }
  const [wantedScore, wantedLabel] = [answer('expected_score'), answer('expected_prediction')]
  const near = (wanted: number) => Math.abs(score - wanted) <= tolerance * Math.max(1, Math.abs(wanted))
  // Where commas do not stand between the cells they may stand in numbers.
  const numberOf = (text: string) => Number(delimiter === ',' ? text : text.replace(',', '.'))
  if (wantedScore === undefined && wantedLabel === undefined) return 'no answer is expected of it'
  if (wantedScore !== undefined && !near(numberOf(wantedScore))) return `score ${score}, expected ${wantedScore}`
  if (wantedLabel === undefined) return undefined
  // A regression has no labels: what it predicts is the score.
  const same = label === undefined ? near(numberOf(wantedLabel)) : label === wantedLabel
  return same ? undefined : `predicted ${label ?? score}, expected ${wantedLabel}`
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
