#!/usr/bin/env node
/** The command line starts here. It lists the commands in the order of the help, and says what becomes of a wrong line. */
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { DaybreakError } from '../engine/protocol/errors.js'
import { EXIT } from '../engine/protocol/errorTable.js'
import { backfillCommand } from './commands/backfill.js'
import { checkCommand } from './commands/check.js'
import { columnsCommand } from './commands/columns.js'
import { correctCommand } from './commands/correct.js'
import { approveCommand, rejectCommand } from './commands/decide.js'
import { demoCommand } from './commands/demo.js'
import { devCommand } from './commands/dev.js'
import { diffCommand } from './commands/diff.js'
import { modelCommand } from './commands/model.js'
import { notifyCommand } from './commands/notify.js'
import { pruneCommand } from './commands/prune.js'
import { publishCommand } from './commands/publish.js'
import { runCommand } from './commands/run.js'
import { scheduleCommand } from './commands/schedule.js'
import { statusCommand } from './commands/status.js'
import { arrivedCommand, cancelCommand } from './commands/tell.js'
import { verifyCommand } from './commands/verify.js'
import { workerCommand } from './commands/worker.js'
import { makeOutput, reportError } from './terminal/output.js'

const COMMANDS = [
  demoCommand,
  devCommand,
  workerCommand,
  checkCommand,
  runCommand,
  statusCommand,
  scheduleCommand,
  backfillCommand,
  arrivedCommand,
  cancelCommand,
  notifyCommand,
  approveCommand,
  rejectCommand,
  publishCommand,
  verifyCommand,
  correctCommand,
  diffCommand,
  pruneCommand,
  modelCommand,
  columnsCommand,
]

const EXIT_CODES = `
Exit codes: 0 done · 1 failed · 2 command, definition or model wrong · 3 contract broken · 4 input missing
            5 held or refused · 6 no server or worker · 7 cancelled · 130 interrupted`

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

// A wrong command line ends with 2, as the error table says; who asks for help has made no error.
try {
  await commandLine().parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage
  // The words went to standard error; who asked for JSON gets it too.
  if (process.exitCode === EXIT.usage && process.argv.includes('--json')) {
    reportError(makeOutput(true), new DaybreakError('UsageInvalid', error.message.replace(/^error: /, '')))
  }
}

function commandLine(): Command {
  const program = new Command('daybreak')
    .description('Turns a daily file into predictions people can trust.')
    .version(version)
    .addHelpText('after', EXIT_CODES)
  for (const one of COMMANDS) program.addCommand(one)
  answerOurselves(program)
  return program
}

/** A command, and all below it, names help after an error, and throws where commander would end the process. */
function answerOurselves(command: Command): void {
  command.showHelpAfterError('(daybreak --help shows the commands)').exitOverride()
  for (const inner of command.commands) answerOurselves(inner)
}
