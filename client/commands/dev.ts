/** `daybreak dev` runs a laptop's whole installation in one process. */
import { InvalidArgumentError } from 'commander'
import { command, does } from './command.js'

export const devCommand = command('dev')
  .description("a laptop's whole installation in one process: Temporal dev server with its UI, worker, schedules, inbox; Ctrl-C stops all")
  .option('--port <port>', 'of the Temporal server on loopback', portNumber, 7233)
  .option('--ui-port <port>', 'of its web UI (default: 1000 above --port, or any that is free)', portNumber)
  .action(does(() => import('../actions/dev.js').then(({ dev }) => dev)))

function portNumber(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('It is not a port from 1 to 65535.')
  return port
}
