/**
 * Torture: workers and servers are killed at every durable step and at random moments, started again, and the day must end as if nothing
 * had happened: same digest, every record once, nothing partial ever visible, no file left over, the run over within seconds.
 */
import { mkdtemp, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { followDay } from '../../client/server/followDay.js'
import { exists, hashFile, readJsonIfThere } from '../../engine/files/fileSystem.js'
import type { Manifest } from '../../engine/protocol/documents/manifest.js'
import type { DayResult } from '../../engine/protocol/steps.js'
import { layout } from '../../engine/storage/layout.js'
import { predictionsIn, rejectsIn } from '../../engine/storage/predictionFiles.js'
import { verifyDate } from '../../engine/storage/verify.js'
import { type DevServer, startDevServer } from '../../worker/dev/devServer.js'
import { DATE, Installation, type WorkerProcess } from '../setup/installation.js'
import { deliverMixed, mixedForm } from '../setup/mixedForm.js'
import { type Boundary, boundariesOf, KILLER } from './killer.js'

/** The shipped table and model; or a set of files of JSON Lines, a model of mixed inputs, and predictions in shards. */
export const FORMS = ['csv', 'jsonl'] as const
export type Form = (typeof FORMS)[number]

export const MODES = ['worker', 'two-workers', 'server'] as const
export type Mode = (typeof MODES)[number]

export interface TortureOptions {
  readonly kills: number
  readonly seed: number
  readonly parallel: number
  readonly modes: readonly Mode[]
  readonly forms: readonly Form[]
  /** Only the trial of this number. */
  readonly only?: number
  /** Address of a server for workers' trials; a server's trial starts one of its own. */
  readonly address: string
  readonly signal: AbortSignal
  readonly onTrial: (trial: Trial, done: number, kills: number) => void
}

export interface Trial {
  readonly number: number
  readonly mode: Mode
  readonly form: Form
  /** Where each kill fell. */
  readonly kills: readonly string[]
  /** From the last start of a worker or server to the end of the run. */
  readonly endedMs: number
  readonly problems: readonly string[]
  /** Kept when there are problems. */
  readonly folder?: string
}

/** Scores slowly enough for a kill to fall into it. Ids repeat, so no pause depends on anything but the row. */
const SLOW =
  "notify: {}, deadline: '3m', model: { ...churn.model, golden: undefined }, features: { ...churn.features, age: (row) => row.customer_id.includes('7-') ? (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1), row.age) : row.age }"
const COPIES = 4

/** The same for JSON Lines. */
const MIXED = mixedForm(
  "(row) => row.customer_id.includes('7-') ? (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1), row.age) : row.age",
)

const TRIAL_MS = 120_000
/** A worker that dies five times of one step ends the run by design. */
const MOST_DEATHS = 3

interface Undisturbed {
  readonly form: Form
  readonly digest: string
  readonly keys: readonly string[]
  /** From the start of a run to its end. */
  readonly tookMs: number
  readonly boundaries: readonly Boundary[]
}

interface Plan {
  readonly number: number
  readonly mode: Mode
  readonly form: Form
  /** Where the first kill falls; without it at a random moment. */
  readonly boundary?: Boundary
  readonly deaths: number
  readonly random: () => number
}

export async function torture(options: TortureOptions): Promise<readonly Trial[]> {
  const undisturbed: Undisturbed[] = []
  for (const form of options.forms) undisturbed.push(await undisturbedRun(options.address, form))
  const plans = plansOf(options, undisturbed).filter(({ number }) => options.only === undefined || number === options.only)
  const trials: Trial[] = []
  let kills = 0
  const next = async (): Promise<void> => {
    for (let plan = plans.shift(); plan && !options.signal.aborted; plan = plans.shift()) {
      const trial = await attempt(plan, undisturbed.find(({ form }) => form === plan.form)!, options)
      trials.push(trial)
      kills += trial.kills.length
      options.onTrial(trial, trials.length, kills)
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, next))
  return trials.sort((a, b) => a.number - b.number)
}

/** Enough trials for the kills asked for: every boundary in an order of the seed, random moments in between, and the other modes. */
function plansOf({ kills, seed, modes }: TortureOptions, undisturbed: readonly Undisturbed[]): Plan[] {
  const random = randomNumbers(seed)
  const orders = undisturbed.map(({ form, boundaries }) => ({
    form,
    shuffled: boundaries.map((boundary) => ({ boundary, at: random() })).sort((a, b) => a.at - b.at),
  }))
  const plans: Plan[] = []
  for (let [number, planned] = [1, 0]; planned < kills; number += 1) {
    // Each form in turn for a few trials: modes and boundaries go by the number too.
    const { form, shuffled } = orders[Math.floor(number / 12) % orders.length]!
    const mode = modes[number % 3 === 0 ? Math.floor(number / 3) % modes.length : 0]!
    const boundary = mode === 'worker' && number % 4 !== 0 ? shuffled[number % shuffled.length]?.boundary : undefined
    const deaths = mode === 'worker' && random() < 0.3 ? Math.min(MOST_DEATHS, kills - planned, 2) : 1
    plans.push({ number, mode, form, deaths, random: randomNumbers(seed + number), ...(boundary ? { boundary } : {}) })
    planned += deaths
  }
  return plans
}

async function undisturbedRun(address: string, form: Form): Promise<Undisturbed> {
  const here = await prepared(address, form)
  try {
    const [log, killer] = [join(here.folder, 'log'), await writeKiller(here)]
    await writeFile(log, '')
    await here.startWorker({ ...killer, TORTURE_LOG: log })
    const startedMs = Date.now()
    const result = await here.run()
    const tookMs = Date.now() - startedMs
    if (!result.published || !result.resultsDigest) throw new Error(`the undisturbed run did not publish: ${JSON.stringify(result)}`)
    const boundaries = boundariesOf(await readFile(log, 'utf8'))
    return { form, digest: result.resultsDigest, keys: await keysOf(here), tookMs, boundaries }
  } finally {
    await here.remove()
  }
}

async function prepared(address: string, form: Form): Promise<Installation> {
  const here = await Installation.make()
  here.useServer(address)
  await here.define(form === 'csv' ? SLOW : MIXED)
  await here.deliver(DATE, 'some-bad-rows')
  const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
  const copies = Array.from({ length: COPIES }, (_, copy) => rows.map((row) => row.replace(/^[^,]*/, (id) => `${id}-${copy}`)))
  await writeFile(here.inputPath(), `${[header, ...copies.flat()].join('\n')}\n`)
  if (form === 'jsonl') await deliverMixed(here)
  return here
}

async function writeKiller(here: Installation): Promise<Record<string, string>> {
  const file = join(here.folder, 'killer.mjs')
  await writeFile(file, KILLER)
  return { NODE_OPTIONS: `--import=${file}`, TORTURE_HOME: here.settings.home }
}

async function attempt(plan: Plan, undisturbed: Undisturbed, options: TortureOptions): Promise<Trial> {
  const { number, mode, form } = plan
  const own = mode === 'server' ? await ownServer() : undefined
  const here = await prepared(own?.current.address ?? options.address, form)
  const watching = watchPublished(here)
  const kills: string[] = []
  let startedMs = Date.now()
  const problems: string[] = []
  try {
    const outcome = await Promise.race([
      runTrial(here, plan, undisturbed, own, kills, () => {
        startedMs = Date.now()
      }),
      delay(TRIAL_MS, undefined, { ref: false }),
    ])
    const endedMs = Date.now() - startedMs
    problems.push(
      ...(outcome ? await differences(here, outcome, undisturbed) : [`not over after ${TRIAL_MS} ms`]),
      ...(await watching.stop()),
    )
    return { number, mode, form, kills, endedMs, problems, ...(problems.length > 0 ? { folder: here.folder } : {}) }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return { number, mode, form, kills, endedMs: Date.now() - startedMs, problems, folder: here.folder }
  } finally {
    await watching.stop()
    if (problems.length === 0) await here.remove()
    else await here.stop()
    await own?.current.stop()
  }
}

interface OwnServer {
  current: DevServer
  readonly dbFile: string
}

async function ownServer(): Promise<OwnServer> {
  const dbFile = join(await realpath(await mkdtemp(join(tmpdir(), 'daybreak-torture-'))), 'temporal.db')
  return { current: await startDevServer({ env: process.env, say: () => {}, dbFile }), dbFile }
}

async function runTrial(
  here: Installation,
  { mode, boundary, deaths, random }: Plan,
  { tookMs }: Undisturbed,
  own: OwnServer | undefined,
  kills: string[],
  onStart: () => void,
): Promise<DayResult> {
  const kill = boundary ? { TORTURE_KILL: `${boundary.when} ${boundary.times} ${boundary.name}` } : {}
  let worker: WorkerProcess = await here.startWorker({ ...(await writeKiller(here)), ...kill })
  if (mode === 'two-workers') await here.startWorker()
  const handle = await here.start()
  let step = 'start'
  let over = false
  const ending = followDay(await here.client(), here.settings, handle, (progress) => {
    step = progress.step
  }).finally(() => {
    over = true
  })
  ending.catch(() => undefined)
  for (let death = 1; death <= deaths && !over; death += 1) {
    if (boundary && death === 1) {
      await Promise.race([worker.ended, ending])
      if (worker.process.exitCode === null && worker.process.signalCode === null) break
      kills.push(`${boundary.when} ${generic(boundary.name)}`)
    } else {
      await Promise.race([delay(random() * tookMs), ending])
      if (over) break
      kills.push(`${mode === 'server' ? 'server, ' : ''}in ${step}`)
      if (own) {
        const port = Number(own.current.address.split(':')[1])
        await own.current.stop()
        await delay(random() * 1000)
        own.current = await startDevServer({ env: process.env, say: () => {}, dbFile: own.dbFile, port })
        onStart()
        continue
      }
      worker.process.kill('SIGKILL')
      await worker.ended
    }
    if (mode === 'worker') worker = await here.startWorker()
    onStart()
  }
  return await ending
}

/** A boundary's name without what differs between installations. */
const generic = (name: string) => name.replace(/^churn\//, '').replace(/parts-[0-9a-f]+/, 'parts')

/** What is not as after an undisturbed run. */
async function differences(here: Installation, result: DayResult, undisturbed: Undisturbed): Promise<readonly string[]> {
  const { home } = here.settings
  const problems: string[] = []
  const must = (is: boolean, what: string) => {
    if (!is) problems.push(what)
  }
  must(result.published, `not published: ${JSON.stringify(result.problem ?? result.verdict)}`)
  must(result.resultsDigest === undisturbed.digest, 'another results digest')
  const attempts = await here.attempts()
  must(attempts.join() === 'a001', `attempts ${attempts.join(', ')}`)
  if (!result.published) return problems
  const { attempts: verified, differences: about } = await verifyDate(home, 'churn', DATE)
  problems.push(...verified.flatMap((one) => one.differences), ...about)
  must((await keysOf(here)).join() === undisturbed.keys.join(), 'other records in predictions and rejects')
  const left = (await readdir(home, { recursive: true })).filter((path) => /(^|\/)(\.tmp-[^/]*|work)$/.test(path))
  must(left.length === 0, `left over: ${left.join(', ')}`)
  return problems
}

/** Keys of predictions, then of rejects: every record of the input once. */
async function keysOf(here: Installation): Promise<readonly string[]> {
  const folder = layout.published(here.settings.home, 'churn', DATE)
  const read = async (file: string): Promise<Record<string, string>[]> => {
    const text = await readFile(join(folder, file), 'utf8')
    if (file.endsWith('.csv')) return parse(text, { columns: true }) as Record<string, string>[]
    const lines = text.split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as Record<string, string>)
  }
  const predictions = (await Promise.all((await predictionsIn(folder)).map(read))).flat()
  const rejects = await read((await rejectsIn(folder)) ?? 'rejects.csv')
  return [...predictions.map(({ customer_id: id }) => id ?? ''), ...rejects.map(({ line, key }) => `${line}:${key}`)]
}

/** Looks at the published names all the time: nothing, or what its manifest sealed. */
function watchPublished(here: Installation) {
  const { home } = here.settings
  const door = layout.published(home, 'churn', DATE)
  const seen = new Set<string>()
  let stopped = false
  const looking = (async () => {
    while (!stopped) {
      for (const name of (await exists(door)) ? await predictionsIn(door) : []) {
        const { sha256 } = await hashFile(join(door, name))
        const manifest = await readJsonIfThere<Manifest>(join(door, 'manifest.json'))
        if (!manifest) seen.add('a reader saw an attempt that is not sealed')
        else if (manifest.files[name]?.sha256 !== sha256) seen.add('a reader saw predictions that are not the whole ones')
      }
      await delay(20)
    }
  })().catch((error: unknown) => void seen.add(`a reader failed: ${error instanceof Error ? error.message : String(error)}`))
  return {
    stop: async () => {
      stopped = true
      await looking
      return [...seen]
    },
  }
}

/** Mulberry32: the same numbers for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
