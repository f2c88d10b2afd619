/** Readers of a date go back to an earlier sealed attempt. It happens on disk, so that it needs no server. */
import { userInfo } from 'node:os'
import { publishAgain } from '../../days/publishAgain.js'
import { readSettings } from '../../engine/loader/settings.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { layout } from '../../engine/storage/layout.js'
import { publishedPredictions } from '../../engine/storage/publications.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'
import { mustHaveRun } from './mustHaveRun.js'

interface PublishOptions extends CommonOptions {
  readonly date: string
  readonly attempt: string
  readonly reason?: string
}

export async function publish(pipeline: string, options: PublishOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const { home } = readSettings(process.env, options)
  const { date, attempt } = options
  mustBeDate(date)
  await mustHaveRun(home, pipeline)
  const why = options.reason?.trim() || 'no reason given'
  const { publication, before, changed } = await publishAgain(home, { pipeline, date, attempt }, { by: userInfo().username, why })
  const places = {
    predictions: await publishedPredictions(home, pipeline, date),
    report: layout.report(home, pipeline, date),
  }
  const named = `${pipeline} ${date}: attempt ${attempt}`
  const was = before ? `; before it was ${before.attempt} (number ${before.number})` : ''
  const text = changed
    ? `${named} is published now as number ${publication.number}, by ${publication.by}: ${publication.why}${was}.`
    : `${named} is published already (number ${publication.number}, ${publication.at}).`
  output.answer(
    { pipeline, date, attempt, changed, publication, ...(before && changed ? { before } : {}), ...places },
    `${text}\n  predictions  ${places.predictions}\n  report       ${places.report}`,
  )
  return EXIT.done
}
