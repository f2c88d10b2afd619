/** Starts a Temporal server and a worker of Daybreak, as `daybreak dev` does, on the processors that the benchmark uses. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onProcessors } from './measure.js'

export interface Installation {
  /** What a command needs in its environment to reach the installation. */
  readonly env: NodeJS.ProcessEnv
  /** Ends both, and waits until they have ended. */
  stop(): Promise<void>
}

const PORT = 17_233
const READY = 'Daybreak is up.'
/** The first start may have to build the server, which takes minutes. */
const START_LIMIT_MS = 300_000

/**
 * Starts an installation and waits until it is up.
 * @param cpus processors as taskset takes them; all when left out
 * @throws Error with what it said
 */
export async function startInstallation(cli: string, home: string, pipelines: string, cpus: string | undefined): Promise<Installation> {
  const words = [cli, 'dev', '--port', String(PORT), '--home', home, '--pipelines', pipelines]
  const [program, args] = onProcessors(cpus, process.execPath, words)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  let said = ''
  const up = new Promise<boolean>((settle) => {
    const listen = (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(READY)) settle(true)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    const limit = setTimeout(() => settle(false), START_LIMIT_MS)
    void ended.then(() => {
      clearTimeout(limit)
      settle(false)
    })
  })
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGINT')
    await ended
  }
  if (!(await up)) {
    await stop()
    throw new Error(`daybreak dev did not start:\n${said}`)
  }
  return { env: { TEMPORAL_ADDRESS: `127.0.0.1:${PORT}` }, stop }
}
