/** `notify test` sends by real HTTP and SMTP on loopback, to channels that take it, refuse it, or are missing. */
import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { SAMPLE_KINDS } from '../../templates/sampleMessages.js'
import { type Inboxes, openInboxes } from '../../worker/dev/inbox/inboxes.js'
import { receive } from '../setup/httpReceiver.js'
import { type Installation, install } from '../setup/installation.js'

const SLACK = "{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }"
const MAIL = "{ channel: 'email' }"
/** Every kind to both channels. */
const ALL = `notify: { success: [${SLACK}, ${MAIL}], failure: [${SLACK}, ${MAIL}] }`

const mailEnv = (inboxes: Inboxes) => ({
  SMTP_URL: inboxes.smtpUrl,
  DAYBREAK_MAIL_FROM: 'daybreak@example.com',
  DAYBREAK_MAIL_TO: 'team@example.com',
})

async function withInboxes(work: (inboxes: Inboxes) => Promise<void>): Promise<void> {
  const inboxes = await openInboxes()
  await work(inboxes).finally(() => inboxes.stop())
}

async function samples(here: Installation, env: Readonly<Record<string, string>>) {
  const { code, stdout } = await here.commandWith(env, 'notify', 'test', 'churn', '--json')
  return { code, stdout, told: JSON.parse(stdout).samples as { kind: string; channel: string; answer: string; detail?: string }[] }
}

describe.concurrent('notify test', () => {
  test('sends every kind to every channel, says so for each, and writes nothing', async (context) => {
    const here = await install(context, ALL)
    await withInboxes(async (inboxes) => {
      const env = { SLACK_WEBHOOK_URL: inboxes.slackUrl, ...mailEnv(inboxes) }
      const { code, told } = await samples(here, env)
      expect(code).toBe(0)
      expect(told).toEqual(
        SAMPLE_KINDS.flatMap((kind) => ['slack (SLACK_WEBHOOK_URL)', 'email'].map((channel) => ({ kind, channel, answer: 'sent' }))),
      )
      expect(inboxes.messages.map(({ channel }) => channel)).toEqual(SAMPLE_KINDS.flatMap(() => ['slack', 'email']))
      for (const { subject, body } of inboxes.messages) {
        expect(subject).toMatch(/^\[SAMPLE\] \[.+\] churn /)
        expect(body).toContain('This is a sample')
        expect(body).toMatch(/churn\/sample\/\d{4}-.*\/(slack|email)/)
      }
      const words = await here.commandWith(env, 'notify', 'test', 'churn')
      expect(words.code).toBe(0)
      expect(words.stdout).toMatch(/success +slack \(SLACK_WEBHOOK_URL\) +sent\n.*14 of 14 samples sent\.\n$/s)
      const ids = inboxes.messages.flatMap(({ body }) => /^Message-ID: (.*)$/im.exec(body)?.[1] ?? [])
      expect(new Set(ids).size).toBe(14)
    })
    expect(await readdir(here.settings.home).catch(() => [])).toEqual([])
  })

  test('a channel without settings is named with its variable, and the others are told', async (context) => {
    const here = await install(context, ALL)
    await withInboxes(async (inboxes) => {
      const { code, told } = await samples(here, { SLACK_WEBHOOK_URL: inboxes.slackUrl })
      expect(code).toBe(0)
      expect(told).toContainEqual({ kind: 'late', channel: 'email', answer: 'not-configured', detail: 'SMTP_URL is not set' })
      expect(inboxes.messages).toHaveLength(SAMPLE_KINDS.length)
    })
  })

  test('with nothing configured it fails, and says which variables are missing', async (context) => {
    const here = await install(context, ALL)
    const result = await here.command('notify', 'test', 'churn')
    expect(result).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('0 of 14 samples sent; SLACK_WEBHOOK_URL is not set, SMTP_URL is not set.'),
    })
  })

  test('with nobody to tell it fails and says so', async (context) => {
    const here = await install(context, 'notify: {}')
    const result = await here.command('notify', 'test', 'churn')
    expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining('names no channel') })
  })

  test('a webhook that refuses and a mail server that is away are told apart, without an address', async (context) => {
    const here = await install(context, ALL)
    const { url } = await receive(context, { status: 404 })
    const env = {
      SLACK_WEBHOOK_URL: url,
      SMTP_URL: 'smtp://user:secret-password@127.0.0.1:1',
      DAYBREAK_MAIL_FROM: 'a@example.com',
      DAYBREAK_MAIL_TO: 'b@example.com',
    }
    const { code, told, stdout } = await samples(here, env)
    expect(code).toBe(1)
    expect(told.slice(0, 2)).toEqual([
      {
        kind: 'success',
        channel: 'slack (SLACK_WEBHOOK_URL)',
        answer: 'refused',
        detail: 'the webhook in SLACK_WEBHOOK_URL answered 404',
      },
      {
        kind: 'success',
        channel: 'email',
        answer: 'failed',
        detail: expect.stringMatching(/^the mail server in SMTP_URL did not take the mail: /),
      },
    ])
    expect(stdout).not.toMatch(/secret|127\.0\.0\.1/)
  })

  test('each channel of a kind is told once, also by another webhook', async (context) => {
    const here = await install(
      context,
      `notify: { success: [${SLACK}], anomaly: [${SLACK}], late: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_ONCALL' }] }`,
    )
    await withInboxes(async (inboxes) => {
      const env = { SLACK_WEBHOOK_URL: inboxes.slackUrl, SLACK_WEBHOOK_ONCALL: inboxes.webhookUrl('SLACK_WEBHOOK_ONCALL') }
      const { code, told } = await samples(here, env)
      expect(code).toBe(0)
      expect(told.map(({ kind, channel }) => `${kind}: ${channel}`)).toEqual([
        'success: slack (SLACK_WEBHOOK_URL)',
        'anomaly: slack (SLACK_WEBHOOK_URL)',
        'held: slack (SLACK_WEBHOOK_URL)',
        'late: slack (SLACK_WEBHOOK_ONCALL)',
        'backfill: slack (SLACK_WEBHOOK_URL)',
      ])
      expect(inboxes.messages.map(({ to }) => to)).toEqual([
        'SLACK_WEBHOOK_URL',
        'SLACK_WEBHOOK_URL',
        'SLACK_WEBHOOK_URL',
        'SLACK_WEBHOOK_ONCALL',
        'SLACK_WEBHOOK_URL',
      ])
    })
  })

  test.for([
    [['notify'], 'test'],
    [['notify', 'test'], 'pipeline'],
    [['notify', 'test', 'chrun'], 'chrun'],
    [['notify', 'test', 'churn', '--jsn'], '--json'],
  ] as const)('%j is a wrong command', async ([words, said], context) => {
    const here = await install(context)
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) })
  })
})
