/** The daily prediction runs on a real Temporal server, by workers that are real processes. */
import { readFile, writeFile } from 'node:fs/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { describe, expect, test, vi } from 'vitest'
import { cancelDay, tellArrived } from '../../client/server/liveDay.js'
import { readEvents } from '../../engine/storage/events.js'
import { currentPublication } from '../../engine/storage/publications.js'
import { receive } from '../setup/httpReceiver.js'
import { DATE, type Installation, install, WAITS_LONG } from '../setup/installation.js'

const SECRETS = {
  SLACK_WEBHOOK_URL: 'http://127.0.0.1:9/services/secret-of-the-webhook',
  SMTP_URL: 'smtp://u:secret-of-the-mail@127.0.0.1:9',
}
const TOLD = "notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }], failure: [{ channel: 'email' }] }"
/** They wait more than they work. */
vi.setConfig({ maxConcurrency: 5 })

const MINUTE = { timeout: 60_000 }

/** A history as text, with what its payloads hold. */
async function historyText(handle: WorkflowHandle): Promise<string> {
  const json = JSON.stringify(await handle.fetchHistory())
  return JSON.stringify(JSON.parse(json, (key, value) => (key === 'data' ? Buffer.from(value, 'base64').toString('utf8') : value)))
}

async function publication(here: Installation) {
  return await currentPublication(here.settings.home, 'churn', DATE)
}

