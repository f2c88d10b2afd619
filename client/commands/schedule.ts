/** `daybreak schedule …` looks after what starts the days by themselves. */
import { command, commandGroup, does } from './command.js'

const load = () => import('../actions/schedule.js')

const apply = command('apply')
  .description('make the schedule what the definition asks for; prints the difference first')
  .argument('[pipeline]', 'name of a pipeline; every one that has a schedule without it')
  .option('--dry-run', 'only print the difference')
  .action(does(() => load().then(({ scheduleApply }) => scheduleApply)))

const show = command('show')
  .description('the next runs with their data dates, the last ones, and what did not start')
  .argument('[pipeline]')
  .action(does(() => load().then(({ scheduleShow }) => scheduleShow)))

const pause = command('pause')
  .description('start nothing until it is resumed; says which queued days it drops')
  .argument('<pipeline>')
  .option('--reason <text>', 'kept with the schedule')
  .action(does(() => load().then(({ schedulePause }) => schedulePause)))

const resume = command('resume')
  .description('start days again; says which were missed meanwhile')
  .argument('<pipeline>')
  .action(does(() => load().then(({ scheduleResume }) => scheduleResume)))

const trigger = command('trigger')
  .description('start a run now, behind what is queued; says which data date it means')
  .argument('<pipeline>')
  .action(does(() => load().then(({ scheduleTrigger }) => scheduleTrigger)))

const remove = command('remove')
  .description('remove the schedule; a run under way goes on')
  .argument('<pipeline>')
  .action(does(() => load().then(({ scheduleRemove }) => scheduleRemove)))

export const scheduleCommand = commandGroup('schedule', 'what starts the days by themselves, on the server', [
  apply,
  show,
  pause,
  resume,
  trigger,
  remove,
])
