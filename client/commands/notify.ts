/** `daybreak notify test` finds out whether every channel takes what a run would send. */
import { command, commandGroup, does } from './command.js'

const test = command('test')
  .description('send one sample of every kind of message to every configured channel')
  .argument('<pipeline>', 'name of a folder in the pipelines folder')
  .action(does(() => import('../actions/notify.js').then(({ notifyTest }) => notifyTest)))

export const notifyCommand = commandGroup('notify', 'the channels of a pipeline', [test])
