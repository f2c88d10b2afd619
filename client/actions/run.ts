/** One data date is run, by Temporal or in this process; the answer says what became of it and where the report is. */
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { readSettings } from '../../engine/loader/settings.js'
import { ERRORS, EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import type { DayRequest, DayResult } from '../../engine/protocol/steps.js'
import { dayResultText } from '../terminal/dayResultText.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'

interface RunOptions extends CommonOptions {
  readonly date: string
  readonly input?: string
  readonly rerun?: boolean
  readonly local?: boolean
  readonly wait: boolean
}

export async function run(pipeline: string, options: RunOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  mustBeDate(options.date)
  const request: DayRequest = {
    pipeline,
    date: options.date,
    kind: 'manual',
    rerun: options.rerun === true,
    requestedBy: userInfo().username,
    ...(options.input === undefined ? {} : { input: resolve(options.input) }),
  }
  // Either way of running loads much that the other does not need.
  if (options.local) {
    const { runHere } = await import('./runHere.js')
    return answer(await runHere(request, settings))
  }
  const { runByTemporal } = await import('./runByTemporal.js')
  const outcome = await runByTemporal(request, settings, output, options.wait)
  return typeof outcome === 'number' ? outcome : answer(outcome)

  function answer(result: DayResult): number {
    output.answer(result, dayResultText(result))
    return exitCodeOf(result)
  }
}

/** A result says how the command ends. A day that is published without its report and its messages is not done. */
function exitCodeOf({ problem }: DayResult): number {
  return problem ? ERRORS[problem.code].exitCode : EXIT.done
}
