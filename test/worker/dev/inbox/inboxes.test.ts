/**
 * The inbox is there for anybody on this machine who sends to it: what comes must come out as it went in, and nobody may fill it, break
 * it or read it from the web.
 */
import { request } from 'node:http'
import { createTransport } from 'nodemailer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Inboxes, openInboxes } from '../../../../worker/dev/inbox/inboxes.js'

let inboxes: Inboxes
beforeEach(async () => {
  inboxes = await openInboxes()
})
afterEach(() => inboxes.stop())

const get = (path: string) => fetch(`${inboxes.page}${path}`)
const post = (body: string | Uint8Array<ArrayBuffer>, url = inboxes.slackUrl) => fetch(url, { method: 'POST', body })

async function mail(content: { subject: string; text?: string; html?: string }): Promise<void> {
  const transport = createTransport({ url: inboxes.smtpUrl })
  await transport.sendMail({ from: 'a@example.com', to: 'b@example.com, c@example.com', ...content }).finally(() => transport.close())
}

/** As a page on the web would ask that has pointed its own name at loopback. */
function asHost(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(inboxes.page, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', reject).end()
  })
}

describe('what comes', () => {
  test('a mail is read as it was written: long lines, other scripts, both forms', async () => {
    const long = `${'Größe – 大小 '.repeat(40)}end`
    await mail({ subject: `[WARN] ${long.slice(0, 100)}`, text: `${long}\n\n= 1 = 2 =3D\n.dot`, html: `<p title="x=y">${long}</p>` })
    expect(inboxes.messages).toMatchObject([
      {
        number: 1,
        channel: 'email',
        to: 'b@example.com, c@example.com',
        subject: `[WARN] ${long.slice(0, 100)}`,
        html: `<p title="x=y">${long}</p>`,
      },
    ])
    expect(inboxes.messages[0]?.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(`${long}\n\n= 1 = 2 =3D\n.dot`)
  })

  test('a webhook is named by its variable, and what is no message is refused', async () => {
    expect((await post('{"text":"one &amp; only\\nmore"}', inboxes.webhookUrl('SLACK_WEBHOOK_ONCALL'))).status).toBe(200)
    for (const wrong of ['', 'no json', '[]', 'null', '{"text":1}']) expect((await post(wrong)).status).toBe(400)
    expect(inboxes.messages).toMatchObject([{ channel: 'slack', to: 'SLACK_WEBHOOK_ONCALL', subject: 'one & only' }])
  })

  test("a mail's own HTML is served with a policy that lets it do nothing", async () => {
    await mail({ subject: 'x', text: 'x', html: '<script>alert(1)</script>' })
    const response = await get('/messages/1/mail.html')
    expect(await response.text()).toBe('<script>alert(1)</script>')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none';.*; sandbox$/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await (await get('/messages/1')).text()).not.toContain('<script')
  })
})

describe('what does not', () => {
  test('unknown pages and methods are not found', async () => {
    await post('{"text":"x"}')
    for (const path of ['/messages/2', '/messages/1/mail.html', '/messages/01', '/messages/', '/x', '/../etc/passwd', '/services/X']) {
      expect((await get(path)).status).toBe(404)
    }
    expect((await fetch(inboxes.page, { method: 'DELETE' })).status).toBe(404)
    expect((await get('/messages/1')).status).toBe(200)
  })

  test('a page of another name does not get to read it', async () => {
    const { port } = new URL(inboxes.page)
    expect(await asHost('evil.example')).toBe(403)
    expect(await asHost(`evil.example:${port}`)).toBe(403)
    expect(await asHost(`localhost:${port}`)).toBe(200)
  })

  test('what is too long is refused, by web and by mail', async () => {
    const tooLong = 'x'.repeat(1_100_000)
    expect((await post(JSON.stringify({ text: tooLong }))).status).toBe(413)
    await expect(mail({ subject: 'x', text: tooLong })).rejects.toMatchObject({ responseCode: 552 })
    expect(inboxes.messages).toEqual([])
  })

  test('only the newest 200 are kept, under the numbers they had', async () => {
    for (let number = 1; number <= 203; number += 1) await post(`{"text":"message ${number}"}`)
    expect(inboxes.messages).toHaveLength(200)
    expect((await get('/messages/3')).status).toBe(404)
    expect(await (await get('/messages/203')).text()).toContain('message 203')
  })

  test('a sender that hangs up in the middle harms nobody', async () => {
    const { port } = new URL(inboxes.page)
    const aborted = request({ port, method: 'POST', path: '/services/X', headers: { 'content-length': 1000 } })
    aborted.on('error', () => {})
    aborted.write('{')
    await new Promise((resolve) => setTimeout(resolve, 50))
    aborted.destroy()
    await mail({ subject: 'after', text: 'x' })
    expect(inboxes.messages.map(({ subject }) => subject)).toEqual(['after'])
  })
})

test('a port that is taken is no reason to have no inbox', async () => {
  const other = await openInboxes(Number(new URL(inboxes.page).port))
  expect(other.page).not.toBe(inboxes.page)
  expect((await fetch(other.page)).status).toBe(200)
  await other.stop()
})
