/** `daybreak worker`: hosts workflows and steps until it is told to stop. */
import { access, constants, mkdir } from 'node:fs/promises'
import { DaybreakError, EXIT, systemErrorText } from '../../definition/errors.js'
import { listPipelines, loadPipeline } from '../../loader/loadPipeline.js'
import { readSettings, type Settings } from '../../loader/settings.js'
import { startWorker } from '../../worker/startWorker.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import type { CommonOptions } from '../options.js'
import { errorText, makeOutput, type Output } from '../output.js'

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
  const stop = () => {
    output.say('Stopping: running steps end or are handed on.')
    running.stop().catch(() => undefined)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  await running.ended
  return EXIT.done
}

/** One broken definition does not stop the others: it is named, and the worker goes on. */
async function sayPipelines(settings: Settings, output: Output): Promise<void> {
  for (const name of await listPipelines(settings.pipelines)) {
    try {
      const { warnings } = await loadPipeline(settings.pipelines, name)
      output.say(`Pipeline ${name}`)
      for (const warning of warnings) output.say(`  warning: ${warning}`)
    } catch (error) {
      if (!(error instanceof DaybreakError)) throw error
      output.say(`Pipeline ${name} cannot be used:\n${errorText(error)}`)
    }
  }
}

async function mustBeWritable(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true })
    await access(home, constants.W_OK)
  } catch (error) {
    throw new DaybreakError('HomeUnusable', `${home} cannot be written: ${systemErrorText(error)}`, { cause: error, place: { file: home } })
  }
}
