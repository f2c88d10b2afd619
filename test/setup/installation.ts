/** Makes a whole installation in a temporary folder: the sample project, a name of its own on the shared server, workers as processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { WorkflowHandle } from '@temporalio/client'
import type { TestContext } from 'vitest'
import { makeSampleProject, type SAMPLE_DAYS, type SampleProject } from '../../client/demo/sampleProject.js'
import { dayProgress } from '../../client/server/dayWorker.js'
import { followDay } from '../../client/server/followDay.js'
import { openServer, type Server } from '../../client/server/openServer.js'
import { startDay } from '../../client/server/startDay.js'
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import type { Manifest } from '../../engine/protocol/documents/manifest.js'
import { dayIds } from '../../engine/protocol/ids.js'
import type { DayRequest, DayResult, StepName } from '../../engine/protocol/steps.js'
import { listAttempts, readManifest } from '../../engine/storage/attempts.js'
import { layout } from '../../engine/storage/layout.js'
import { cacheFolder } from '../../worker/dev/temporalCli.js'
import { runLocally } from '../../worker/localRun.js'
import { fixedTarget } from '../../worker/temporalConnection.js'
import { testServer } from './server.js'

const MAIN = fileURLToPath(new URL('../../bin/daybreak.js', import.meta.url))

/** The data date of most tests. */
export const DATE = '2026-03-03'

/** Overrides of the definition: its file does not come by itself before the test is over. */
export const WAITS_LONG = "notify: {}, input: { ...churn.input, arrival: { poll: '1h', timeout: '2h', settle: '1h' } }"

/** An installation that goes when its test has ended. For tests that run at the same time. */
export async function install(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  overrides = 'notify: {}',
  env: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const here = await Installation.make(env)
  onTestFinished(() => here.remove())
  await here.define(overrides)
  return here
}

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly result: Promise<CommandResult>
  /** What it has written on standard error so far. */
  readonly said: () => string
  /** On standard output. */
  readonly wrote: () => string
  readonly signal: (name: NodeJS.Signals) => void
}

export interface WorkerProcess {
  readonly process: ChildProcess
  /** What it has said so far. */
  readonly output: () => string
  /** Its exit code; `null` when it was killed. */
  readonly ended: Promise<number | null>
}

const REQUEST: DayRequest = { pipeline: 'churn', date: DATE, kind: 'manual', rerun: false }

export class Installation {
  private readonly workers: WorkerProcess[] = []
  private readonly commands: ChildProcess[] = []
  private server: Server | undefined
  private ownServer: string | undefined

  private constructor(
    readonly folder: string,
    readonly project: SampleProject,
    readonly settings: Settings,
    private readonly extraEnv: Readonly<Record<string, string>>,
  ) {}

