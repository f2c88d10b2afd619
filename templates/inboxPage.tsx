/**
 * Renders the pages of the inbox on a laptop: what came, newest first, and one message as its reader would see it. These are pure functions
 * of messages that may say anything: text is escaped, and a mail's own HTML stays in a frame that can do nothing.
 */
import type { ComponentChildren } from 'preact'
import { counted, utcSecond } from './numbers.js'
import { renderPage } from './page.js'
import { Brand, Link, Section, Table } from './parts.js'
import { safeText } from './safeText.js'

export interface InboxEntry {
  /** Counted from 1 in the order of arrival. */
  readonly number: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly channel: 'slack' | 'email'
  /** The recipients of a mail. A message by a webhook has the variable that its address was in. */
  readonly to: string
  /** What a phone would show. */
  readonly subject: string
  /** A mail as plain text. */
  readonly text?: string
  /** A mail's own document, served at `mailPath`. */
  readonly html?: string
  readonly slack?: readonly SlackPart[]
}

/** A block of a Slack message; its texts are in Slack's own markup. */
export interface SlackPart {
  readonly style: 'header' | 'body' | 'fields' | 'small'
  readonly texts: readonly string[]
}

/** Where a mail's own HTML is served. */
export const mailPath = (number: number) => `/messages/${number}/mail.html`

/** The policy to serve it with: it looks like a mail, and runs, sends, loads and opens nothing. */
export const MAIL_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox',
].join('; ')

/** A subject, and one line of text, have so many graphemes. */
const SUBJECT = 200
const LINE = 2000

const CHANNELS: Readonly<Record<InboxEntry['channel'], string>> = { slack: 'Slack', email: 'Mail' }

/** Renders the list as a whole document. The newest is put first. */
export function renderInbox(messages: readonly InboxEntry[]): string {
  const newestFirst = messages.toReversed()
  return renderPage(
    'Inbox',
    <>
      <a class="skip" href="#messages">
        Skip to the messages
      </a>
      <Head>
        <h1 class="title">Inbox</h1>
        <p class="lead">
          {messages.length === 0
            ? 'Nothing yet. What pipelines tell the team comes here; reload to look again.'
            : `${counted(messages.length, 'message')}. Nothing here left this machine.`}
        </p>
      </Head>
      <main class="wide" id="messages">
        {messages.length > 0 && (
          <Table<InboxEntry>
            caption="Messages, newest first"
            columns={[
              { title: 'Subject', kind: 'words', cell: (message) => <Link to={`messages/${message.number}`}>{subjectOf(message)}</Link> },
              { title: 'Channel', kind: 'short', cell: ({ channel }) => CHANNELS[channel] },
              { title: 'Came', kind: 'short', cell: ({ at }) => utcSecond(at) },
              { title: 'To', cell: ({ to }) => safeText(to) },
            ]}
            rows={newestFirst}
          />
        )}
      </main>
      <footer class="wide">Kept in memory until the process ends. Written by Daybreak.</footer>
    </>,
  )
}

/** Renders one message as a whole document, to be served at `/messages/<number>`. */
export function renderInboxMessage(message: InboxEntry): string {
  const { number, at, channel, to, text, html, slack } = message
  return renderPage(
    subjectOf(message),
    <>
      <Head back>
        <h1 class="subject">{subjectOf(message)}</h1>
        <p class="gap soft">
          {CHANNELS[channel]} to {safeText(to)}, {utcSecond(at)}
        </p>
      </Head>
      <main class="wide">
        {slack && (
          <Section id="slack" title="In Slack">
            <div class="note">
              {slack.map((part) => (
                <Part part={part} />
              ))}
            </div>
          </Section>
        )}
        {html !== undefined && (
          <Section id="html" title="As a mail">
            <iframe class="mail" title="The mail" src={mailPath(number).replace('/messages/', '')} sandbox="" />
          </Section>
        )}
        {text !== undefined && text !== '' && (
          <Section id="text" title="As plain text">
            <pre class="plain">{safeLines(text)}</pre>
          </Section>
        )}
      </main>
      <footer class="wide">Message {number}. Written by Daybreak.</footer>
    </>,
    { frames: html !== undefined },
  )
}

function Head({ back = false, children }: { back?: boolean; children: ComponentChildren }) {
  return (
    <header class="head quiet">
      <div class="wide">
        <div class="bar">
          <Brand />
          {back && <Link to="../">All messages</Link>}
        </div>
        {children}
      </div>
    </header>
  )
}

const subjectOf = ({ subject }: InboxEntry) => (subject === '' ? '(no subject)' : safeText(subject, SUBJECT))

/** Makes every line safe by itself, so that the ends of lines stay. */
function safeLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => safeText(line, LINE))
    .join('\n')
}

function Part({ part: { style, texts } }: { part: SlackPart }) {
  if (style === 'header') return <h3>{texts.map((text) => safeText(slackUnescaped(text), LINE)).join(' ')}</h3>
  const written = texts.map((text) => <Written text={text} />)
  if (style === 'fields') {
    return (
      <ul>
        {written.map((field) => (
          <li>{field}</li>
        ))}
      </ul>
    )
  }
  return <p class={style === 'small' ? 'soft small' : undefined}>{written}</p>
}

/** Slack's markup: code, bold, emphasis and named links. */
const MARKUP = /`([^`\n]+)`|(?<!\w)\*([^*\n]+)\*(?!\w)|(?<!\w)_([^_\n]+)_(?!\w)|<([^|<>\s]+)\|([^<>]+)>/g

function Written({ text }: { text: string }) {
  const shown = (part: string) => safeLines(slackUnescaped(part))
  const pieces: ComponentChildren[] = []
  let from = 0
  for (const match of text.matchAll(MARKUP)) {
    const [whole, code, bold, emphasis, url, label] = match
    pieces.push(shown(text.slice(from, match.index)))
    from = match.index + whole.length
    if (code !== undefined) pieces.push(<code>{shown(code)}</code>)
    else if (bold !== undefined) pieces.push(<strong>{shown(bold)}</strong>)
    else if (emphasis !== undefined) pieces.push(<em>{shown(emphasis)}</em>)
    else if (url !== undefined && label !== undefined) pieces.push(<Link to={slackUnescaped(url)}>{shown(label)}</Link>)
  }
  return (
    <>
      {pieces}
      {shown(text.slice(from))}
    </>
  )
}

/** The three characters that Slack wants escaped, as they were. */
export const slackUnescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
