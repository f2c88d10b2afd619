/** A whole installation in a temporary folder: the sample project, a name of its own on the shared server, workers as processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeSampleProject, type SAMPLE_DAYS, type SampleProject } from '../client/demo/sampleProject.js'
import { openServer, type Server } from '../client/temporalRun.js'
import { readSettings, type Settings } from '../loader/settings.js'
import { fixedTarget } from '../worker/temporalConnection.js'
import { testServer } from './server.js'

const MAIN = fileURLToPath(new URL('../client/main.js', import.meta.url))

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface WorkerProcess {
  readonly process: ChildProcess
  /** What it has said so far. */
  readonly output: () => string
  readonly ended: Promise<number | null>
}

export class Installation {
  private readonly workers: WorkerProcess[] = []
  private server: Server | undefined

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

  async deliver(date: string, kind: (typeof SAMPLE_DAYS)[number]['kind'] & string = 'good'): Promise<void> {
    await this.project.deliver({ date, story: '', kind })
  }

  inputPath(date: string): string {
    return join(this.project.folder, 'data', 'daily', `customers_${date}.csv`)
  }

  async client(): Promise<Server> {
    this.server ??= await openServer(fixedTarget((await testServer()).address))
    return this.server
  }

  /** A worker as a process of its own, ready when this returns. */
  async startWorker(): Promise<WorkerProcess> {
    const child = spawn(process.execPath, [MAIN, 'worker'], { env: await this.env(), stdio: ['ignore', 'pipe', 'pipe'] })
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

  startCommand(...words: string[]) {
    return this.startCommandWith({}, words)
  }

  private startCommandWith(
    further: Readonly<Record<string, string>>,
    words: readonly string[],
  ): { readonly result: Promise<CommandResult>; readonly signal: (name: NodeJS.Signals) => void } {
    let child: ChildProcess | undefined
    const result = this.env().then(
      (env) =>
        new Promise<CommandResult>((resolve) => {
          const [stdout, stderr]: [string[], string[]] = [[], []]
          child = spawn(process.execPath, [MAIN, ...words], {
            env: { ...env, ...further },
            cwd: this.folder,
            stdio: ['ignore', 'pipe', 'pipe'],
          })
          child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk.toString()))
          child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk.toString()))
          child.once('close', (code) => resolve({ code, stdout: stdout.join(''), stderr: stderr.join('') }))
        }),
    )
    return { result, signal: (name) => void child?.kill(name) }
  }

  private async env(): Promise<NodeJS.ProcessEnv> {
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...this.extraEnv,
      TEMPORAL_ADDRESS: (await testServer()).address,
      DAYBREAK_NAME: this.settings.name,
      DAYBREAK_THREADS: '2',
      DAYBREAK_HOME: this.settings.home,
      DAYBREAK_PIPELINES: this.settings.pipelines,
    }
  }

  async remove(): Promise<void> {
    for (const { process: child } of this.workers) child.kill('SIGKILL')
    await Promise.all(this.workers.map(({ ended }) => ended))
    await this.server?.close()
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
