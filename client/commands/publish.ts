/** `daybreak publish` goes back to an earlier attempt of a date. */
import { command, does } from './command.js'

export const publishCommand = command('publish')
  .description('go back to an earlier sealed attempt of a date: on disk, without a server')
  .argument('<pipeline>')
  .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
  .requiredOption('--attempt <attempt>', 'the attempt that readers are to see, such as a001')
  .option('--reason <text>', 'why; the record, the events and the report keep it')
  .action(does(() => import('../actions/publish.js').then(({ publish }) => publish)))
