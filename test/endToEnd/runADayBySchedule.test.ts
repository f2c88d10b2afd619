/**
 * A schedule starts days on a real server: nobody watches, so their date and their order must be right, and whatever somebody does to them
 * must have an end.
 */
import type { ScheduleHandle } from '@temporalio/client'
import { describe, expect, type TestContext, test } from 'vitest'
import { dayIds, launcherIds, scheduleIds, taskQueues, WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import { CATCH_UP_MS, type ScheduledDayInput, type ScheduledDayResult } from '../../engine/protocol/schedule.js'
import { listAttempts, readAttempt, readManifest } from '../../engine/storage/attempts.js'
import { readEvents } from '../../engine/storage/events.js'
import { receive } from '../setup/httpReceiver.js'
import { type Installation, install, until, WAITS_LONG } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }
const UTC = { timeZone: 'UTC', daysBefore: 1 }

/** A schedule that never fires by itself, so that each start is the test's own. */
async function schedule(here: Installation, { onTestFinished }: TestContext, rule = UTC): Promise<ScheduleHandle> {
  const { client } = await here.client()
  const { name } = here.settings
  const input: ScheduledDayInput = { pipeline: 'churn', cron: '0 6 * * *', rule, searchAttributes: true }
  const handle = await client.schedule.create({
    scheduleId: scheduleIds.make({ name, pipeline: 'churn' }),
    spec: { cronExpressions: ['0 6 * * *'], timezone: rule.timeZone },
    policies: { overlap: 'BUFFER_ALL', catchupWindow: CATCH_UP_MS },
    state: { paused: true },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPES.scheduledDay,
      workflowId: launcherIds.make({ name, pipeline: 'churn' }),
      taskQueue: taskQueues(name).main,
      args: [input],
    },
  })
  onTestFinished(() => handle.delete())
  return handle
}

/** Lets the server start what it would have started at 6 o'clock on these days. */
async function fire(handle: ScheduleHandle, from: string, to = from): Promise<void> {
  await handle.backfill({ start: new Date(`${from}T05:59:00Z`), end: new Date(`${to}T06:01:00Z`), overlap: 'BUFFER_ALL' })
}

/** Results of the launchers, oldest first, once there are so many. */
async function launched(here: Installation, count: number): Promise<ScheduledDayResult[]> {
  const { client } = await here.client()
  const ended = new Map<string, ScheduledDayResult>()
  await until(
    `${count} launchers have ended`,
    async () => {
      const query = `TaskQueue = '${here.settings.name}' AND WorkflowType = 'scheduledDay' AND ExecutionStatus = 'Completed'`
      for await (const { workflowId, runId } of client.workflow.list({ query })) {
        const key = `${workflowId} ${runId}`
        if (!ended.has(key)) ended.set(key, (await client.workflow.getHandle(workflowId, runId).result()) as ScheduledDayResult)
      }
      return ended.size >= count
    },
    45_000,
  )
  return [...ended].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result)
}

