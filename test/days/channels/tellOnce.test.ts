/** Channels break on a whole local run: by real HTTP and SMTP on loopback. */
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tellOnce } from '../../../days/channels/tellOnce.js'
import { readSettings } from '../../../engine/loader/settings.js'
import { readEvents, readEventsOf } from '../../../engine/storage/events.js'
import { layout } from '../../../engine/storage/layout.js'
import { openInboxes } from '../../../worker/dev/inbox/inboxes.js'
import { runLocally } from '../../../worker/localRun.js'
import { freePort } from '../../setup/freePort.js'
import { receive } from '../../setup/httpReceiver.js'
import { Installation } from '../../setup/installation.js'

const date = '2026-03-03'
let here: Installation

beforeEach(async () => {
  here = await Installation.make()
  await here.deliver(date)
  await here.define(
    "retries: { maximum: 2, delay: '50ms' }, notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }, { channel: 'email' }] }",
  )
})

afterEach(async () => {
  await here.remove()
})

async function run(env: Readonly<Record<string, string>>) {
  const settings = readSettings({ DAYBREAK_THREADS: '1', ...env }, { home: here.settings.home, pipelines: here.settings.pipelines })
  const result = await runLocally(
    { pipeline: 'churn', date, kind: 'manual', rerun: true },
    { settings, signal: new AbortController().signal, onProgress: () => {} },
  )
  expect(result).toMatchObject({ verdict: 'pass', published: true })
  const events = await readEvents(settings.home, { pipeline: 'churn', date, attempt: result.attempt! })
  return events
    .filter(({ channel }) => channel !== undefined)
    .map(({ event, channel, detail = '' }) => `${channel}: ${event} ${detail}`.trim())
}

const SLACK = 'slack (SLACK_WEBHOOK_URL)'

test('a webhook that fails twice is tried again and told once', async (context) => {
  const { received, url } = await receive(context, { status: 500 }, { status: 503 }, { status: 200 })
  const events = await run({ SLACK_WEBHOOK_URL: url })
  expect(received).toHaveLength(3)
  expect(events).toContain(`${SLACK}: message-sent`)
  expect(events).toContain('email: channel-not-configured SMTP_URL is not set')
})

test('a 429 is not tried before its Retry-After', async (context) => {
  const { url } = await receive(context, { status: 429, headers: { 'retry-after': '1' } }, { status: 200 })
  const startedMs = Date.now()
  expect(await run({ SLACK_WEBHOOK_URL: url })).toContain(`${SLACK}: message-sent`)
  expect(Date.now() - startedMs).toBeGreaterThan(1000)
})

test('a webhook that is gone is not tried again; the day stays published and no address is shown', async (context) => {
  const { received, url } = await receive(context, { status: 404 })
  const events = await run({ SLACK_WEBHOOK_URL: url })
  expect(received).toHaveLength(1)
  expect(events).toContain(`${SLACK}: message-failed the webhook in SLACK_WEBHOOK_URL answered 404`)
  expect(events.join()).not.toContain('secret-of')
})

test('a webhook and a mail server that nobody listens at are given up after the retries', async () => {
  const closed = await freePort()
  const events = await run({
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${closed}/secret-path`,
    SMTP_URL: `smtp://user:secret-word@127.0.0.1:${closed}`,
    DAYBREAK_MAIL_FROM: 'a@example.com',
    DAYBREAK_MAIL_TO: 'b@example.com',
  })
  expect(events).toEqual(
    expect.arrayContaining([
      expect.stringContaining(`${SLACK}: message-failed the webhook in SLACK_WEBHOOK_URL cannot be reached: ECONNREFUSED`),
      expect.stringContaining('email: message-failed the mail server in SMTP_URL did not take the mail: ESOCKET'),
    ]),
  )
  expect(events.join()).not.toMatch(/secret/)
})

