/** The daily prediction on a real Temporal server, with workers as real processes. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runLocally } from '../../client/localRun.js'
import { cancelDay, followDay, openServer, startDay, tellArrived } from '../../client/temporalRun.js'
import type { DayRequest } from '../../definition/steps.js'
import { listAttempts, readManifest } from '../../storage/attempts.js'
import { currentPublication } from '../../storage/publications.js'
import { startDevServer } from '../../worker/devServer.js'
import { startWorker } from '../../worker/startWorker.js'
import { fixedTarget } from '../../worker/temporalConnection.js'
import { Installation, until } from '../installation.js'

const SECRETS = {
  SLACK_WEBHOOK_URL: 'http://127.0.0.1:9/services/secret-of-the-webhook',
  SMTP_URL: 'smtp://u:secret-of-the-mail@127.0.0.1:9',
}
const date = '2026-03-03'
const request: DayRequest = { pipeline: 'churn', date, kind: 'manual', rerun: false }
let here: Installation

beforeEach(async () => {
  here = await Installation.make(SECRETS)
  await here.define('notify: {}')
})

afterEach(() => here.remove())

async function run(changes: Partial<DayRequest> = {}) {
  const server = await here.client()
  const { handle } = await startDay(server, here.settings, { ...request, ...changes })
  return await followDay(server, here.settings, handle, () => {})
}

async function stepNow(): Promise<string | undefined> {
  const server = await here.client()
  const handle = server.client.workflow.getHandle(`${here.settings.name}/predict/churn/${date}`)
  return await handle.query<{ step: string }>('progress').then(
    ({ step }) => step,
    () => undefined,
  )
}

test('a run waits for its file, publishes it, and gives the digest of a local run; its history holds no row and no secret', {
  timeout: 60_000,
}, async () => {
  await here.define("notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }] }")
  await here.startWorker()
  const ending = run()
  await until('the run waits', async () => (await stepNow()) === 'findInput')
  await here.deliver(date)
  const result = await ending
  expect(result).toMatchObject({ verdict: 'pass', published: true, accounts: { read: 5000, predicted: 5000, rejected: 0 } })

  const server = await here.client()
  const history = JSON.stringify(await server.client.workflow.getHandle(`${here.settings.name}/predict/churn/${date}`).fetchHistory())
  const [, firstRow = ''] = (await readFile(here.inputPath(date), 'utf8')).split('\n')
  expect(history.length).toBeLessThan(300_000)
  for (const secret of [...firstRow.split(',').slice(0, 1), 'secret-of-the-webhook', 'secret-of-the-mail']) {
    expect(history).not.toContain(secret)
    expect(history).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''))
  }

  const home = join(here.folder, 'another-home')
  const local = await runLocally(request, {
    settings: { ...here.settings, home },
    signal: new AbortController().signal,
    onProgress: () => {},
  })
  expect(local.resultsDigest).toBe(result.resultsDigest)
})

test('a file that never comes ends the run in time, as input missing, with a report', { timeout: 60_000 }, async () => {
  await here.startWorker()
  const startedMs = Date.now()
  const result = await run()
  expect(result).toMatchObject({ verdict: 'input-missing', published: false, problem: { code: 'InputMissing' } })
  expect(Date.now() - startedMs).toBeLessThan(15_000)
  expect(await readFile(result.report!, 'utf8')).toContain('The input did not arrive')
})

test('a run whose worker was away when the time ran out looks once more', { timeout: 60_000 }, async () => {
  const worker = await here.startWorker()
  const server = await here.client()
  const { handle } = await startDay(server, here.settings, request)
  await until('the run waits', async () => (await stepNow()) === 'findInput')
  worker.process.kill('SIGKILL')
  await here.deliver(date)
  await new Promise((resolve) => setTimeout(resolve, 6000))
  await here.startWorker()
  expect(await followDay(server, here.settings, handle, () => {})).toMatchObject({ verdict: 'pass', published: true })
})

test('"arrived" ends the wait at once without settle, and says when nothing is there', { timeout: 60_000 }, async () => {
  await here.define("notify: {}, input: { ...churn.input, arrival: { poll: '1h', timeout: '2h', settle: '1h' } }")
  await here.startWorker()
  const ending = run()
  const server = await here.client()
  await until('the run waits', async () => (await stepNow()) === 'findInput')
  expect(await tellArrived(server, here.settings, 'churn', date)).toMatchObject({
    found: false,
    message: expect.stringContaining('there is no such file'),
  })
  await here.deliver(date)
  expect(await tellArrived(server, here.settings, 'churn', date)).toMatchObject({ found: true })
  expect(await ending).toMatchObject({ verdict: 'pass' })
})

test('a cancelled run is sealed as cancelled, has a report and publishes nothing', { timeout: 60_000 }, async () => {
  await here.define("notify: {}, input: { ...churn.input, arrival: { poll: '1h', timeout: '2h' } }")
  await here.startWorker()
  const ending = run()
  await until('the run waits', async () => (await stepNow()) === 'findInput')
  const server = await here.client()
  const handle = await cancelDay(server, here.settings, 'churn', date)
  const result = await ending
  expect(result).toMatchObject({ verdict: 'cancelled', published: false, problem: { code: 'Cancelled' } })
  expect((await handle.describe()).status.name).toBe('CANCELLED')
  expect(await readFile(result.report!, 'utf8')).toContain('The run was cancelled')
  expect(await currentPublication(here.settings.home, 'churn', date)).toBeUndefined()
})

test.each(['inspect', 'scorePartition', 'assemble', 'seal'])(
  'a worker killed in step %s costs seconds and nothing else',
  { timeout: 90_000 },
  async (step) => {
    await here.deliver(date)
    const undisturbed = await runLocally(request, {
      settings: { ...here.settings, home: join(here.folder, 'undisturbed') },
      signal: new AbortController().signal,
      onProgress: () => {},
    })
    const first = await here.startWorker()
    const server = await here.client()
    const { handle } = await startDay(server, here.settings, request)
    const ending = followDay(server, here.settings, handle, () => {})
    await until(`the run is in ${step}`, async () => {
      const now = await stepNow()
      return now === step || (await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })) !== undefined
    })
    first.process.kill('SIGKILL')
    const killedMs = Date.now()
    await here.startWorker()
    const result = await ending
    expect(result).toMatchObject({ verdict: 'pass', published: true, resultsDigest: undisturbed.resultsDigest })
    expect(Date.now() - killedMs).toBeLessThan(30_000)
    expect(await listAttempts(here.settings.home, 'churn', date)).toEqual(['a001'])
    const names = await readdir(join(here.settings.home, 'churn', 'attempts', date, 'a001'))
    expect(names.filter((name) => name.startsWith('.tmp-') || name === 'work')).toEqual([])
  },
)

test('a file that kills every worker ends the run after five, naming the step', { timeout: 120_000 }, async () => {
  await here.define(
    "notify: {}, features: { ...churn.features, age: (row) => { if (row.age > 0) process.kill(process.pid, 'SIGKILL'); return row.age } }, model: { ...churn.model, golden: undefined }",
  )
  await here.deliver(date)
  const first = await here.startWorker()
  let over = false
  // Whoever runs the worker starts it again each time it dies.
  const keeper = (async () => {
    for (let worker = first; !over; worker = await here.startWorker())
      await Promise.race([worker.ended, until('the run is over', () => over, 100_000)])
  })()
  const result = await run().finally(() => {
    over = true
  })
  await keeper
  expect(result).toMatchObject({ verdict: 'failed', problem: { code: 'WorkerKeepsDying', step: 'scorePartition' } })
  expect(await readFile(result.report!, 'utf8')).toContain('Every worker that tried this step died')
})

test('the next run closes what a terminated one left behind, and publishes', { timeout: 60_000 }, async () => {
  await here.define("notify: {}, input: { ...churn.input, arrival: { poll: '1h', timeout: '2h' } }")
  await here.startWorker()
  const server = await here.client()
  const { handle } = await startDay(server, here.settings, request)
  await until('the run waits', async () => (await stepNow()) === 'findInput')
  await handle.terminate('for the test')
  await here.define('notify: {}')
  await here.deliver(date)
  expect(await run()).toMatchObject({ verdict: 'pass', attempt: 'a002' })
  expect(await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })).toMatchObject({
    verdict: 'failed',
    problem: { code: 'RunTerminated' },
  })
})

test('a run past its deadline ends with a report', { timeout: 60_000 }, async () => {
  await here.define("notify: {}, deadline: '2s', input: { ...churn.input, arrival: { poll: '1h', timeout: '2h' } }")
  await here.startWorker()
  expect(await run()).toMatchObject({ verdict: 'failed', problem: { code: 'DeadlineExceeded' }, report: expect.any(String) })
})

test('a server that is killed and comes back goes on with the run, and its follower gets the answer', { timeout: 90_000 }, async () => {
  const dbFile = join(here.folder, 'temporal.db')
  const first = await startDevServer({ env: process.env, say: () => {}, dbFile })
  const port = Number(first.address.split(':')[1])
  const target = fixedTarget(first.address)
  const worker = await startWorker({ target, settings: here.settings, say: () => {} })
  const client = await openServer(target)
  await here.define("notify: {}, input: { ...churn.input, arrival: { poll: '500ms', timeout: '1m', settle: '100ms' } }")
  const { handle } = await startDay(client, here.settings, request)
  const ending = followDay(client, here.settings, handle, () => {})
  await until('the run waits', async () => (await handle.query<{ step: string }>('progress')).step === 'findInput')
  await first.stop()
  await here.deliver(date)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const second = await startDevServer({ env: process.env, say: () => {}, dbFile, port })
  try {
    expect(await ending).toMatchObject({ verdict: 'pass', published: true })
  } finally {
    await client.close()
    await worker.stop()
    await second.stop()
  }
})
