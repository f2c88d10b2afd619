import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type DevServer, type DevServerOptions, startDevServer } from '../../../worker/dev/devServer.js'
import { findTemporalCli } from '../../../worker/dev/temporalCli.js'
import { testServer } from '../../setup/server.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybreak-server-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const start = (options: Partial<DevServerOptions> = {}) => startDevServer({ env: process.env, say: () => {}, ...options })

async function withClient<T>(server: Pick<DevServer, 'address' | 'namespace'>, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address })
  return use(new Client({ connection, namespace: server.namespace })).finally(() => connection.close())
}

const isListening = (address: string) =>
  Connection.connect({ address, connectTimeout: 500 }).then(
    (connection) => connection.close().then(() => true),
    () => false,
  )

function freeOrTaken(port: number): Promise<'free' | 'taken'> {
  return new Promise((done) => {
    const probe = createServer()
    probe.once('error', () => done('taken'))
    probe.listen(port, '127.0.0.1', () => probe.close(() => done('free')))
  })
}

const portOf = (address: string) => Number(address.split(':')[1])

test('the server of the test run answers and knows our search attributes', async () => {
  const server = await testServer()
  const { customAttributes } = await withClient(server, ({ connection, options }) =>
    (connection as Connection).operatorService.listSearchAttributes({ namespace: options.namespace }),
  )
  const keyword = 2
  expect(customAttributes).toMatchObject({ DataDate: keyword, Pipeline: keyword, RunKind: keyword, Verdict: keyword })
})

test('a workflow can be started with a search attribute at once', async () => {
  const server = await testServer()
  const workflowId = 'dev-server-test'
  await withClient(server, async ({ workflow }) => {
    const handle = await workflow.start('nobody', { workflowId, taskQueue: workflowId, searchAttributes: { DataDate: ['2026-11-23'] } })
    expect((await handle.describe()).searchAttributes.DataDate).toEqual(['2026-11-23'])
    await handle.terminate()
  })
})

test('two servers run at once, know nothing of each other, and are gone after stop', async () => {
  const servers = await Promise.all([start(), start()])
  const [one, two] = servers
  expect(one.address).not.toBe(two.address)
  await withClient(one, ({ workflow }) => workflow.start('nobody', { workflowId: 'only-in-one', taskQueue: 'none' }))
  await expect(withClient(two, ({ workflow }) => workflow.getHandle('only-in-one').describe())).rejects.toThrow(/not found/)
  await Promise.all(servers.map((server) => server.stop()))
  expect(await Promise.all(servers.map(({ address }) => freeOrTaken(portOf(address))))).toEqual(['free', 'free'])
  await one.stop()
})

test('with a database file, schedules survive a restart, on the same port if asked', async () => {
  const dbFile = join(folder, 'state.db')
  const first = await start({ dbFile })
  const action = { type: 'startWorkflow', workflowType: 'nobody', taskQueue: 'none' } as const
  await withClient(first, ({ schedule }) =>
    schedule.create({ scheduleId: 'kept', spec: { calendars: [{ hour: 6 }] }, action, state: { paused: true, note: 'as before' } }),
  )
  await first.stop()
  const second = await start({ dbFile, port: portOf(first.address) })
  expect(second.address).toBe(first.address)
  const { state } = await withClient(second, ({ schedule }) => schedule.getHandle('kept').describe())
  await second.stop()
  expect(state).toMatchObject({ paused: true, note: 'as before' })
})

test('with a UI, its address answers', async () => {
  const server = await start({ ui: true })
  const response = await fetch(server.ui ?? '')
  await server.stop()
  expect(response.ok).toBe(true)
  expect(await response.text()).toContain('<html')
})

test('a port that is taken is an error before anything is started', async () => {
  const port = portOf((await testServer()).address)
  const named = (option: string) => ({
    code: 'ServerUnavailable',
    message: expect.stringContaining(`Port ${port} of 127.0.0.1 cannot be used: something listens there already`),
    problem: { next: expect.stringContaining(`with ${option},`) },
  })
  await expect(start({ port })).rejects.toMatchObject(named('--port'))
  await expect(start({ ui: true, uiPort: port })).rejects.toMatchObject(named('--ui-port'))
})

test('a server that ends early is an error with what it said', async () => {
  const dbFile = join(folder, 'nowhere', 'state.db')
  const error = await start({ dbFile }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ServerUnavailable', message: expect.stringContaining('ended (exit code 1)') })
  expect(error).toMatchObject({ problem: { details: expect.arrayContaining([expect.stringMatching(/nowhere: no such file/)]) } })
})

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => String(first + index))

/** The CLI, whose server loses a port so many times first: it panics, or ends with another code. */
async function panicking(times: number, code = 2): Promise<Partial<DevServerOptions>> {
  const { path } = await findTemporalCli({ env: process.env, say: () => {} })
  const [script, count] = [join(folder, `panics-${times}-${code}`), join(folder, `count-${times}-${code}`)]
  const lines = [
    '#!/bin/sh',
    `if [ "$1" = server ] && [ "$(cat '${count}' 2>/dev/null | wc -c)" -lt ${times} ]; then`,
    `  printf x >> '${count}'`,
    "  { echo 'panic: bind: address already in use'; seq 50; } >&2",
    `  exit ${code}`,
    'fi',
    `exec '${path}' "$@"`,
  ]
  await writeFile(script, lines.join('\n'), { mode: 0o755 })
  return { env: { ...process.env, TEMPORAL_CLI_PATH: script } }
}

test.runIf(process.platform !== 'win32')('a server that loses a port is started once more, and its reason is shown', async () => {
  for (const code of [2, 1]) {
    const server = await start(await panicking(1, code))
    expect(await isListening(server.address)).toBe(true)
    await server.stop()
  }
  await expect(start(await panicking(2))).rejects.toMatchObject({
    message: expect.stringContaining('ended (exit code 2)'),
    problem: { details: ['panic: bind: address already in use', ...numbers(1, 9), ...numbers(41, 50)] },
  })
})

test.runIf(process.platform !== 'win32')('the server dies with the process that started it, even by SIGKILL', async () => {
  const script = join(folder, 'owner.mjs')
  const module = new URL('../../../worker/dev/devServer.js', import.meta.url).href
  await writeFile(
    script,
    `const { startDevServer } = await import(${JSON.stringify(module)})
     const server = await startDevServer({ env: process.env, say() {} })
     process.stdout.write(server.address)`,
  )
  const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [address] = await once(owner.stdout, 'data').then(([chunk]) => [String(chunk)])
  expect(await isListening(address ?? '')).toBe(true)
  owner.kill('SIGKILL')
  await vi.waitFor(async () => expect(await freeOrTaken(portOf(address ?? ''))).toBe('free'), { timeout: 5_000 })
})
