/**
 * Tells one channel one thing, once. Each send is recorded before and after, so that a try knows of one before it that had no answer, or
 * whose worker died: that message may have arrived. One more is sent then, and no third. So at most one message is doubled, and each
 * carries a key by which a double is told.
 */
import { type Channel, channelName } from '../../definition/channels.js'
import type { Settings } from '../../engine/loader/settings.js'
import type { AttemptEvent, MessageKind } from '../../engine/protocol/documents/events.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import type { Notified } from '../../engine/protocol/steps.js'
import { appendEventTo, readEventsOf } from '../../engine/storage/events.js'
import type { RenderedMessage } from '../../templates/message.js'

export interface Telling {
  /** What is told: `<pipeline>/<date>/<attempt>/<kind>` or the like; with the channel's name it is the message's key. */
  readonly about: string
  readonly message: MessageKind
  /** The file of events that remembers what was sent. */
  readonly events: string
  /** This is the last try. */
  readonly last: boolean
  readonly render: (key: string) => Promise<RenderedMessage>
}

/** @throws ChannelFailed, ChannelRefused */
export async function tellOnce(settings: Settings, channel: Channel, telling: Telling): Promise<Notified> {
  const { about, message, events, last, render } = telling
  const name = channelName(channel)
  const key = `${about}/${name}`
  const before = (await readEventsOf(events)).filter((event) => event.key === key)
  if (before.some(({ event }) => event === 'message-sent')) return 'sent-before'

  const record = (event: AttemptEvent['event'], detail?: string) =>
    appendEventTo(events, { at: new Date().toISOString(), event, key, channel: name, message, ...(detail ? { detail } : {}) })
  const giveUp = async () => {
    const known = before.some(({ event }) => event === 'message-unclear')
    if (!known) await record('message-unclear', 'it was sent twice and nobody said yes or no; it may have arrived')
    return 'unclear' as const
  }
  const missing = missingSetting(settings, channel)
  if (missing) {
    if (before.length === 0) await record('channel-not-configured', `${missing} is not set`)
    return 'not-configured'
  }
  const unanswered = unansweredSends(before)
  if (unanswered >= MOST_SENDS) return await giveUp()
  const rendered = await render(key)
  await record('message-sending')
  try {
    await send(settings, channel, rendered, key)
  } catch (error) {
    if (!(error instanceof DaybreakError)) throw error
    if (error.code !== 'ChannelUnclear') await record('message-failed', error.message)
    else if (unanswered + 1 >= MOST_SENDS) return await giveUp()
    else if (last) await record('message-unclear', `${error.message}; it may have arrived`)
    throw error
  }
  await record('message-sent')
  return 'sent'
}

/** A message that may have arrived is sent once more, never twice. */
const MOST_SENDS = 2

/**
 * Counts the sends of which nobody knows whether they arrived: they were begun, and neither sent nor failed. Giving up answers none of
 * them.
 */
function unansweredSends(events: readonly AttemptEvent[]): number {
  let open = 0
  for (const { event } of events) {
    if (event === 'message-sending') open += 1
    else if (event === 'message-failed') open = Math.max(0, open - 1)
  }
  return open
}

/**
 * Sends a message. The code of each way is loaded when it is first used, because most runs on a laptop use none. @throws ChannelFailed,
 * ChannelRefused
 */
export async function send(settings: Settings, channel: Channel, message: RenderedMessage, key: string): Promise<void> {
  if (channel.channel === 'slack') await (await import('./sendSlack.js')).sendSlack(settings, channel, message)
  else await (await import('./sendEmail.js')).sendEmail(settings, channel, message, key)
}

/** Names the setting that a channel lacks, if it lacks one. */
export function missingSetting(settings: Settings, channel: Channel): string | undefined {
  if (channel.channel === 'slack') return settings.secret(channel.webhookEnv) ? undefined : channel.webhookEnv
  if (!settings.secret('SMTP_URL')) return 'SMTP_URL'
  if (!settings.mailFrom) return 'DAYBREAK_MAIL_FROM'
  return channel.to || settings.mailTo.length > 0 ? undefined : 'DAYBREAK_MAIL_TO'
}

/** Makes the address of a page of a pipeline's reports, where they are served. */
export function pageUrl({ reportUrl }: Pick<Settings, 'reportUrl'>, pipeline: string, page: string): string | undefined {
  if (!reportUrl) return undefined
  return `${reportUrl.replace(/\/$/, '')}/${encodeURIComponent(pipeline)}/reports/${page}`
}
