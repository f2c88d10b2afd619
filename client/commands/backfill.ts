/** `daybreak backfill …` runs a range of data dates, and has a word for a backfill that is going on. */
import { InvalidArgumentError, Option } from 'commander'
import { ASKS_ABOVE, BACKFILL_MODES, MOST_PARALLEL } from '../../engine/protocol/backfill.js'
import { command, commandGroup, does } from './command.js'

const load = () => import('../actions/backfill.js')

const run = command('run')
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
  .action(does(() => load().then(({ backfillRun }) => backfillRun)))

const status = command('status')
  .description('where it stands, or what became of the last one')
  .argument('<pipeline>')
  .action(does(() => load().then(({ backfillStatus }) => backfillStatus)))

const pause = command('pause')
  .description('start no further date; those under way go on')
  .argument('<pipeline>')
  .action(does(() => load().then(({ backfillPause }) => backfillPause)))

const resume = command('resume')
  .argument('<pipeline>')
  .description('go on')
  .action(does(() => load().then(({ backfillResume }) => backfillResume)))

const cancel = command('cancel')
  .description('end it')
  .argument('<pipeline>')
  .addOption(new Option('--days <what>', 'days under way: let them finish, or cancel them').choices(['finish', 'cancel']).default('finish'))
  .action(does(() => load().then(({ backfillCancel }) => backfillCancel)))

export const backfillCommand = commandGroup(
  'backfill',
  'a range of data dates: backfill <pipeline> --from D --to D',
  [run, status, pause, resume, cancel],
  run,
)

function parallelNumber(text: string): number {
  const dates = Number(text)
  if (!/^\d{1,2}$/.test(text) || dates < 1 || dates > MOST_PARALLEL)
    throw new InvalidArgumentError(`It is not a number from 1 to ${MOST_PARALLEL}.`)
  return dates
}
