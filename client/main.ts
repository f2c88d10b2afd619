#!/usr/bin/env node
/** The command line: what each command takes. What it does is in `commands/`, loaded only when it is called. */
import { createRequire } from 'node:module'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { ASKS_ABOVE, BACKFILL_MODES, MOST_PARALLEL } from '../engine/protocol/backfill.js'
import { asDaybreakError, DaybreakError, EXIT } from '../engine/protocol/errors.js'
import type { CommonOptions } from './terminal/options.js'
import { makeOutput, reportError } from './terminal/output.js'

type Action = (...args: never[]) => Promise<number>

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

function build(): Command {
  const program = new Command('daybreak')
  program
    .description('Turns a daily file into predictions people can trust.')
    .version(version)
    .showHelpAfterError('(daybreak --help shows the commands)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done · 1 failed · 2 command, definition or model wrong · 3 contract broken · 4 input missing\n            5 held or refused · 6 no server or worker · 7 cancelled · 130 interrupted',
    )

  common(program.command('demo'))
    .description('the whole product on sample days and a real Temporal dev server')
    .option('--keep', 'leave server and worker running until Ctrl-C')
    .option('--dir <folder>', 'where the demo puts its files', 'demo')
    .action(run(() => import('./commands/demo.js').then(({ demo }) => demo)))

  common(program.command('dev'))
    .description(
      "a laptop's whole installation in one process: Temporal dev server with its UI, worker, schedules, inbox; Ctrl-C stops all",
    )
    .option('--port <port>', 'of the Temporal server on loopback', portNumber, 7233)
    .option('--ui-port <port>', 'of its web UI (default: 1000 above --port, or any that is free)', portNumber)
    .action(run(() => import('./commands/dev.js').then(({ dev }) => dev)))

  common(program.command('worker'))
    .description('the worker: waits for runs and does their steps')
    .action(run(() => import('./commands/worker.js').then(({ worker }) => worker)))

  common(program.command('check'))
    .description('definition, model and, given a file, its contract: no scoring, no server')
    .argument('<pipeline>', 'name of a folder in the pipelines folder')
    .option('--input <file>', 'check this file too')
    .option('--date <date>', 'data date for the checks, YYYY-MM-DD; by default from the file name, or 9999-12-31')
    .action(run(() => import('./commands/check.js').then(({ check }) => check)))

  common(program.command('run'))
    .description('one data date, by Temporal or in this process')
    .argument('<pipeline>', 'name of a folder in the pipelines folder')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .option('--input <file>', 'this file, now; not there means exit 4 at once')
    .option('--rerun', 'a new attempt although one is published')
    .option('--local', 'in this process, without a server')
    .addOption(new Option('--no-wait', 'start it and do not follow').conflicts('local'))
    .action(run(() => import('./commands/run.js').then(({ runDay }) => runDay)))

  common(program.command('status'))
    .description('a line per date: verdict, rows, attempt, report')
    .argument('[pipeline]', 'name of a pipeline; all of them without it')
    .addOption(new Option('--date <date>', 'one data date, YYYY-MM-DD').conflicts(['from', 'to']))
    .option('--from <date>', 'first data date')
    .option('--to <date>', 'last data date')
    .action(run(() => import('./commands/status.js').then(({ status }) => status)))

  const schedule = program.command('schedule').description('what starts the days by themselves, on the server')
  common(schedule.command('apply'))
    .description('make the schedule what the definition asks for; prints the difference first')
    .argument('[pipeline]', 'name of a pipeline; every one that has a schedule without it')
    .option('--dry-run', 'only print the difference')
    .action(run(() => import('./commands/schedule.js').then(({ apply }) => apply)))
  common(schedule.command('show'))
    .description('the next runs with their data dates, the last ones, and what did not start')
    .argument('[pipeline]')
    .action(run(() => import('./commands/schedule.js').then(({ show }) => show)))
  common(schedule.command('pause'))
    .description('start nothing until it is resumed; says which queued days it drops')
    .argument('<pipeline>')
    .option('--reason <text>', 'kept with the schedule')
    .action(run(() => import('./commands/schedule.js').then(({ pause }) => pause)))
  common(schedule.command('resume'))
    .description('start days again; says which were missed meanwhile')
    .argument('<pipeline>')
    .action(run(() => import('./commands/schedule.js').then(({ resume }) => resume)))
  common(schedule.command('trigger'))
    .description('start a run now, behind what is queued; says which data date it means')
    .argument('<pipeline>')
    .action(run(() => import('./commands/schedule.js').then(({ trigger }) => trigger)))
  common(schedule.command('remove'))
    .description('remove the schedule; a run under way goes on')
    .argument('<pipeline>')
    .action(run(() => import('./commands/schedule.js').then(({ remove }) => remove)))

  const backfill = program.command('backfill').description('a range of data dates: backfill <pipeline> --from D --to D')
  common(backfill.command('run', { isDefault: true }))
    .description('plan the range, say why for each date, and run it; "run" may be left out')
    .argument('<pipeline>')
    .requiredOption('--from <date>', 'first data date, YYYY-MM-DD')
    .requiredOption('--to <date>', 'last data date')
    .addOption(
      new Option('--mode <mode>', 'missing: never ran; failed: ran and shows nothing; stale: input, definition or model changed; all')
        .choices(BACKFILL_MODES)
        .default('missing'),
    )
    .option('--parallel <n>', 'dates at once', parallelNumber, 2)
    .addOption(new Option('--order <order>', 'which end comes first').choices(['oldest', 'newest']).default('oldest'))
    .option('--dry-run', 'only print the plan')
    .option('--yes', `do not ask above ${ASKS_ABOVE} dates`)
    .option('--no-wait', 'start it and do not follow')
    .action(run(() => import('./commands/backfill.js').then((commands) => commands.backfill)))
  common(backfill.command('status'))
    .description('where it stands, or what became of the last one')
    .argument('<pipeline>')
    .action(run(() => import('./commands/backfill.js').then((commands) => commands.status)))
  common(backfill.command('pause'))
    .description('start no further date; those under way go on')
    .argument('<pipeline>')
    .action(run(() => import('./commands/backfill.js').then((commands) => commands.pause)))
  common(backfill.command('resume'))
    .argument('<pipeline>')
    .description('go on')
    .action(run(() => import('./commands/backfill.js').then((commands) => commands.resume)))
  common(backfill.command('cancel'))
    .description('end it')
    .argument('<pipeline>')
    .addOption(
      new Option('--days <what>', 'days under way: let them finish, or cancel them').choices(['finish', 'cancel']).default('finish'),
    )
    .action(run(() => import('./commands/backfill.js').then((commands) => commands.cancel)))

  common(program.command('arrived'))
    .description('tell a waiting run that its input is there: it looks at once')
    .argument('<pipeline>')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .action(run(() => import('./commands/tell.js').then(({ arrived }) => arrived)))

  common(program.command('cancel'))
    .description('stop a run that waits or works; it ends with a report')
    .argument('<pipeline>')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .action(run(() => import('./commands/tell.js').then(({ cancel }) => cancel)))

  const notify = program.command('notify').description('the channels of a pipeline')
  common(notify.command('test'))
    .description('send one sample of every kind of message to every configured channel')
    .argument('<pipeline>', 'name of a folder in the pipelines folder')
    .action(run(() => import('./commands/notify.js').then(({ notifyTest }) => notifyTest)))

  for (const [word, what] of [
    ['approve', 'publish a held attempt'],
    ['reject', 'keep a held attempt from being published'],
  ] as const) {
    common(program.command(word))
      .description(`${what}: on disk, with or without a server`)
      .argument('<pipeline>')
      .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
      .requiredOption('--reason <text>', 'why; the events and the report keep it')
      .option('--attempt <attempt>', 'which one, when several attempts of the date wait')
      .action(run(() => import('./commands/decide.js').then((commands) => commands[word])))
  }

  common(program.command('publish'))
    .description('go back to an earlier sealed attempt of a date: on disk, without a server')
    .argument('<pipeline>')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .requiredOption('--attempt <attempt>', 'the attempt that readers are to see, such as a001')
    .option('--reason <text>', 'why; the record, the events and the report keep it')
    .action(run(() => import('./commands/publish.js').then(({ publish }) => publish)))

  common(program.command('verify'))
    .description('recompute what was recorded of a date; exit 1 when one byte is not as it was')
    .argument('<pipeline>')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .option('--attempt <attempt>', 'this one only; all of the date without it')
    .action(run(() => import('./commands/verify.js').then((commands) => commands.verify)))

  common(program.command('correct'))
    .description('feed corrected rejects in again: writes a copy of the input with the corrected rows in their places')
    .argument('<pipeline>')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .requiredOption('--rejects <file>', 'a copy of rejects.csv, corrected in its column raw; blank leaves the row out')
    .requiredOption('--output <file>', 'the new input')
    .option('--attempt <attempt>', 'whose rejects; the last that has any without it')
    .action(run(() => import('./commands/correct.js').then((commands) => commands.correct)))

  common(program.command('diff'))
    .description('compare two attempts of a date; exit 1 when their results differ')
    .argument('<pipeline>')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .option('--attempts <attempts...>', 'the two, such as a001 a002; the last two with results without it')
    .action(run(() => import('./commands/diff.js').then((commands) => commands.diff)))

  common(program.command('prune'))
    .description('remove old attempts; never what is published, held, running or newest of its date')
    .argument('[pipeline]', 'all pipelines without it')
    .requiredOption('--keep-days <n>', 'keep attempts that were sealed in the last n days', daysNumber)
    .option('--dry-run', 'only print what would be removed')
    .option('--yes', 'do not ask')
    .action(run(() => import('./commands/prune.js').then((commands) => commands.prune)))

  common(program.command('model'))
    .description('what a model is: inputs, outputs, classes, producer, repairs, whether and how it can be used')
    .argument('<file>', 'an ONNX file')
    .action(run(() => import('./commands/model.js').then(({ model }) => model)))

  common(program.command('columns'))
    .description('a start for the input of a definition, inferred from a file: types, ranges, blanks, candidates for the key')
    .argument('<file>', 'a table or JSON Lines, maybe compressed with gzip')
    .option('--delimiter <character>', "',', ';', '|' or 'tab' (default: what the header has most of)")
    .option('--encoding <name>', 'what the file is in', 'utf-8')
    .option('--no-header', 'the first line is a record')
    .option('--skip <lines>', 'lines above the header', linesNumber)
    .action(run(() => import('./commands/columns.js').then(({ columns }) => columns)))
  return program
}

function linesNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It is not a number of lines.')
  return Number(text)
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('It is not a port from 1 to 65535.')
  return port
}

function daysNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It is not a number of days.')
  return Number(text)
}

function parallelNumber(text: string): number {
  const dates = Number(text)
  if (!/^\d{1,2}$/.test(text) || dates < 1 || dates > MOST_PARALLEL)
    throw new InvalidArgumentError(`It is not a number from 1 to ${MOST_PARALLEL}.`)
  return dates
}

function common(command: Command): Command {
  return command
    .option('--json', 'one JSON document on standard output')
    .option('--pipelines <folder>', 'where the pipelines are (default: DAYBREAK_PIPELINES or ./pipelines)')
    .option('--home <folder>', 'where the output is (default: DAYBREAK_HOME or ./output)')
}

/** A command's action: loads it, runs it, turns what it throws into words and an exit code. */
function run(load: () => Promise<Action>): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.pop() as Command
    try {
      const action = (await load()) as (...args: unknown[]) => Promise<number>
      process.exitCode = await action(...args)
    } catch (error) {
      const known = asDaybreakError(error)
      process.exitCode = reportError(makeOutput(command.opts<CommonOptions>().json === true), known)
      if (known.code === 'Unexpected' && process.env.DAYBREAK_DEBUG)
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    }
  }
}

/** A command and all below it throw where commander would end the process. */
function throwOnExit(command: Command): void {
  command.exitOverride()
  for (const inner of command.commands) throwOnExit(inner)
}

/** A wrong command line is exit 2, as the error table says; asking for help is no error. */
try {
  const program = build()
  throwOnExit(program)
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage
  // Words went to standard error; who asked for JSON gets it too.
  if (process.exitCode === EXIT.usage && process.argv.includes('--json')) {
    reportError(makeOutput(true), new DaybreakError('UsageInvalid', error.message.replace(/^error: /, '')))
  }
}
