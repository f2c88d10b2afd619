/**
 * The demo, `daybreak dev` and the tests send their messages here: to a Slack webhook and a mail server on loopback, with a page that
 * shows what came. HTTP and SMTP are real, and nothing leaves the machine. The newest messages are in memory, and none is on disk.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import { type InboxEntry, MAIL_POLICY, mailPath, renderInbox, renderInboxMessage } from '../../../templates/inboxPage.js'
import { readMail } from './readMail.js'
import { readSlack } from './readSlack.js'

export interface Inboxes {
  /** Address of the page. */
  readonly page: string
  /** Takes the place of the webhook in `SLACK_WEBHOOK_URL`. */
  readonly slackUrl: string
  /** The same for the webhook in another variable, so that the page can tell them apart. */
  webhookUrl(variable: string): string
  readonly smtpUrl: string
  /** Oldest first. */
  readonly messages: readonly InboxMessage[]
  stop(): Promise<void>
}

export interface InboxMessage extends InboxEntry {
  /** As it came. */
  readonly body: string
}

const HOST = '127.0.0.1'
/** So many messages are kept; older ones go. */
const KEPT = 200
/** Ten times what the longest message of ours takes. */
const MOST_BYTES = 1_000_000
/** A sender that keeps its connection open is not waited for any longer when the mail server stops. */
const CLOSE_MS = 500

/** Opens both. @param preferredPort the port of the page and the webhook, if it is free; otherwise they get any */
export async function openInboxes(preferredPort = 0): Promise<Inboxes> {
  const messages: InboxMessage[] = []
  let received = 0
  const keep = (message: Omit<InboxMessage, 'number' | 'at'>) => {
    received += 1
    messages.push({ ...message, number: received, at: new Date().toISOString() })
    if (messages.length > KEPT) messages.shift()
  }
  const web = createServer((request, response) => {
    answer(request, response, messages, keep).catch(() => response.destroy())
  })
  const mail = mailServer(keep)
  await listen(web, preferredPort).catch(() => listen(web, 0))
  await listen(mail.server, 0)
  const page = `http://${HOST}:${portOf(web)}`
  const webhookUrl = (variable: string) => `${page}/services/${variable}`
  return {
    page,
    slackUrl: webhookUrl('SLACK_WEBHOOK_URL'),
    webhookUrl,
    smtpUrl: `smtp://${HOST}:${portOf(mail.server)}`,
    messages,
    stop: async () => {
      web.closeAllConnections()
      await Promise.all([new Promise((resolve) => web.close(resolve)), new Promise<void>((resolve) => mail.close(() => resolve()))])
    },
  }
}

type Keep = (message: Omit<InboxMessage, 'number' | 'at'>) => void

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly policy?: string
}

const text = (status: number, body: string): Answer => ({ status, type: 'text/plain', body })
const html = (body: string, policy?: string): Answer => ({ status: 200, type: 'text/html', body, ...(policy ? { policy } : {}) })
const NOT_FOUND = text(404, 'There is no such page.\n')

async function answer(request: IncomingMessage, response: ServerResponse, messages: readonly InboxMessage[], keep: Keep): Promise<void> {
  const { status, type, body, policy } = isForUs(request) ? await answerTo(request, messages, keep) : text(403, 'Ask by loopback.\n')
  response.writeHead(status, {
    'Content-Type': `${type}; charset=utf-8`,
    'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    ...(policy ? { 'Content-Security-Policy': policy } : {}),
    // What was too long to be read still comes in on this connection.
    ...(status === 413 ? { Connection: 'close' } : {}),
  })
  response.end(body)
}

/** A page on the web can point a name of its own at loopback; what it sends then carries that name. */
function isForUs({ headers, socket }: IncomingMessage): boolean {
  return headers.host === `${HOST}:${socket.localPort}` || headers.host === `localhost:${socket.localPort}`
}

async function answerTo(request: IncomingMessage, messages: readonly InboxMessage[], keep: Keep): Promise<Answer> {
  const { method, url = '' } = request
  const webhook = /^\/services\/(\w{1,100})$/.exec(url)?.[1]
  if (method === 'POST' && webhook !== undefined) return await takeSlack(webhook, request, keep)
  if (method !== 'GET' && method !== 'HEAD') return NOT_FOUND
  if (url === '/') return html(renderInbox(messages))
  const message = messages.find(({ number }) => url === `/messages/${number}` || url === mailPath(number))
  if (message === undefined) return NOT_FOUND
  if (url !== mailPath(message.number)) return html(renderInboxMessage(message))
  return message.html === undefined ? NOT_FOUND : html(message.html, MAIL_POLICY)
}

async function takeSlack(webhook: string, request: IncomingMessage, keep: Keep): Promise<Answer> {
  const bytes = await bytesOf(request)
  if (bytes === undefined) return text(413, 'too_long')
  const body = bytes.toString('utf8')
  const content = readSlack(body)
  if (content === undefined) return text(400, 'invalid_payload')
  keep({ channel: 'slack', to: webhook, subject: content.subject, slack: content.parts, body })
  return text(200, 'ok')
}

function mailServer(keep: Keep): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: CLOSE_MS,
    size: MOST_BYTES,
    onData: (stream, { envelope }, done) => {
      takeMail(stream, envelope, keep).then(done, done)
    },
  })
  // A sender that hangs up in the middle is no affair of the others.
  server.on('error', () => {})
  return server
}

/** Keeps a mail. @returns why it is not taken, for its sender; nothing when it is */
async function takeMail(stream: Readable, { rcptTo }: SMTPServerSession['envelope'], keep: Keep): Promise<Error | undefined> {
  const bytes = await bytesOf(stream)
  if (bytes === undefined) return Object.assign(new Error('the message is too long'), { responseCode: 552 })
  const to = rcptTo.map(({ address }) => address).join(', ')
  keep({ channel: 'email', to, ...(await readMail(bytes)), body: bytes.toString('utf8') })
  return undefined
}

/** Reads all of a stream. @returns `undefined` when it is longer than a message may be: then the rest is read and dropped */
async function bytesOf(stream: Readable): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MOST_BYTES) chunks.push(chunk)
  }
  return bytes <= MOST_BYTES ? Buffer.concat(chunks) : undefined
}

interface Listening {
  listen(port: number, host: string, done: () => void): unknown
  once(event: 'error', failed: (error: Error) => void): unknown
  off(event: 'error', failed: (error: Error) => void): unknown
}

function listen(server: Listening, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

const portOf = (server: Pick<Server, 'address'>) => (server.address() as AddressInfo).port
