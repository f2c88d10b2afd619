/** Sends a message to Slack's incoming webhook. The address is a secret: it never reaches an error, a log or a report. */
import { IncomingWebhook, IncomingWebhookHTTPError, type IncomingWebhookSendArguments } from '@slack/webhook'
import type { SlackChannel } from '../../definition/channels.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { systemErrorText } from '../../engine/protocol/systemErrors.js'
import type { RenderedMessage } from '../../templates/message.js'

/** A webhook that does not answer in this time is tried again later. */
const TIMEOUT_MS = 10_000

/** @throws ChannelRefused for what another try cannot heal (404, 400, …), ChannelUnclear when no answer came, ChannelFailed for the rest */
export async function sendSlack(settings: Settings, { webhookEnv }: SlackChannel, message: RenderedMessage): Promise<void> {
  const url = settings.secret(webhookEnv) ?? ''
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new DaybreakError('ChannelRefused', `${webhookEnv} is not a web address`)
  }
  let retryAfterMs: number | undefined
  const webhook = new IncomingWebhook(url, {
    timeout: TIMEOUT_MS,
    // The library keeps the answer's headers to itself, and Retry-After is among them.
    fetch: async (address, init) => {
      const response = await fetch(address, init as RequestInit)
      retryAfterMs = parseRetryAfter(response.headers.get('retry-after'))
      return response
    },
  })
  try {
    const { text, blocks } = message.slack
    await webhook.send({ text, blocks } as IncomingWebhookSendArguments)
  } catch (error) {
    throw slackError(webhookEnv, error, retryAfterMs)
  }
}

/** With these errors nothing was sent yet. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

function slackError(webhookEnv: string, error: unknown, retryAfterMs: number | undefined): DaybreakError {
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs }
  if (!(error instanceof IncomingWebhookHTTPError)) {
    const why = rootCause(error)
    if (NOT_CONNECTED.has(why)) return new DaybreakError('ChannelFailed', `the webhook in ${webhookEnv} cannot be reached: ${why}`, hint)
    return new DaybreakError('ChannelUnclear', `the webhook in ${webhookEnv} gave no answer: ${why}`, hint)
  }
  const answer = `the webhook in ${webhookEnv} answered ${error.statusCode}`
  const heals = error.statusCode === 429 || error.statusCode >= 500
  return new DaybreakError(heals ? 'ChannelFailed' : 'ChannelRefused', answer, hint)
}

/** Answers with what the innermost error says: `fetch failed` alone helps nobody, and an outer message may hold the address. */
function rootCause(error: unknown): string {
  let innermost = error
  while (innermost instanceof Error) {
    const inner: unknown = 'original' in innermost ? innermost.original : innermost.cause
    if (!(inner instanceof Error)) break
    innermost = inner
  }
  const code = innermost instanceof Error && 'code' in innermost ? String(innermost.code) : ''
  return code || (innermost instanceof Error ? innermost.name : systemErrorText(innermost))
}

/** Reads the milliseconds of a Retry-After header in seconds. A date, or nothing, gives `undefined`. */
function parseRetryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,5}$/.test(header.trim()) ? Number(header) * 1000 : undefined
}
