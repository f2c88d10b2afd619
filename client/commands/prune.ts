/** `daybreak prune` removes old attempts that nobody needs. */
import { InvalidArgumentError } from 'commander'
import { command, does } from './command.js'

export const pruneCommand = command('prune')
  .description('remove old attempts; never what is published, held, running or newest of its date')
  .argument('[pipeline]', 'all pipelines without it')
  .requiredOption('--keep-days <n>', 'keep attempts that were sealed in the last n days', daysNumber)
  .option('--dry-run', 'only print what would be removed')
  .option('--yes', 'do not ask')
  .action(does(() => import('../actions/prune.js').then(({ prune }) => prune)))

function daysNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It is not a number of days.')
  return Number(text)
}
