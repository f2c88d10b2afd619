/** What was recorded of a date is computed again. When one byte is not as it was, the command ends with 1. */
import { readSettings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { listAttempts } from '../../engine/storage/attempts.js'
import { type VerifiedAttempt, verifyDate } from '../../engine/storage/verify.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'
import { mustHaveRun } from './mustHaveRun.js'

interface VerifyOptions extends CommonOptions {
  readonly date: string
  readonly attempt?: string
}

export async function verify(pipeline: string, options: VerifyOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const { home } = readSettings(process.env, options)
  const { date, attempt } = options
  mustBeDate(date)
  await mustHaveRun(home, pipeline)
  const there = await listAttempts(home, pipeline, date)
  if (there.length === 0 || (attempt !== undefined && !there.includes(attempt))) {
    const details = [there.length > 0 ? `there is ${there.join(', ')}` : 'the date never ran']
    throw new DaybreakError('AttemptUnknown', `there is nothing to verify of ${pipeline} ${date}${attempt ? ` ${attempt}` : ''}`, {
      details,
    })
  }
  const { attempts, publications, differences } = await verifyDate(home, pipeline, date, attempt)
  const verified = differences.length === 0 && attempts.every((one) => one.differences.length === 0)
  const lines = [
    ...attempts.map(attemptText),
    ...differences.map((text) => `  ${text}`),
    verified ? `${pipeline} ${date}: everything is as it was recorded.` : `${pipeline} ${date}: not as it was recorded.`,
  ]
  output.answer({ pipeline, date, verified, attempts, publications, differences }, lines.join('\n'))
  return verified ? EXIT.done : EXIT.failed
}

function attemptText({ attempt, sealed, files, events, resultsDigest, differences }: VerifiedAttempt): string {
  if (!sealed) return [`${attempt}: not sealed`, ...differences.map((text) => `  ${text}`)].join('\n')
  const digest = resultsDigest ? `, results ${resultsDigest.slice(0, 16)}…` : ''
  const head = differences.length === 0 ? `${files} files and ${events} events as sealed${digest}` : 'differs'
  return [`${attempt}: ${head}`, ...differences.map((text) => `  ${text}`)].join('\n')
}
