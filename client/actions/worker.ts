/** This process hosts workflows and steps until it is told to stop. */
import { readSettings } from '../../engine/loader/settings.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeWritable } from '../../worker/mustBeWritable.js'
import { startWorker } from '../../worker/startWorker.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import { onInterrupt } from '../terminal/interrupt.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'
import { sayPipelines } from '../terminal/sayPipelines.js'

export async function worker(options: CommonOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  await mustBeWritable(settings.home)
  await sayPipelines(settings, output)
  const target = temporalTarget(process.env)
  const running = await startWorker({ target, settings, say: (line) => output.say(line) })
  output.answer(
    { address: target.address, namespace: target.namespace, taskQueue: running.taskQueue, threads: settings.threads, home: settings.home },
    `Worker ready: ${target.address}, namespace ${target.namespace}, queue ${running.taskQueue}, ${settings.threads} scoring threads, home ${settings.home}. Ctrl-C stops it.`,
  )
  onInterrupt(() => {
    output.say('Stopping: running steps end or are handed on.')
    running.stop().catch(() => undefined)
  })
  await running.ended
  return EXIT.done
}
