/** `daybreak demo` shows the product at work on sample days. */
import { command, does } from './command.js'

export const demoCommand = command('demo')
  .description('the whole product on sample days and a real Temporal dev server')
  .option('--keep', 'leave server and worker running until Ctrl-C')
  .option('--dir <folder>', 'where the demo puts its files', 'demo')
  .action(does(() => import('../actions/demo.js').then(({ demo }) => demo)))
