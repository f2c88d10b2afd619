/** `daybreak arrived` and `daybreak cancel`: a word to a run that waits or works. */
import { parseDay } from '../../definition/dates.js'
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import { DaybreakError, EXIT } from '../../engine/protocol/errors.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import { cancelDay, followDay, openServer, type Server, tellArrived } from '../server/temporalRun.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'
import { resultText } from './run.js'

interface TellOptions extends CommonOptions {
  readonly date: string
}

export async function arrived(pipeline: string, options: TellOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  return await withServer(options, async (server, settings) => {
    const answer = await tellArrived(server, settings, pipeline, options.date)
    output.answer({ pipeline, date: options.date, ...answer }, answer.message)
    return answer.found ? EXIT.done : EXIT.inputMissing
  })
}

export async function cancel(pipeline: string, options: TellOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  return await withServer(options, async (server, settings) => {
    const handle = await cancelDay(server, settings, pipeline, options.date)
    const result = await followDay(server, settings, handle, () => {})
    output.answer(result, resultText(result))
    return EXIT.done
  })
}

async function withServer(options: TellOptions, work: (server: Server, settings: Settings) => Promise<number>): Promise<number> {
  const settings = readSettings(process.env, options)
  if (parseDay(options.date) === undefined) throw new DaybreakError('DateInvalid', `"${options.date}" is not a calendar day`)
  const server = await openServer(temporalTarget(process.env))
  try {
    return await work(server, settings)
  } finally {
    await server.close()
  }
}
