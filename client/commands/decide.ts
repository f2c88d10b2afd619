/** `daybreak approve` and `daybreak reject` take somebody's word on a held attempt. */
import { command, does } from './command.js'

const load = () => import('../actions/decide.js')

export const approveCommand = onHeld('approve', 'publish a held attempt').action(does(() => load().then(({ approve }) => approve)))
export const rejectCommand = onHeld('reject', 'keep a held attempt from being published').action(
  does(() => load().then(({ reject }) => reject)),
)

function onHeld(word: string, what: string) {
  return command(word)
    .description(`${what}: on disk, with or without a server`)
    .argument('<pipeline>')
    .requiredOption('--date <date>', 'data date, YYYY-MM-DD')
    .requiredOption('--reason <text>', 'why; the events and the report keep it')
    .option('--attempt <attempt>', 'which one, when several attempts of the date wait')
}
