/** `daybreak run` runs one data date. */
import { Option } from 'commander'
import { command, does } from './command.js'

export const runCommand = command('run')
  .description('one data date, by Temporal or in this process')
  .argument('<pipeline>', 'name of a folder in the pipelines folder')
  .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
  .option('--input <file>', 'this file, now; not there means exit 4 at once')
  .option('--rerun', 'a new attempt although one is published')
  .option('--local', 'in this process, without a server')
  .addOption(new Option('--no-wait', 'start it and do not follow').conflicts('local'))
  .action(does(() => import('../actions/run.js').then(({ run }) => run)))
