/** `daybreak columns` makes the start of a definition from a file. */
import { InvalidArgumentError } from 'commander'
import { command, does } from './command.js'

export const columnsCommand = command('columns')
  .description('a start for the input of a definition, inferred from files: types, ranges, blanks, candidates for the key')
  .argument('<file...>', 'a table or JSON Lines, maybe compressed with gzip; several days show what differs between them')
  .option('--delimiter <character>', "',', ';', '|' or 'tab' (default: what the header has most of)")
  .option('--encoding <name>', 'what the file is in', 'utf-8')
  .option('--no-header', 'the first line is a record')
  .option('--skip <lines>', 'lines above the header', linesNumber)
  .action(does(() => import('../actions/columns.js').then(({ columns }) => columns)))

function linesNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It is not a number of lines.')
  return Number(text)
}
