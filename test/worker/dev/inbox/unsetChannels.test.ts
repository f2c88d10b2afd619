import { afterEach, beforeEach, expect, test } from 'vitest'
import { email, slack } from '../../../../definition/index.js'
import { readSettings } from '../../../../engine/loader/settings.js'
import { type Inboxes, openInboxes } from '../../../../worker/dev/inbox/inboxes.js'
import { toInboxes, unsetChannels } from '../../../../worker/dev/inbox/unsetChannels.js'

let inboxes: Inboxes
beforeEach(async () => {
  inboxes = await openInboxes()
})
afterEach(() => inboxes.stop())

const definitions = [{ notify: { success: [slack({ webhookEnv: 'TEAM' })], failure: [slack({ webhookEnv: 'ONCALL' }), email()] } }, {}]

test('what is not set is named once, whoever needs it', () => {
  expect(unsetChannels(readSettings({}), [...definitions, ...definitions])).toEqual(['SMTP_URL', 'SLACK_WEBHOOK_URL', 'TEAM', 'ONCALL'])
  expect(unsetChannels(readSettings({ TEAM: 'https://hooks.example.org', SMTP_URL: 'smtp://mail.example.org' }), definitions)).toEqual([
    'SLACK_WEBHOOK_URL',
    'ONCALL',
  ])
})

test('what is not set leads to the inbox, and what is set stays as it is', async () => {
  const env = { TEAM: 'https://hooks.example.org', DAYBREAK_MAIL_TO: 'us@example.org' }
  const settings = readSettings(env)
  const led = toInboxes(settings, inboxes, unsetChannels(settings, definitions))
  expect(led.secret('TEAM')).toBe('https://hooks.example.org')
  expect(led.secret('SMTP_URL')).toBe(inboxes.smtpUrl)
  expect(led).toMatchObject({ mailFrom: 'daybreak@example.com', mailTo: ['us@example.org'] })
  await fetch(led.secret('ONCALL')!, { method: 'POST', body: '{"text":"hello"}' })
  expect(inboxes.messages).toMatchObject([{ channel: 'slack', to: 'ONCALL', subject: 'hello' }])
})

test('nobody needs an address of mail while mail is set', () => {
  const settings = readSettings({ SMTP_URL: 'smtp://mail.example.org' })
  expect(toInboxes(settings, inboxes, unsetChannels(settings, definitions)).mailTo).toEqual([])
})
