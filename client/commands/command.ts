/**
 * What all commands share: the options that each has, and what happens when one is called. Its action is loaded only then, so that
 * asking for help or the version loads none of them; what an action throws becomes words and an exit code.
 */
import { Command } from 'commander'
import { asDaybreakError } from '../../engine/protocol/errors.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, reportError } from '../terminal/output.js'

/** Takes the arguments in the order of their declaration, then the options. Answers the exit code. */
type Action = (...args: never[]) => Promise<number>

/** A command that does something. */
export function command(name: string): Command {
  return new Command(name)
    .option('--json', 'one JSON document on standard output')
    .option('--pipelines <folder>', 'where the pipelines are (default: DAYBREAK_PIPELINES or ./pipelines)')
    .option('--home <folder>', 'where the output is (default: DAYBREAK_HOME or ./output)')
}

/** A word that stands before several commands. @param usual the one that is meant when none is named */
export function group(name: string, description: string, commands: readonly Command[], usual?: Command): Command {
  const all = new Command(name).description(description)
  for (const one of commands) all.addCommand(one, { isDefault: one === usual })
  return all
}

/** Does what a command is for once it is called. */
export function does(load: () => Promise<Action>): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const called = args.pop() as Command
    try {
      const action = (await load()) as (...args: unknown[]) => Promise<number>
      process.exitCode = await action(...args)
    } catch (error) {
      const known = asDaybreakError(error)
      process.exitCode = reportError(makeOutput(called.opts<CommonOptions>().json === true), known)
      if (known.code === 'Unexpected' && process.env.DAYBREAK_DEBUG)
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    }
  }
}
