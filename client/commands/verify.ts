/** `daybreak verify` says whether a date is as it was recorded. */
import { command, does } from './command.js'

export const verifyCommand = command('verify')
  .description('recompute what was recorded of a date; exit 1 when one byte is not as it was')
  .argument('<pipeline>')
  .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
  .option('--attempt <attempt>', 'this one only; all of the date without it')
  .action(does(() => import('../actions/verify.js').then(({ verify }) => verify)))
