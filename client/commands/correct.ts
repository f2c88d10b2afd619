/** `daybreak correct` feeds corrected rejects in again. */
import { command, does } from './command.js'

export const correctCommand = command('correct')
  .description('feed corrected rejects in again: writes a copy of the input with the corrected rows in their places')
  .argument('<pipeline>')
  .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
  .requiredOption('--rejects <file>', 'a copy of rejects.csv, corrected in its column raw; blank leaves the row out')
  .requiredOption('--output <file>', 'the new input')
  .option('--attempt <attempt>', 'whose rejects; the last that has any without it')
  .action(does(() => import('../actions/correct.js').then(({ correct }) => correct)))