test('Slack and mail get one message each, with the same words and the key', async () => {
  const inboxes = await openInboxes()
  try {
    await run({
      SLACK_WEBHOOK_URL: inboxes.slackUrl,
      SMTP_URL: inboxes.smtpUrl,
      DAYBREAK_MAIL_FROM: 'a@example.com',
      DAYBREAK_MAIL_TO: 'b@example.com, c@example.com',
    })
    expect(inboxes.messages.map(({ channel }) => channel).sort()).toEqual(['email', 'slack'])
    const [first, second] = inboxes.messages
    expect(first?.subject).toBe(second?.subject)
    expect(first?.subject).toMatch(/^\[PASS\] churn 2026-03-03: 5,000 rows scored, churn rate [\d.]+ %; nothing unusual$/)
    for (const { body } of inboxes.messages) expect(body).toContain('churn/2026-03-03/a001/success')
  } finally {
    await inboxes.stop()
  }
})

test('a webhook that takes the message and breaks gets it twice at most, and the report says that it may have arrived', async (context) => {
  const { received, url } = await receive(context, { status: 0 })
  const events = await run({ SLACK_WEBHOOK_URL: url })
  expect(received).toHaveLength(2)
  expect(new Set(received.map(({ body }) => body)).size).toBe(1)
  expect(received[0]?.body).toContain('churn/2026-03-03/a001/success/slack')
  expect(events.filter((event) => event.startsWith(SLACK))).toEqual([
    `${SLACK}: message-sending`,
    `${SLACK}: message-sending`,
    `${SLACK}: message-unclear it was sent twice and nobody said yes or no; it may have arrived`,
  ])
})

test('a worker that dies just after it gave up leaves it at that: nothing is sent a third time', async (context) => {
  const { received, url } = await receive(context, { status: 0 })
  await run({ SLACK_WEBHOOK_URL: url })
  const settings = readSettings({ SLACK_WEBHOOK_URL: url }, { home: here.settings.home, pipelines: here.settings.pipelines })
  const events = layout.events(settings.home, { pipeline: 'churn', date, attempt: 'a001' })
  const before = await readEventsOf(events)
  for (const last of [false, true]) {
    const render = () => Promise.reject(new Error('nobody needs it'))
    const telling = { about: `churn/${date}/a001/success`, message: 'success' as const, events, last, render }
    expect(await tellOnce(settings, { channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }, telling)).toBe('unclear')
  }
  expect(received).toHaveLength(2)
  expect(await readEventsOf(events)).toEqual(before)
})

test('a webhook that breaks once and then says yes has it twice, and it counts as sent', async (context) => {
  const { received, url } = await receive(context, { status: 0 }, { status: 200 })
  expect((await run({ SLACK_WEBHOOK_URL: url })).at(-1)).not.toContain('message-failed')
  expect(received).toHaveLength(2)
})

test.each([
  ['after the mail', /\r\n\.\r\n$/, 2],
  ['before it', /^RCPT/im, 0],
] as const)('a mail server that breaks %s gets it twice at most', async (_when, breaksAt, whole) => {
  const server = await breakingMailServer(breaksAt)
  try {
    const settings = { SMTP_URL: server.url, DAYBREAK_MAIL_FROM: 'a@example.com', DAYBREAK_MAIL_TO: 'b@example.com' }
    const events = (await run(settings)).filter((event) => event.startsWith('email'))
    expect(events.filter((event) => event.includes('message-sending')).length).toBe(2)
    expect(events.at(-1)).toContain('may have arrived')
    expect(server.mails()).toBe(whole)
  } finally {
    server.stop()
  }
})

/** Speaks as much SMTP as it takes, and hangs up where the talk matches. */
async function breakingMailServer(breaksAt: RegExp) {
  let mails = 0
  const server = createServer((socket) => {
    let data = false
    let heard = ''
    socket.on('error', () => {})
    socket.write('220 here\r\n')
    socket.on('data', (chunk) => {
      heard += chunk.toString()
      if (!heard.endsWith('\r\n') || (data && !heard.endsWith('\r\n.\r\n'))) return
      if (data) mails += 1
      if (breaksAt.test(heard)) {
        socket.destroy()
        return
      }
      data = /^DATA/i.test(heard)
      heard = ''
      socket.write(data ? '354 go on\r\n' : '250 fine\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, mails: () => mails, stop: () => server.close() }
}
