/** A run that waits or works is told that its input has arrived, or that it should stop. */
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { followDay } from '../server/followDay.js'
import { cancelDay, tellArrived } from '../server/liveDay.js'
import { withServer } from '../server/withServer.js'
import { dayResultText } from '../terminal/dayResultText.js'
import type { CommonOptions } from '../terminal/options.js'

interface TellOptions extends CommonOptions {
  readonly date: string
}

export async function arrived(pipeline: string, options: TellOptions): Promise<number> {
  const { date } = options
  mustBeDate(date)
  return await withServer(options, async (server, settings, output) => {
    const answer = await tellArrived(server, settings, pipeline, date)
    output.answer({ pipeline, date, ...answer }, answer.message)
    return answer.found ? EXIT.done : EXIT.inputMissing
  })
}

export async function cancel(pipeline: string, options: TellOptions): Promise<number> {
  mustBeDate(options.date)
  return await withServer(options, async (server, settings, output) => {
    const handle = await cancelDay(server, settings, pipeline, options.date)
    const result = await followDay(server, settings, handle, () => {})
    output.answer(result, dayResultText(result))
    return EXIT.done
  })
}
