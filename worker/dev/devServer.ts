/**
 * The demo, `daybreak dev` and the tests have a Temporal dev server of their own: it listens on loopback alone, is quiet, has our search
 * attributes, and is gone when we are gone. It never joins a server that is already there, and no setting for other servers reaches it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { devNull } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { SEARCH_ATTRIBUTE_NAMES } from '../../engine/protocol/ids.js'
import { systemErrorText } from '../../engine/protocol/systemErrors.js'
import { listens } from './listens.js'
import { ended } from './obtainCli.js'
import { cliEnvironment, findTemporalCli } from './temporalCli.js'

export interface DevServer {
  /** `127.0.0.1:<port>`, of the gRPC frontend. */
  readonly address: string
  readonly namespace: 'default'
  /** Base address of its web UI, when it has one. */
  readonly ui?: string
  /** Resolves when the process is gone, whatever ended it, and says how. */
  readonly ended: Promise<string>
  /** Ends the process, and resolves when it is gone. It may be called again. */
  stop(): Promise<void>
}

export interface DevServerOptions {
  readonly env: NodeJS.ProcessEnv
  /** Takes one line for the user. */
  readonly say: (line: string) => void
  /** Serves the web UI too. @default false */
  readonly ui?: boolean
  /** Keeps state in this file; without it everything is forgotten at the end. */
  readonly dbFile?: string
  /** The UI's port is 1000 above it, if that is free. @default any free port */
  readonly port?: number
  /** The port of the UI, instead of that default. */
  readonly uiPort?: number
}

const HOST = '127.0.0.1'
const NAMESPACE = 'default'
/** It usually takes 0.4 s, but a binary of 250 MB takes long to read from a slow disk the first time. */
const READY_TIMEOUT_MS = 30_000
const CALL_TIMEOUT_MS = 2_000
const POLL_MS = 50
/** So many lines are kept from the beginning of what a server says, and from its end: a panic begins with its reason. */
const KEPT_LINES = 10
/** A Go program that panics ends so: the server does when another process takes a port that it has just chosen for its own use. */
const PANIC = 'exit code 2'
/** It says so when another process takes a port between our look at it and the server's start. */
const PORT_TAKEN = /address already in use/

/**
 * Starts a dev server and resolves when it answers.
 * @throws `ServerUnavailable` when there is no binary, a port is taken, or the server ends or stays silent: then with what it said
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const cli = await findTemporalCli(options)
  const started = await startOnce(cli.path, options)
  const server = 'address' in started || !lostAPort(started) ? started : await startOnce(cli.path, options)
  if ('address' in server) return server
  const why = server.how === undefined ? `did not answer within ${READY_TIMEOUT_MS / 1000} s` : `ended (${server.how})`
  throw new DaybreakError('ServerUnavailable', `The Temporal dev server ${cli.path} ${why}.`, {
    details: server.said,
    next: 'Look at what it said.',
  })
}

/** Did another process take a port? Then another port, or another moment, is tried once. */
const lostAPort = ({ how, said }: Failure): boolean => how === PANIC || said.some((line) => PORT_TAKEN.test(line))

/** A server did not come up. */
interface Failure {
  /** How it ended, if it did. */
  readonly how: string | undefined
  readonly said: readonly string[]
}

async function startOnce(path: string, options: DevServerOptions): Promise<DevServer | Failure> {
  const { env, say, dbFile } = options
  const port = await freePort(options.port ?? 0, '--port')
  const uiPort = options.ui ? await freeUiPort(options) : undefined
  const address = `${HOST}:${port}`

  // It has a process group of its own, or Ctrl-C would end it before the worker has finished what it does.
  const child = spawn(path, serverArguments(port, uiPort, dbFile), {
    env: cliEnvironment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = keepLines(child)
  const guard = child.pid === undefined ? undefined : guardAgainstOurDeath(child.pid)
  const gone = ended(child).finally(() => guard?.kill('SIGKILL'))

  let stopping = false
  const stop = async (): Promise<void> => {
    stopping = true
    // It takes 1 to 10 s to obey SIGTERM. A kill loses nothing that its database file has said to be kept.
    child.kill('SIGKILL')
    await gone
  }

  if (!(await becomesReady(address, child))) {
    const how = hasEnded(child) ? await gone : undefined
    await stop()
    return { how, said: said() }
  }
  void gone.then((how) => {
    if (!stopping) say(`The Temporal dev server at ${address} ended by itself (${how}): ${said().at(-1) ?? 'it said nothing'}`)
  })
  return { address, namespace: NAMESPACE, ...(uiPort ? { ui: `http://${HOST}:${uiPort}` } : {}), ended: gone, stop }
}

function serverArguments(port: number, uiPort: number | undefined, dbFile: string | undefined): string[] {
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(port), '--namespace', NAMESPACE],
    ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
    ...(dbFile ? ['--db-filename', dbFile] : []),
    // Priorities between scheduled and backfilled days have no effect without it.
    ...['--dynamic-config-value', 'matching.useNewMatcher=true'],
    // The worker that asks for a step is given it with the answer, instead of finding it in a queue some 5 to 40 ms later.
    ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
    ...SEARCH_ATTRIBUTE_NAMES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...['--log-level', 'error', '--env-file', devNull],
  ]
}

async function becomesReady(address: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!hasEnded(child) && Date.now() < deadline) {
    if (await answers(address)) return true
    await sleep(POLL_MS)
  }
  return false
}

async function answers(address: string): Promise<boolean> {
  // A gRPC connection that is refused waits a second before its next try, so we see first whether anybody listens.
  if (!(await listens(address))) return false
  try {
    const connection = await Connection.connect({ address, connectTimeout: CALL_TIMEOUT_MS })
    const describe = () => connection.workflowService.describeNamespace({ namespace: NAMESPACE })
    await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, describe).finally(() => connection.close())
    return true
  } catch {
    return false // not yet: the caller has the deadline, and the server's own words for the reason
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** Keeps the lines that the process writes first, and those that it writes last, on either stream. */
function keepLines(child: ChildProcess): () => readonly string[] {
  const [first, last]: [string[], string[]] = [[], []]
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface(stream).on('line', (line) => {
      if (line.trim() === '') return
      if (first.length < KEPT_LINES) first.push(line)
      else if (last.push(line) > KEPT_LINES) last.shift()
    })
  }
  return () => [...first, ...last]
}

/**
 * Starts a shell that waits for the end of its input and then kills the server. Its input is a pipe that only our process holds: it
 * ends when we do, even by SIGKILL, when nothing of ours can run any more. (There is no such shell on Windows.)
 */
function guardAgainstOurDeath(pid: number): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -KILL "$0"', String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  guard.on('error', () => {}) // without a shell the server merely outlives a killed process
  return guard
}

async function freeUiPort({ port, uiPort }: DevServerOptions): Promise<number> {
  const wanted = uiPort ?? (port === undefined ? 0 : port + 1000)
  const found = freePort(wanted, '--ui-port')
  return uiPort === undefined ? found.catch(() => freePort(0, '--ui-port')) : found
}

/**
 * Finds a loopback port that nobody listens on; 0 means any.
 * @throws `ServerUnavailable` when the port given is taken, naming the option that chooses another
 */
function freePort(wanted: number, option: string): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', (cause) => {
      const next = `Choose another port with ${option}, or stop what listens there.`
      fail(new DaybreakError('ServerUnavailable', `Port ${wanted} of ${HOST} cannot be used: ${systemErrorText(cause)}.`, { next, cause }))
    })
    probe.listen(wanted, HOST, () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
}
