/** The result of a day's run is put into words for a terminal: verdict, rows, where the files are, and what went wrong. */
import { DaybreakError } from '../../engine/protocol/errors.js'
import type { DayResult } from '../../engine/protocol/steps.js'
import { errorText } from './output.js'

export function dayResultText(result: DayResult): string {
  const { pipeline, date, attempt, verdict, accounts, problem } = result
  if (result.alreadyPublished) {
    return `${pipeline} ${date} is published already (attempt ${attempt}, ${verdict}); nothing was done. --rerun makes a new attempt.\n  report       ${result.report}`
  }
  const state = result.published ? 'published' : 'not published'
  const lines = [`${pipeline} ${date}: ${verdict}, ${state}${attempt ? ` (attempt ${attempt})` : ''}`]
  if (accounts)
    lines.push(
      `  rows         ${accounts.read} read, ${accounts.predicted} predicted, ${accounts.rejected} rejected${rejectedBy(accounts)}`,
    )
  if (result.predictions) lines.push(`  predictions  ${result.predictions}`)
  if (result.report) lines.push(`  report       ${result.report}`)
  if (result.resultsDigest) lines.push(`  digest       ${result.resultsDigest}`)
  if (problem) lines.push(errorText(DaybreakError.of(problem)))
  return lines.join('\n')
}

/** Says what the rejected rows were rejected by. */
function rejectedBy({ rejected, invalid, errors }: NonNullable<DayResult['accounts']>): string {
  return rejected === 0 || invalid === undefined ? '' : ` (${invalid} invalid, ${errors} failed in features or model)`
}
