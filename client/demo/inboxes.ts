/** A Slack webhook and a mail server on loopback, to see what the team would get: real HTTP, real SMTP, nothing leaves the machine. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface Inboxes {
  readonly slackUrl: string
  readonly smtpUrl: string
  readonly messages: readonly InboxMessage[]
  stop(): Promise<void>
}

export interface InboxMessage {
  readonly channel: 'slack' | 'email'
  /** The first line: what a phone would show. */
  readonly subject: string
  readonly body: string
}

/** Opens both on free ports. */
export async function openInboxes(): Promise<Inboxes> {
  const messages: InboxMessage[] = []
  const slack = createServer((request, response) => {
    textOf(request).then(
      (body) => {
        const { text } = JSON.parse(body) as { text: string }
        messages.push({ channel: 'slack', subject: text.split('\n')[0] ?? '', body })
        response.end('ok')
      },
      () => response.writeHead(400).end(),
    )
  })
  const mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      textOf(stream).then((body) => {
        messages.push({ channel: 'email', subject: headerOf(body, 'Subject'), body })
        done()
      }, done)
    },
  })
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', resolve))
  const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port
  return {
    slackUrl: `http://127.0.0.1:${port(slack)}/services/demo`,
    smtpUrl: `smtp://127.0.0.1:${port(mail.server)}`,
    messages,
    stop: async () => {
      slack.closeAllConnections()
      await Promise.all([new Promise((resolve) => slack.close(resolve)), new Promise<void>((resolve) => mail.close(() => resolve()))])
    },
  }
}

async function textOf(stream: AsyncIterable<unknown> | IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** A header of a mail, folded lines joined and encoded words (RFC 2047) decoded. */
function headerOf(mail: string, name: string): string {
  const head = mail.slice(0, mail.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ')
  const value = new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?(q|b)\?([^?]*)\?=/gi, (_, form: string, text: string) => decodedWord(form, text))
}

function decodedWord(form: string, text: string): string {
  if (form.toLowerCase() === 'b') return Buffer.from(text, 'base64').toString('utf8')
  const bytes = text.replaceAll('_', ' ').replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
