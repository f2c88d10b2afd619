/** Somebody approves or rejects a held attempt. It happens on disk, so that it works with and without a server. */
import { userInfo } from 'node:os'
import { decideHeld } from '../../days/decideHeld.js'
import { readSettings } from '../../engine/loader/settings.js'
import type { HoldDecision } from '../../engine/protocol/documents/events.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { layout } from '../../engine/storage/layout.js'
import { publishedPredictions } from '../../engine/storage/publications.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'
import { mustHaveRun } from './mustHaveRun.js'

interface DecideOptions extends CommonOptions {
  readonly date: string
  readonly attempt?: string
  readonly reason: string
}

export const approve = (pipeline: string, options: DecideOptions) => decide('approved', pipeline, options)
export const reject = (pipeline: string, options: DecideOptions) => decide('rejected', pipeline, options)

async function decide(decision: HoldDecision['decision'], pipeline: string, options: DecideOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const { home } = readSettings(process.env, options)
  const { date, attempt } = options
  const why = options.reason.trim()
  mustBeDate(date)
  if (why === '')
    throw new DaybreakError('UsageInvalid', 'the reason is blank', { next: 'Say why with --reason: events and report keep it.' })
  await mustHaveRun(home, pipeline)
  const request = { pipeline, date, ...(attempt === undefined ? {} : { attempt }) }
  const decided = await decideHeld(home, request, { decision, by: userInfo().username, why })
  const { publication } = decided
  const state = publication ? ` and published as number ${publication.number}` : '; nothing was published'
  const report = layout.report(home, pipeline, date)
  const predictions = publication && (await publishedPredictions(home, pipeline, date))
  const text = [
    `${pipeline} ${date}: attempt ${decided.attempt} is ${decision}${state}, by ${decided.decision.by}: ${decided.decision.why}.`,
    ...(predictions ? [`  predictions  ${predictions}`] : []),
    `  report       ${report}`,
  ]
  output.answer({ pipeline, date, ...decided, ...(predictions ? { predictions } : {}), report }, text.join('\n'))
  return EXIT.done
}
