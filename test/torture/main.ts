/** `npm run torture`: the long form, with a line for each trial and a summary. Exit 1 when anything was not as it should be. */
import { parseArgs } from 'node:util'
import { startDevServer } from '../../worker/dev/devServer.js'
import { FORMS, type Form, MODES, type Mode, type Trial, torture } from './torture.js'

const HELP = `npm run torture -- [options]
  --kills N      how many (default 200)
  --seed S       which (default 1); the same seed gives the same kills
  --parallel P   trials at once (default 2)
  --mode M       ${MODES.join(', ')} or all (default all)
  --form F       ${FORMS.join(', ')} or all (default all)
  --only N       only the trial of this number`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    parallel: { type: 'string', default: '2' },
    mode: { type: 'string', default: 'all' },
    form: { type: 'string', default: 'all' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
})

if (values.help) process.stdout.write(`${HELP}\n`)
else process.exitCode = await main()

async function main(): Promise<number> {
  const modes = MODES.filter((mode): mode is Mode => values.mode === 'all' || values.mode === mode)
  const forms = FORMS.filter((form): form is Form => values.form === 'all' || values.form === form)
  const [kills, seed, parallel] = [Number(values.kills), Number(values.seed), Number(values.parallel)]
  if (
    modes.length === 0 ||
    forms.length === 0 ||
    ![kills, seed, parallel].every((number) => Number.isInteger(number) && number >= 0) ||
    parallel < 1
  ) {
    process.stderr.write(`${HELP}\n`)
    return 2
  }
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const server = await startDevServer({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) })
  try {
    const trials = await torture({
      kills,
      seed,
      parallel,
      modes,
      forms,
      address: server.address,
      signal: stop.signal,
      onTrial: (trial, _done, sofar) => show(trial, sofar, kills),
      ...(values.only ? { only: Number(values.only) } : {}),
    })
    process.stdout.write(`${summary(trials, seed)}\n`)
    return trials.some(({ problems }) => problems.length > 0) ? 1 : 0
  } finally {
    await server.stop()
  }
}

function show({ number, mode, form, kills, endedMs, problems }: Trial, sofar: number, all: number): void {
  const state = problems.length === 0 ? `fine, over after ${(endedMs / 1000).toFixed(1)} s` : `WRONG: ${problems.join('; ')}`
  const line = `${sofar}/${all} kills  trial ${number}  ${mode}, ${form}  ${kills.join(', ') || 'no kill'}  ${state}`
  if (process.stdout.isTTY && problems.length === 0) process.stdout.write(`\r\u001b[2K${line.slice(0, process.stdout.columns - 1)}`)
  else process.stdout.write(`${process.stdout.isTTY ? '\r\u001b[2K' : ''}${line}\n`)
}

function summary(trials: readonly Trial[], seed: number): string {
  const times = trials.map(({ endedMs }) => endedMs).sort((a, b) => a - b)
  const at = (share: number) => ((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) / 1000).toFixed(1)
  const places = new Map<string, number>()
  for (const place of trials.flatMap(({ kills }) => kills)) places.set(place, (places.get(place) ?? 0) + 1)
  const wrong = trials.filter(({ problems }) => problems.length > 0)
  const kills = [...places.values()].reduce((sum, count) => sum + count, 0)
  return [
    '',
    ...[...places].sort().map(([place, count]) => `${String(count).padStart(5)}  ${place}`),
    ...wrong.map(({ number, problems, folder }) => `WRONG  --seed ${seed} --only ${number}: ${problems.join('; ')} (${folder})`),
    `${kills} kills at ${places.size} places in ${trials.length} trials: ${trials.length - wrong.length} as undisturbed, ${wrong.length} wrong.`,
    `From the last start to the end of the run: median ${at(0.5)} s, 95 % ${at(0.95)} s, worst ${at(1)} s.`,
  ].join('\n')
}
