import { describe, expect, it } from 'vitest'
import { type InboxEntry, MAIL_POLICY, mailPath, renderInbox, renderInboxMessage } from '../../templates/inboxPage.js'
import { attributesOf, textOf } from '../setup/htmlText.js'

const mail: InboxEntry = {
  number: 1,
  at: '2026-11-23T06:02:11.500Z',
  channel: 'email',
  to: 'team@example.com',
  subject: '[PASS] churn 2026-11-22: 7,043 rows scored',
  text: 'PASS  churn\n\nReport: /here',
  html: '<p>mail</p>',
}
const slack: InboxEntry = {
  number: 2,
  at: '2026-11-23T06:02:12.000Z',
  channel: 'slack',
  to: 'SLACK_WEBHOOK_URL',
  subject: '[WARN] churn 2026-11-23: churn rate',
  slack: [
    { style: 'header', texts: ['⚠️ Warn: churn &lt;2026&gt;'] },
    { style: 'body', texts: ['*What to do:* look\n`daybreak run a_b_c`', '<https://example.com/r?a=1&amp;b=2|Open the report>'] },
    { style: 'fields', texts: ['Rows read\n*7,043*'] },
  ],
}

const links = (html: string) => attributesOf(html).flatMap(({ name, value }) => (name === 'href' && value !== 'data:,' ? [value] : []))

describe('the list', () => {
  it('names time, channel and subject of each message, the newest first, with a link', () => {
    const html = renderInbox([mail, slack])
    expect(textOf(html)).toMatch(
      /2 messages.*\[WARN\] churn.*Slack.*2026-11-23 06:02:12 UTC.*\[PASS\] churn.*Mail.*2026-11-23 06:02:11 UTC/,
    )
    expect(links(html)).toEqual(['#messages', 'messages/2', 'messages/1'])
  })

  it('says so when nothing came, and names a message without a subject', () => {
    expect(textOf(renderInbox([]))).toContain('Nothing yet.')
    expect(textOf(renderInbox([{ ...mail, subject: '' }]))).toContain('(no subject)')
  })
})

describe('a message', () => {
  it("shows a mail's text line by line and its HTML in a frame that may do nothing", () => {
    const html = renderInboxMessage(mail)
    expect(html).toContain('<pre class="plain">PASS  churn\n\nReport: /here</pre>')
    expect(html).toMatch(/<iframe [^>]*src="1\/mail\.html" sandbox(="")?[ >]/)
    expect(new URL('1/mail.html', 'http://127.0.0.1/messages/1').pathname).toBe(mailPath(1))
    expect(html).toContain("frame-src 'self'")
    expect(html).not.toContain('<p>mail</p>')
  })

  it('gives the mail itself a policy under which no script runs and nothing is loaded', () => {
    expect(MAIL_POLICY.split('; ')).toEqual(expect.arrayContaining(["default-src 'none'", "form-action 'none'", 'sandbox']))
    expect(MAIL_POLICY).not.toMatch(/script|https?:|allow-/)
  })

  it("reads Slack's markup and entities, and leaves names with underscores alone", () => {
    const html = renderInboxMessage(slack)
    expect(textOf(html)).toContain('Warn: churn <2026>')
    expect(html).toContain('<strong>What to do:</strong>')
    expect(html).toContain('<code>daybreak run a_b_c</code>')
    expect(links(html)).toContain('https://example.com/r?a=1&b=2')
    expect(html).not.toContain('iframe')
  })

  it('escapes whatever a message says, and links to no script', () => {
    const evil = '<script>alert(1)</script>\u202e'
    const html = renderInboxMessage({
      ...mail,
      subject: evil,
      to: evil,
      text: evil,
      slack: [{ style: 'body', texts: [`&lt;img src=x&gt; *${evil}*`, '<javascript:alert(1)|click>'] }],
    })
    expect(html).not.toMatch(/<script|<img|javascript:/)
    expect(html).not.toContain('\u202e')
    expect(textOf(html)).toContain('<script>alert(1)</script>[U+202E]')
    expect(textOf(renderInbox([{ ...mail, subject: evil, to: evil }]))).toContain('<script>')
  })
})
