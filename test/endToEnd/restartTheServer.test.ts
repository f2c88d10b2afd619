/** A Temporal server goes away: with its database it comes back to its runs; without it people are told. */
import { join } from 'node:path'
import { describe, expect, type TestContext, test } from 'vitest'
import { type DevServer, startDevServer } from '../../worker/dev/devServer.js'
import { type Installation, install, until } from '../setup/installation.js'

const WAITS = "notify: {}, input: { ...churn.input, arrival: { poll: '500ms', timeout: '1h', settle: '100ms' } }"

/** A server of the test's own. */
async function serve({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, dbFile: string, port?: number): Promise<DevServer> {
  const server = await startDevServer({ env: process.env, say: () => {}, dbFile, ...(port ? { port } : {}) })
  onTestFinished(() => server.stop())
  return server
}

/** A run that waits, with a worker and somebody who follows it. */
async function waitingRun(here: Installation, server: DevServer) {
  const env = { TEMPORAL_ADDRESS: server.address }
  const worker = await here.startWorker(env)
  const following = here.startCommandWith(env, ['run', 'churn', '--date', '2026-03-03', '--json'])
  await until('the run waits', () => following.said().includes('Wait for the input'))
  return { worker, following }
}

describe.concurrent('a server that is killed', () => {
  test('and comes back goes on with its run; worker and follower outlive it', { timeout: 90_000 }, async (context) => {
    const here = await install(context, WAITS)
    const dbFile = join(here.folder, 'temporal.db')
    const first = await serve(context, dbFile)
    const { worker, following } = await waitingRun(here, first)
    await first.stop()
    await here.deliver()
    await new Promise((resolve) => setTimeout(resolve, 2000))
    await serve(context, dbFile, Number(first.address.split(':')[1]))
    const { code, stdout } = await following.result
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', published: true, attempt: 'a001' })
    expect(code).toBe(0)
    expect(worker.process.exitCode).toBeNull()
  })

  test('and stays away ends its follower with 6 and words, and leaves the worker alive', { timeout: 90_000 }, async (context) => {
    const here = await install(context, WAITS)
    const server = await serve(context, join(here.folder, 'temporal.db'))
    const { worker, following } = await waitingRun(here, server)
    await server.stop()
    const stoppedMs = Date.now()
    const { code, stdout } = await following.result
    expect(code).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'ServerUnreachable',
        message: expect.stringContaining(server.address),
        next: expect.stringContaining('goes on by itself'),
      },
    })
    expect(Date.now() - stoppedMs).toBeLessThan(30_000)
    expect(worker.process.exitCode).toBeNull()
  })
})
