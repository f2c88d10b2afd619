/** `daybreak status` says what became of each date. */
import { Option } from 'commander'
import { command, does } from './command.js'

export const statusCommand = command('status')
  .description('a line per date: verdict, rows, attempt, report')
  .argument('[pipeline]', 'name of a pipeline; all of them without it')
  .addOption(new Option('--date <date>', 'one data date, YYYY-MM-DD').conflicts(['from', 'to']))
  .option('--from <date>', 'first data date')
  .option('--to <date>', 'last data date')
  .action(does(() => import('../actions/status.js').then(({ status }) => status)))
