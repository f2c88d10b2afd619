/** `daybreak check` says whether a pipeline can run, and whether a file keeps its contract. */
import { command, does } from './command.js'

export const checkCommand = command('check')
  .description('definition, model and, given a file, its contract: no scoring, no server')
  .argument('<pipeline>', 'name of a folder in the pipelines folder')
  .option('--input <file>', 'check this file too')
  .option('--date <date>', 'data date for the checks, YYYY-MM-DD; by default from the file name, or 9999-12-31')
  .action(does(() => import('../actions/check.js').then(({ check }) => check)))
