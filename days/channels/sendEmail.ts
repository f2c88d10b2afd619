/** Sends a mail through the server in `SMTP_URL`. Address and password are secrets: they never reach an error, a log or a report. */
import { createTransport } from 'nodemailer'
import type { EmailChannel } from '../../definition/channels.js'
import { sha256 } from '../../engine/files/fileSystem.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import type { RenderedMessage } from '../../templates/message.js'

/** A server that does not answer in this time is tried again later. */
const TIMEOUT_MS = 10_000

/** @throws ChannelRefused for what another try cannot heal (a 5xx answer, a wrong login), ChannelUnclear when no answer came, ChannelFailed for the rest */
export async function sendEmail(settings: Settings, channel: EmailChannel, message: RenderedMessage, key: string): Promise<void> {
  const url = settings.secret('SMTP_URL') ?? ''
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol))
    throw new DaybreakError('ChannelRefused', 'SMTP_URL is not an smtp:// or smtps:// address')
  const transport = createTransport({ url, connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS })
  try {
    await transport.sendMail({
      from: settings.mailFrom,
      to: [...(channel.to ?? settings.mailTo)],
      subject: message.subject,
      text: message.text,
      html: message.html,
      // The same message has the same id, so that a mail program can tell a double.
      messageId: `<${sha256(key).slice(0, 32)}@daybreak.invalid>`,
      headers: { 'X-Daybreak-Key': key },
    })
  } catch (error) {
    throw mailError(error)
  } finally {
    transport.close()
  }
}

function mailError(error: unknown): DaybreakError {
  const { code, responseCode, syscall } = (error instanceof Error ? error : {}) as {
    code?: string
    responseCode?: number
    syscall?: string
  }
  const refused = code === 'EAUTH' || code === 'EENVELOPE' || (responseCode !== undefined && responseCode >= 500)
  // Without an answer nobody knows how far the mail came, unless there was no connection at all.
  if (responseCode === undefined && !refused && syscall !== 'connect' && code !== 'EDNS' && code !== 'ETLS') {
    return new DaybreakError('ChannelUnclear', `the mail server in SMTP_URL gave no answer: ${code ?? 'connection lost'}`)
  }
  const said = [code, responseCode].filter((part) => part !== undefined).join(' ') || 'no answer'
  return new DaybreakError(refused ? 'ChannelRefused' : 'ChannelFailed', `the mail server in SMTP_URL did not take the mail: ${said}`)
}
