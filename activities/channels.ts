/**
 * One message to one channel, once. A message that was recorded as sent is not sent again; between the channel's yes and our
 * record a crash can double it, so every message carries its key.
 */
import { type Channel, channelName } from '../definition/channels.js'
import { DaybreakError, ERRORS } from '../definition/errors.js'
import type { AttemptEvent, MessageKind } from '../definition/records.js'
import type { Notified } from '../definition/steps.js'
import { appendEventTo, readEventsOf } from '../storage/events.js'
import type { RenderedMessage } from '../templates/message.js'
import type { StepContext } from './context.js'

export interface Telling {
  /** What is told: `<pipeline>/<date>/<attempt>/<kind>` or the like; with the channel's name it is the message's key. */
  readonly about: string
  readonly message: MessageKind
  /** File of events that remembers what was sent. */
  readonly events: string
  /** The last try: write down that the channel is broken. */
  readonly last: boolean
  readonly render: (key: string) => Promise<RenderedMessage>
}

/** @throws ChannelFailed, ChannelRefused */
export async function tellOnce(context: StepContext, channel: Channel, telling: Telling): Promise<Notified> {
  const { about, message, events, last, render } = telling
  const name = channelName(channel)
  const key = `${about}/${name}`
  const before = (await readEventsOf(events)).filter((event) => event.key === key)
  if (before.some(({ event }) => event === 'message-sent')) return 'sent-before'

  const record = (event: AttemptEvent['event'], detail?: string) =>
    appendEventTo(events, { at: new Date().toISOString(), event, key, channel: name, message, ...(detail ? { detail } : {}) })
  const missing = missingSetting(context, channel)
  if (missing) {
    if (before.length === 0) await record('channel-not-configured', `${missing} is not set`)
    return 'not-configured'
  }
  try {
    await send(context, channel, await render(key), key)
  } catch (error) {
    if (error instanceof DaybreakError && (last || !ERRORS[error.code].retryable)) await record('message-failed', error.message)
    throw error
  }
  await record('message-sent')
  return 'sent'
}

/** Sends. Each way is loaded when it is first used: most runs on a laptop use none. @throws ChannelFailed, ChannelRefused */
export async function send(
  { settings }: Pick<StepContext, 'settings'>,
  channel: Channel,
  message: RenderedMessage,
  key: string,
): Promise<void> {
  if (channel.channel === 'slack') await (await import('./sendSlack.js')).sendSlack(settings, channel, message)
  else await (await import('./sendEmail.js')).sendEmail(settings, channel, message, key)
}

/** The setting that a channel lacks, if any. */
export function missingSetting({ settings }: Pick<StepContext, 'settings'>, channel: Channel): string | undefined {
  if (channel.channel === 'slack') return settings.secret(channel.webhookEnv) ? undefined : channel.webhookEnv
  if (!settings.secret('SMTP_URL')) return 'SMTP_URL'
  if (!settings.mailFrom) return 'DAYBREAK_MAIL_FROM'
  return channel.to || settings.mailTo.length > 0 ? undefined : 'DAYBREAK_MAIL_TO'
}

/** Address of a page of a pipeline's reports, where they are served. */
export function pageUrl({ settings }: Pick<StepContext, 'settings'>, pipeline: string, page: string): string | undefined {
  if (!settings.reportUrl) return undefined
  return `${settings.reportUrl.replace(/\/$/, '')}/${encodeURIComponent(pipeline)}/reports/${page}`
}
