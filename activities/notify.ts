/**
 * Step 8, second half: one message to one channel, once. A message that was recorded as sent is not sent again; between the
 * channel's yes and our record a crash can double it, so every message carries its key.
 */
import { type Channel, channelName } from '../definition/channels.js'
import { DaybreakError, ERRORS } from '../definition/errors.js'
import { channelsFor } from '../definition/policy.js'
import type { AttemptEvent } from '../definition/records.js'
import type { Notified, NotifyRequest } from '../definition/steps.js'
import { loadPipeline } from '../loader/loadPipeline.js'
import { appendEvent, readEvents, readManifest } from '../storage/attempts.js'
import { layout } from '../storage/layout.js'
import { type MessageData, type RenderedMessage, renderMessage } from '../templates/message.js'
import type { Step, StepContext } from './context.js'
import { lateNotice } from './lateNotice.js'
import { publishedNow, sealedMetrics } from './report.js'

export const notify: Step<NotifyRequest, Notified> = async (context, { attempt, message, channel: index, last, step }) => {
  const { home, pipelines } = context.settings
  const { definition } = await loadPipeline(pipelines, attempt.pipeline)
  const channel = channelsFor(definition, message)[index]
  const manifest = step ? await lateNotice(context, attempt, step) : await readManifest(home, attempt)
  if (!channel || !manifest)
    throw new DaybreakError('ChannelRefused', `there is no channel ${index} for ${message}: the definition changed meanwhile`)
  const name = channelName(channel)
  const key = `${attempt.pipeline}/${attempt.date}/${attempt.attempt}/${message}/${name}`
  const before = (await readEvents(home, attempt)).filter((event) => event.key === key)
  if (before.some(({ event }) => event === 'message-sent')) return 'sent-before'

  const record = (event: AttemptEvent['event'], detail?: string) =>
    appendEvent(home, attempt, { at: new Date().toISOString(), event, key, channel: name, message, ...(detail ? { detail } : {}) })
  const missing = missingSetting(context, channel)
  if (missing) {
    if (before.length === 0) await record('channel-not-configured', `${missing} is not set`)
    return 'not-configured'
  }
  const metrics = await sealedMetrics(home, manifest)
  const published = await publishedNow(home, attempt)
  const reportUrl = reportUrlOf(context, attempt.pipeline, attempt.date)
  const data: MessageData = {
    kind: message,
    manifest,
    key,
    reportPath: layout.report(home, attempt.pipeline, attempt.date),
    ...(metrics ? { metrics } : {}),
    ...(published ? { published } : {}),
    ...(reportUrl ? { reportUrl } : {}),
  }
  try {
    await send(context, channel, renderMessage(data), key)
  } catch (error) {
    if (error instanceof DaybreakError && (last || !ERRORS[error.code].retryable)) await record('message-failed', error.message)
    throw error
  }
  await record('message-sent')
  return 'sent'
}

/** Each way of sending is loaded when it is first used: most runs on a laptop use none. */
async function send({ settings }: StepContext, channel: Channel, message: RenderedMessage, key: string): Promise<void> {
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

function reportUrlOf({ settings }: StepContext, pipeline: string, date: string): string | undefined {
  if (!settings.reportUrl) return undefined
  return `${settings.reportUrl.replace(/\/$/, '')}/${encodeURIComponent(pipeline)}/reports/report_${date}.html`
}