  /** @param env further variables for workers and commands, such as channels */
  static async make(env: Readonly<Record<string, string>> = {}): Promise<Installation> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'daybreak-test-')))
    const project = await makeSampleProject(join(folder, 'project'))
    const name = `test-${randomBytes(4).toString('hex')}`
    const settings = readSettings(
      { ...env, DAYBREAK_NAME: name, DAYBREAK_THREADS: '2' },
      { home: project.home, pipelines: project.pipelines },
    )
    return new Installation(folder, project, settings, env)
  }

  /** Replaces what the definition says, by object spread over the shipped one. */
  async define(overrides: string): Promise<void> {
    const source = `import churn from './churn'\nconst base = { ...churn, input: { ...churn.input, arrival: { poll: '300ms', timeout: '4s', settle: '100ms' } }, retries: { maximum: 2, delay: '100ms' } }\nexport default { ...base, ${overrides} }\n`
    await writeFile(join(this.project.pipelines, 'churn', 'pipeline.ts'), source)
  }

  async deliver(date: string = DATE, kind: (typeof SAMPLE_DAYS)[number]['kind'] & string = 'good'): Promise<void> {
    await this.project.deliver({ date, story: '', kind })
  }

  /**
   * Delivers a file of 60,000 rows that scores slowly, so that something can happen meanwhile; golden rows would be slow too.
   * @param pauseMs at every hundredth row, in each thread
   */
  async deliverSlow(pauseMs = 10): Promise<void> {
    const pause = `row.customer_id.endsWith('00') ? (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${pauseMs}), row.age) : row.age`
    await this.define(`notify: {}, model: { ...churn.model, golden: undefined }, features: { ...churn.features, age: (row) => ${pause} }`)
    await this.deliver()
    const [header, ...rows] = (await readFile(this.inputPath(), 'utf8')).trimEnd().split('\n')
    await writeFile(this.inputPath(), `${[header, ...Array.from({ length: 12 }, () => rows).flat()].join('\n')}\n`)
  }

  inputPath(date: string = DATE): string {
    return join(this.project.folder, 'data', 'daily', `customers_${date}.csv`)
  }

  /** A server of its own instead of the one that all tests share. */
  useServer(address: string): void {
    this.ownServer = address
  }

  private async address(): Promise<string> {
    return this.ownServer ?? (await testServer()).address
  }

  async client(): Promise<Server> {
    this.server ??= await openServer(fixedTarget(await this.address()))
    return this.server
  }

  /** Starts a run by Temporal. */
  async start(changes: Partial<DayRequest> = {}): Promise<WorkflowHandle> {
    return (await startDay(await this.client(), this.settings, { ...REQUEST, ...changes })).handle
  }

  async follow(handle: WorkflowHandle): Promise<DayResult> {
    return await followDay(await this.client(), this.settings, handle, () => {})
  }

  /** Runs a date by Temporal to its end. */
  async run(changes: Partial<DayRequest> = {}): Promise<DayResult> {
    return await this.follow(await this.start(changes))
  }

  /** The same steps in this process. */
  async runLocally(changes: Partial<DayRequest> = {}, settings: Settings = this.settings): Promise<DayResult> {
    return await runLocally({ ...REQUEST, ...changes }, { settings, signal: new AbortController().signal, onProgress: () => {} })
  }

  /** In this process and into another home: what an undisturbed run gives. */
  async runElsewhere(changes: Partial<DayRequest> = {}): Promise<DayResult> {
    return await this.runLocally(changes, { ...this.settings, home: join(this.folder, 'elsewhere') })
  }

  /** A sealed attempt once more under another name. Returns its folder. */
  async copyOf(attempt: string, name: string): Promise<string> {
    const [from, to] = [attempt, name].map((each) =>
      layout.attempt(this.settings.home, { pipeline: 'churn', date: DATE, attempt: each }),
    ) as [string, string]
    await cp(from, to, { recursive: true })
    const manifest = JSON.parse(await readFile(join(to, 'manifest.json'), 'utf8')) as Manifest
    await writeFile(join(to, 'manifest.json'), JSON.stringify({ ...manifest, attempt: name }))
    return to
  }

  async step(): Promise<StepName | undefined> {
    const server = await this.client()
    const handle = server.client.workflow.getHandle(dayIds.make({ name: this.settings.name, pipeline: 'churn', date: DATE }))
    return (await dayProgress(server, handle))?.step
  }

  async untilStep(step: StepName): Promise<void> {
    await until(`the run is in step ${step}`, async () => (await this.step()) === step)
  }

  async attempts(): Promise<readonly string[]> {
    return await listAttempts(this.settings.home, 'churn', DATE)
  }

  async manifest(attempt = 'a001'): Promise<Manifest | undefined> {
    return await readManifest(this.settings.home, { pipeline: 'churn', date: DATE, attempt })
  }

  /** A worker as a process of its own, ready when this returns. */
  async startWorker(env: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    const child = spawn(process.execPath, [MAIN, 'worker'], {
      env: { ...(await this.env()), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    const ready = new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('Worker ready')) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', (code) => reject(new Error(`the worker ended with ${code} before it was ready: ${said}`)))
    })
    await ready
    const worker = { process: child, output: () => said, ended }
    this.workers.push(worker)
    return worker
  }

  /** A command of the product in a process of its own. */
  async command(...words: string[]): Promise<CommandResult> {
    return await this.startCommandWith({}, words).result
  }

  /** The same with further variables. */
  async commandWith(env: Readonly<Record<string, string>>, ...words: string[]): Promise<CommandResult> {
    return await this.startCommandWith(env, words).result
  }

  startCommand(...words: string[]): RunningCommand {
    return this.startCommandWith({}, words)
  }

  startCommandWith(further: Readonly<Record<string, string>>, words: readonly string[]): RunningCommand {
    let child: ChildProcess | undefined
    const [stdout, stderr]: [string[], string[]] = [[], []]
    const start = async () => {
      const env = { ...(await this.env()), ...further }
      child = spawn(process.execPath, [MAIN, ...words], { env, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
      this.commands.push(child)
      child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk.toString()))
      child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk.toString()))
      const [code] = (await once(child, 'close')) as [number | null]
      return { code, stdout: stdout.join(''), stderr: stderr.join('') }
    }
    return { result: start(), said: () => stderr.join(''), wrote: () => stdout.join(''), signal: (name) => void child?.kill(name) }
  }

  private async env(): Promise<NodeJS.ProcessEnv> {
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      // The Temporal CLI that is there already is used; what is remembered of models is each installation's own.
      DAYBREAK_CACHE: cacheFolder(process.env),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      ...this.extraEnv,
      TEMPORAL_ADDRESS: await this.address(),
      DAYBREAK_NAME: this.settings.name,
      DAYBREAK_THREADS: '2',
      DAYBREAK_HOME: this.settings.home,
      DAYBREAK_PIPELINES: this.settings.pipelines,
    }
  }

  /** Ends everything that was started and leaves the folder. */
  async stop(): Promise<void> {
    // Of a test that failed, a command may be running still.
    for (const child of [...this.workers.map(({ process: worker }) => worker), ...this.commands]) child.kill('SIGKILL')
    await Promise.all(this.workers.map(({ ended }) => ended))
    await this.server?.close()
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Waits until something is so; fails with words when it takes too long. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean, withinMs = 20_000): Promise<void> {
  const endsMs = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > endsMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
