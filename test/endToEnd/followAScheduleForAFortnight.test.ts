/** Nobody watches a schedule: with all that can happen in a fortnight it must run every date once, in order, on a real server. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openServer } from '../../client/server/openServer.js'
import { day, formatDay } from '../../definition/dates.js'
import { scheduleIds } from '../../engine/protocol/ids.js'
import { listAttempts, readManifest } from '../../engine/storage/attempts.js'
import { type DevServer, startDevServer } from '../../worker/dev/devServer.js'
import { fixedTarget } from '../../worker/temporalConnection.js'
import { install, until } from '../setup/installation.js'

const DATES = Array.from({ length: 14 }, (_, index) => formatDay(day('2026-03-01') + index))
const [KILLED, LATE, OUTAGE, MISSING] = ['2026-03-03', '2026-03-05', '2026-03-08', '2026-03-11']

test('a fortnight with a killed worker, an overrun, an outage and a missing file runs every date once, in order', {
  timeout: 150_000,
}, async (context) => {
  const here = await install(
    context,
    "notify: {}, schedule: { cron: '0 6 * * *' }, input: { ...churn.input, arrival: { poll: '300ms', timeout: '8s', settle: '100ms' } }",
  )
  const dbFile = join(here.folder, 'temporal.db')
  const serve = async (port?: number): Promise<DevServer> => {
    const server = await startDevServer({ env: process.env, say: () => {}, dbFile, ...(port ? { port } : {}) })
    context.onTestFinished(() => server.stop())
    return server
  }
  const first = await serve()
  const env = { TEMPORAL_ADDRESS: first.address }
  const ended = async (date: string) => (await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })) !== undefined

  const worker = await here.startWorker(env)
  for (const date of DATES) if (date !== LATE && date !== MISSING) await here.deliver(date)
  expect((await here.commandWith(env, 'schedule', 'apply')).code).toBe(0)
  const { client, close } = await openServer(fixedTarget(first.address))
  // The server starts what it would have started at 6 o'clock of the day after each date.
  const next = (date: string | undefined) => formatDay(day(date!) + 1)
  const [start, end] = [new Date(`${next(DATES[0])}T05:59:00Z`), new Date(`${next(DATES.at(-1))}T06:01:00Z`)]
  await client.schedule
    .getHandle(scheduleIds.make({ name: here.settings.name, pipeline: 'churn' }))
    .backfill({ start, end, overlap: 'BUFFER_ALL' })
  await close()

  await until(`${KILLED} is under way`, async () => (await listAttempts(here.settings.home, 'churn', KILLED)).length > 0, 40_000)
  worker.process.kill('SIGKILL')
  await here.startWorker(env)

  await until(`${LATE} waits for its file`, async () => (await listAttempts(here.settings.home, 'churn', LATE)).length > 0, 40_000)
  // It overruns: the next one queues behind it.
  await new Promise((resolve) => setTimeout(resolve, 3000))
  expect(await listAttempts(here.settings.home, 'churn', next(LATE))).toEqual([])
  await here.deliver(LATE)

  await until(`${OUTAGE} is under way`, async () => (await listAttempts(here.settings.home, 'churn', OUTAGE)).length > 0, 40_000)
  await first.stop()
  await new Promise((resolve) => setTimeout(resolve, 2000))
  await serve(Number(first.address.split(':')[1]))

  await until('the last date has ended', () => ended(DATES.at(-1)!), 90_000)
  const manifests = await Promise.all(DATES.map((date) => readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })))
  expect(manifests.map((manifest) => [manifest?.date, manifest?.verdict])).toEqual(
    DATES.map((date) => [date, date === MISSING ? 'input-missing' : 'pass']),
  )
  for (const date of DATES) expect(await listAttempts(here.settings.home, 'churn', date)).toEqual(['a001'])
  for (const [index, manifest] of manifests.entries()) {
    expect(manifest).toMatchObject({ kind: 'scheduled', nominal: `${next(manifest!.date)}T06:00:00.000Z` })
    if (index > 0) expect(manifest!.startedAt >= manifests[index - 1]!.endedAt, `${manifest!.date} after the day before`).toBe(true)
  }
  // What failed is healed by a backfill of the failed.
  await here.deliver(MISSING)
  const healed = await here.commandWith(env, 'backfill', 'churn', '--from', DATES[0]!, '--to', DATES.at(-1)!, '--mode', 'failed', '--json')
  expect(healed.code).toBe(0)
  expect(JSON.parse(healed.stdout)).toMatchObject({ counts: { planned: 1, published: 1, skipped: 13 } })
})
