/**
 * All commands share some options and the way they are called. The action of a command is loaded when it is called, so that whoever
 * asks for help or the version waits for none of them; what an action throws becomes words and an exit code.
 */
import { Command } from 'commander'
import { asDaybreakError } from '../../engine/protocol/errors.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, reportError } from '../terminal/output.js'

/** An action takes the arguments in the order of their declaration, then the options. It answers with the exit code. */
type Action = (...args: never[]) => Promise<number>

/** Makes a command that does something, with the options that every one has. */
export function command(name: string): Command {
  return new Command(name)
    .option('--json', 'one JSON document on standard output')
    .option('--pipelines <folder>', 'where the pipelines are (default: DAYBREAK_PIPELINES or ./pipelines)')
    .option('--home <folder>', 'where the output is (default: DAYBREAK_HOME or ./output)')
}

/** Makes a word that stands before several commands. @param usual the one that is meant when none is named */
export function commandGroup(name: string, description: string, commands: readonly Command[], usual?: Command): Command {
  const all = new Command(name).description(description)
  for (const one of commands) all.addCommand(one, { isDefault: one === usual })
  return all
}

/** Makes the handler of a command: it loads the action, runs it, and sets the exit code of the process. */
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
