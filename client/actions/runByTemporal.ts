/** A date is run by Temporal: its run is started or joined, then followed, unless nobody wants to wait for it. */
import type { Settings } from '../../engine/loader/settings.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import type { DayRequest, DayResult } from '../../engine/protocol/steps.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import { hasPollers } from '../server/dayWorker.js'
import { followDay } from '../server/followDay.js'
import { openServer } from '../server/openServer.js'
import { startDay } from '../server/startDay.js'
import { onInterrupt } from '../terminal/interrupt.js'
import type { Output } from '../terminal/output.js'
import { makeProgress } from '../terminal/progress.js'

/** @returns the result, or the exit code when the run goes on without us: then `output` has been told so */
export async function runByTemporal(request: DayRequest, settings: Settings, output: Output, wait: boolean): Promise<DayResult | number> {
  const { pipeline, date } = request
  const server = await openServer(temporalTarget(process.env))
  const progress = makeProgress(process.stderr)
  try {
    const { handle, joined } = await startDay(server, settings, request)
    const { workflowId } = handle
    const named = `${pipeline} ${date}`
    if (joined) output.say(`${named} is running already: following that run.`)
    if (!wait) {
      const worker = await hasPollers(server, settings)
      const text = `Started ${named}. ${lookAt(request)}${worker ? '' : '\nNo worker is there; the run stays queued.'}`
      output.answer({ pipeline, date, workflowId, joined, worker }, text)
      return worker ? EXIT.done : EXIT.noServer
    }
    const stop = new AbortController()
    const interrupted = new Promise<'interrupted'>((settle) =>
      onInterrupt(() => {
        settle('interrupted')
        stop.abort()
      }),
    )
    const following = followDay(server, settings, handle, (step) => progress.show(step), stop.signal)
    const result = await Promise.race([following, interrupted])
    progress.end()
    if (result !== 'interrupted') return result
    output.answer({ pipeline, date, workflowId, followed: false }, `Not following any more; ${named} goes on. ${lookAt(request)}`)
    return EXIT.interrupted
  } finally {
    progress.end()
    await server.close()
  }
}

function lookAt({ pipeline, date }: DayRequest): string {
  return `Look with: daybreak status ${pipeline} --date ${date}`
}
