/** `daybreak arrived` and `daybreak cancel` have a word for a run that waits or works. */
import { command, does } from './command.js'

export const arrivedCommand = command('arrived')
  .description('tell a waiting run that its input is there: it looks at once')
  .argument('<pipeline>')
  .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
  .action(does(() => import('../actions/tell.js').then(({ arrived }) => arrived)))

export const cancelCommand = command('cancel')
  .description('stop a run that waits or works; it ends with a report')
  .argument('<pipeline>')
  .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
  .action(does(() => import('../actions/tell.js').then(({ cancel }) => cancel)))
