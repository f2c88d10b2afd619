/** `daybreak worker` hosts workflows and steps. */
import { command, does } from './command.js'

export const workerCommand = command('worker')
  .description('the worker: waits for runs and does their steps')
  .action(does(() => import('../actions/worker.js').then(({ worker }) => worker)))
