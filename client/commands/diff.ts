/** `daybreak diff` says in what two attempts of a date differ. */
import { command, does } from './command.js'

export const diffCommand = command('diff')
  .description('compare two attempts of a date; exit 1 when their results differ')
  .argument('<pipeline>')
  .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
  .option('--attempts <attempts...>', 'the two, such as a001 a002; the last two with results without it')
  .action(does(() => import('../actions/diff.js').then(({ diff }) => diff)))