describe.concurrent('a scheduled start', () => {
  test('runs the day before its nominal time, in order, once each; a watcher is pinged after each', MINUTE, async (context) => {
    const { received: pings, url } = await receive(context)
    const here = await install(context, 'notify: {}', { DAYBREAK_HEARTBEAT_URL: url })
    const worker = await here.startWorker()
    for (const date of ['2026-03-01', '2026-03-02', '2026-03-03']) await here.deliver(date)
    const handle = await schedule(here, context)
    await fire(handle, '2026-03-02', '2026-03-04')
    expect(await launched(here, 3)).toEqual([
      { date: '2026-03-01', ended: 'run', verdict: 'pass' },
      { date: '2026-03-02', ended: 'run', verdict: 'pass' },
      { date: '2026-03-03', ended: 'run', verdict: 'pass' },
    ])
    const starts = await Promise.all(
      ['2026-03-01', '2026-03-02', '2026-03-03'].map(async (date) => {
        expect(await listAttempts(here.settings.home, 'churn', date)).toEqual(['a001'])
        const record = await readAttempt(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })
        expect(record).toMatchObject({ kind: 'scheduled' })
        return [record?.nominal, record?.startedAt] as const
      }),
    )
    expect(starts.map(([nominal]) => nominal)).toEqual(['2026-03-02T06:00:00.000Z', '2026-03-03T06:00:00.000Z', '2026-03-04T06:00:00.000Z'])
    expect(starts.map(([, started]) => started)).toEqual(starts.map(([, started]) => started).sort())
    expect(pings).toHaveLength(3)
    expect(worker.output()).not.toContain('secret-of')

    await fire(handle, '2026-03-03')
    expect((await launched(here, 4)).filter(({ ended }) => ended === 'already-published')).toHaveLength(1)
    expect(await listAttempts(here.settings.home, 'churn', '2026-03-02')).toEqual(['a001'])
  })

  test('in another zone and with another rule means another date', MINUTE, async (context) => {
    const here = await install(context)
    await here.startWorker()
    const handle = await schedule(here, context, { timeZone: 'Pacific/Apia', daysBefore: 3 })
    // 6:00 in Apia on the 5th is 17:00 UTC on the 4th.
    await handle.backfill({ start: new Date('2026-03-04T16:59:00Z'), end: new Date('2026-03-04T17:01:00Z'), overlap: 'BUFFER_ALL' })
    expect(await launched(here, 1)).toEqual([{ date: '2026-03-02', ended: 'run', verdict: 'input-missing' }])
  })

  test('ends as joined when a run of the date goes on; that run is left alone', MINUTE, async (context) => {
    const here = await install(context, WAITS_LONG)
    await here.startWorker()
    const run = await here.start({ date: '2026-03-03' })
    const handle = await schedule(here, context)
    await fire(handle, '2026-03-04')
    expect(await launched(here, 1)).toEqual([{ date: '2026-03-03', ended: 'joined' }])
    expect((await run.describe()).status.name).toBe('RUNNING')
    await run.terminate()
  })

  test(
    'whose run is terminated gets its report and its message all the same; a watcher that is away harms nothing',
    MINUTE,
    async (context) => {
      const { received: pings, url } = await receive(context, { status: 500 })
      const here = await install(context, `${WAITS_LONG}, notify: { failure: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }] }`, {
        DAYBREAK_HEARTBEAT_URL: url,
        SLACK_WEBHOOK_URL: url,
      })
      const worker = await here.startWorker()
      const handle = await schedule(here, context)
      await fire(handle, '2026-03-04')
      await here.untilStep('findInput')
      const { client } = await here.client()
      await client.workflow
        .getHandle(dayIds.make({ name: here.settings.name, pipeline: 'churn', date: '2026-03-03' }))
        .terminate('for the test')
      await until('the attempt is sealed', async () => (await here.manifest()) !== undefined)
      expect(await here.manifest()).toMatchObject({ verdict: 'failed', problem: { code: 'RunTerminated' } })
      await until('the channel was tried', () => pings.length > 0)
      expect(worker.output()).not.toContain('secret-of')
    },
  )

  test('that is cancelled is named so, and the next one comes', MINUTE, async (context) => {
    const here = await install(context, WAITS_LONG)
    await here.startWorker()
    const handle = await schedule(here, context)
    await fire(handle, '2026-03-04', '2026-03-05')
    const { client } = await here.client()
    await here.untilStep('findInput')
    await client.workflow.getHandle(dayIds.make({ name: here.settings.name, pipeline: 'churn', date: '2026-03-03' })).cancel()
    expect(await launched(here, 1)).toEqual([{ date: '2026-03-03', ended: 'run', verdict: 'cancelled' }])
    const next = client.workflow.getHandle(dayIds.make({ name: here.settings.name, pipeline: 'churn', date: '2026-03-04' }))
    await until('the next day runs', async () =>
      next.describe().then(
        ({ status }) => status.name === 'RUNNING',
        () => false,
      ),
    )
    await next.terminate()
  })
})

describe.concurrent('a run that is late', () => {
  const LATE = "notify: { late: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }] }, lateAfter: '1s'"
  const lateMessages = async (here: Installation, date = '2026-03-03') =>
    (await readEvents(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })).filter(({ message }) => message === 'late')

  test('is announced once, naming the step and the file, while it runs', MINUTE, async (context) => {
    const { received: posts, url } = await receive(context)
    const patient = "input: { ...base.input, arrival: { poll: '300ms', timeout: '1m', settle: '100ms' } }"
    const here = await install(context, `${LATE}, ${patient}`, { SLACK_WEBHOOK_URL: url })
    await here.startWorker()
    const ending = here.run()
    await until('it is announced', () => posts.length > 0)
    expect(await here.step()).toBe('findInput')
    expect(posts[0]?.body).toContain('LATE')
    expect(posts[0]?.body).toContain('Wait for the input')
    expect(posts[0]?.body).toContain('customers_2026-03-03.csv')
    await here.deliver()
    expect(await ending).toMatchObject({ verdict: 'pass' })
    expect(posts).toHaveLength(1)
    expect((await lateMessages(here)).map(({ event }) => event)).toEqual(['message-sending', 'message-sent'])
  })

  test('is not announced when it ended before, nor when it is a backfill, nor a day older than any catch-up', MINUTE, async (context) => {
    const here = await install(context, LATE.replace('1s', '8s'))
    await here.startWorker()
    await here.deliver('2026-03-02')
    const overMs = Date.now() + 9000
    expect(await here.run({ date: '2026-03-02' })).toMatchObject({ verdict: 'pass' })
    await until('it would be late by now', () => Date.now() > overMs)
    await here.define(LATE)
    expect(await here.run({ date: '2026-03-03', kind: 'backfill' })).toMatchObject({ verdict: 'input-missing' })
    const handle = await schedule(here, context)
    await fire(handle, '2026-03-05')
    expect(await launched(here, 1)).toMatchObject([{ date: '2026-03-04', verdict: 'input-missing' }])
    for (const date of ['2026-03-02', '2026-03-03', '2026-03-04']) {
      expect(await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })).toBeDefined()
      expect(await lateMessages(here, date)).toEqual([])
    }
  })
})