describe.concurrent('a run', () => {
  test(
    'waits for its file, publishes it, and gives the digest of a local run; its history is small and holds no row and no secret',
    MINUTE,
    async (context) => {
      const here = await install(context, TOLD, SECRETS)
      await here.startWorker()
      const handle = await here.start()
      const ending = here.follow(handle)
      await here.untilStep('findInput')
      await here.deliver()
      const result = await ending
      expect(result).toMatchObject({ verdict: 'pass', published: true, accounts: { read: 5000, predicted: 5000, rejected: 0 } })

      const history = await historyText(handle)
      expect(history, 'payloads are readable here').toContain(result.resultsDigest)
      expect(history.length).toBeLessThan(200_000)
      const [, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
      expect(rows.flatMap((row) => row.split(',').slice(0, 3)).filter((cell) => cell.length > 4 && history.includes(cell))).toEqual([])
      expect(history).not.toContain('secret-of')

      expect((await here.runElsewhere()).resultsDigest).toBe(result.resultsDigest)
    },
  )

  test('that fails on bad rows keeps their values out of its history', MINUTE, async (context) => {
    const here = await install(context, TOLD, SECRETS)
    await here.startWorker()
    const file = `${here.folder}/given.csv`
    await writeRows(file, 'PRIVATE-ID,PRIVATE-AGE,3,4,2026-01-01')
    const rejected = await here.start({ input: file })
    expect(await here.follow(rejected)).toMatchObject({ verdict: 'failed', problem: { code: 'RejectBudgetExceeded' } })
    expect(await historyText(rejected)).not.toMatch(/PRIVATE|secret-of/)
    await writeRows(file, 'PRIVATE-ID,"PRIVATE-AGE')
    const unread = await here.start({ input: file })
    expect(await here.follow(unread)).toMatchObject({ verdict: 'failed' })
    expect(await historyText(unread)).not.toMatch(/PRIVATE|secret-of/)
  })

  test('whose file never comes ends in time as input missing, with a report; the worker says so in two lines', MINUTE, async (context) => {
    const here = await install(context)
    const worker = await here.startWorker()
    const ready = worker.output().length
    const startedMs = Date.now()
    const result = await here.run()
    expect(result).toMatchObject({ verdict: 'input-missing', published: false, problem: { code: 'InputMissing' } })
    expect(Date.now() - startedMs).toBeLessThan(15_000)
    expect(await readFile(result.report!, 'utf8')).toContain('The input did not arrive')
    expect(worker.output().slice(ready).trim()).toMatch(
      /^\S+ info: churn 2026-03-03 findInput: InputMissing: .*\n\S+ info: churn 2026-03-03 a001 seal: input-missing\. .*$/,
    )
  })

  test.for([
    ['finds the file that came meanwhile', true, { verdict: 'pass', published: true }],
    ['ends as input missing at once', false, { verdict: 'input-missing', published: false }],
  ] as const)('whose worker was away when the time ran out %s', MINUTE, async ([, came, ending], context) => {
    const here = await install(context)
    const worker = await here.startWorker()
    const handle = await here.start()
    await here.untilStep('findInput')
    worker.process.kill('SIGKILL')
    if (came) await here.deliver()
    await new Promise((resolve) => setTimeout(resolve, 6000))
    await here.startWorker()
    const backMs = Date.now()
    expect(await here.follow(handle)).toMatchObject(ending)
    expect(Date.now() - backMs).toBeLessThan(15_000)
  })

  test('looks at once and without settle when told that its file arrived, and says when nothing is there', MINUTE, async (context) => {
    const here = await install(context, WAITS_LONG)
    await here.startWorker()
    const ending = here.run()
    await here.untilStep('findInput')
    const server = await here.client()
    const askedMs = Date.now()
    expect(await tellArrived(server, here.settings, 'churn', DATE)).toMatchObject({
      found: false,
      message: expect.stringContaining('there is no such file'),
    })
    expect(Date.now() - askedMs, 'one look, not one a second').toBeLessThan(2000)
    await here.deliver()
    expect(await tellArrived(server, here.settings, 'churn', DATE)).toMatchObject({ found: true })
    expect(await ending).toMatchObject({ verdict: 'pass' })
  })

  test.for([
    ['waiting', 'findInput'],
    ['scoring', 'scorePartition'],
  ] as const)('cancelled while %s is sealed as cancelled, has a report and publishes nothing', MINUTE, async ([, step], context) => {
    const here = await install(context, WAITS_LONG)
    if (step === 'scorePartition') await here.deliverSlow()
    await here.startWorker()
    const ending = here.run()
    await here.untilStep(step)
    const askedMs = Date.now()
    const handle = await cancelDay(await here.client(), here.settings, 'churn', DATE)
    const result = await ending
    expect(Date.now() - askedMs).toBeLessThan(8000)
    expect(result).toMatchObject({ verdict: 'cancelled', published: false, problem: { code: 'Cancelled', step } })
    expect((await handle.describe()).status.name).toBe('CANCELLED')
    expect(await readFile(result.report!, 'utf8')).toContain('The run was cancelled')
    expect(await here.manifest()).toMatchObject({ verdict: 'cancelled' })
    expect(await publication(here)).toBeUndefined()
  })

  test('past its deadline ends with a report', MINUTE, async (context) => {
    const here = await install(context, `${WAITS_LONG}, deadline: '2s'`)
    await here.startWorker()
    expect(await here.run()).toMatchObject({ verdict: 'failed', problem: { code: 'DeadlineExceeded' }, report: expect.any(String) })
  })

  test('closes what a terminated one left behind, then publishes; a rerun is publication 2', MINUTE, async (context) => {
    const here = await install(context, WAITS_LONG)
    await here.startWorker()
    const handle = await here.start()
    await here.untilStep('findInput')
    await handle.terminate('for the test')
    expect(await here.follow(handle)).toMatchObject({ problem: { code: 'RunTerminated' } })
    await here.define('notify: {}')
    await here.deliver()
    expect(await here.run()).toMatchObject({ verdict: 'pass', attempt: 'a002' })
    expect(await here.manifest('a001')).toMatchObject({ verdict: 'failed', problem: { code: 'RunTerminated' } })
    expect(await here.run()).toMatchObject({ alreadyPublished: true, attempt: 'a002' })
    expect(await here.run({ rerun: true })).toMatchObject({ published: true, attempt: 'a003' })
    expect(await publication(here)).toMatchObject({ number: 2, attempt: 'a003' })
  })

  test('whose channels are in trouble is published all the same, and each message is told once', MINUTE, async (context) => {
    const late = { status: 429, headers: { 'retry-after': '2' } }
    const { received: posts, url } = await receive(context, { status: 500 }, late, { status: 200 })
    const here = await install(
      context,
      "notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }, { channel: 'email' }] }",
      {
        ...SECRETS,
        SLACK_WEBHOOK_URL: url,
        DAYBREAK_MAIL_FROM: 'daybreak@example.com',
        DAYBREAK_MAIL_TO: 'team@example.com',
      },
    )
    const worker = await here.startWorker()
    await here.deliver()
    expect(await here.run()).toMatchObject({ verdict: 'pass', published: true })
    const told = (await readEvents(here.settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' })).filter(({ channel }) => channel)
    expect(new Map(told.map(({ event, channel }) => [channel, event]))).toEqual(
      new Map([
        ['email', 'message-failed'],
        ['slack (SLACK_WEBHOOK_URL)', 'message-sent'],
      ]),
    )
    expect(told.filter(({ event }) => event === 'message-sent')).toHaveLength(1)
    expect(posts).toHaveLength(3)
    expect(posts[2]!.atMs - posts[1]!.atMs).toBeGreaterThanOrEqual(2000)
    expect(worker.output()).not.toMatch(/warn:|secret-of/)
  })

  test('of a pipeline that is not there fails with what the loader knows', MINUTE, async (context) => {
    const here = await install(context)
    await here.startWorker()
    const result = await here.run({ pipeline: 'chrun' })
    expect(result).toMatchObject({ pipeline: 'chrun', verdict: 'failed', problem: { code: 'PipelineUnknown' } })
    expect(JSON.stringify(result.problem)).toContain('did you mean')
  })
})

async function writeRows(file: string, row: string): Promise<void> {
  await writeFile(file, `customer_id,age,income,purchase_history,last_purchase_date\n${`${row}\n`.repeat(50)}`)
}
