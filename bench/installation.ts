/** A Temporal server and a worker of Daybreak, as `daybreak dev` starts them, on the processors that the benchmark uses. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onProcessors } from './measure.js'

export interface Installation {
  /** What a command needs to reach it. */
  readonly env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

const PORT = 17_233
const READY = 'Daybreak is up.'
const START_LIMIT_MS = 300_000

/** @throws Error with what it said when it does not start; the first time it may have to build the server */
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
