/** A laptop has no settings for some channels: what a pipeline would tell the team there goes to the inbox. What is set stays as it is. */
import type { AnyPipeline } from '../../../definition/pipeline.js'
import type { Settings } from '../../../engine/loader/settings.js'
import type { Inboxes } from './inboxes.js'

/** Lists the variables that are not set: for mail, for the usual webhook, and for each other webhook that a definition names. */
export function unsetChannels(settings: Settings, definitions: readonly Pick<AnyPipeline, 'notify'>[]): readonly string[] {
  const channels = definitions.flatMap(({ notify = {} }) => Object.values(notify).flat())
  const webhooks = channels.flatMap((channel) => (channel.channel === 'slack' ? [channel.webhookEnv] : []))
  return [...new Set(['SMTP_URL', 'SLACK_WEBHOOK_URL', ...webhooks])].filter((variable) => settings.secret(variable) === undefined)
}

/** Makes settings in which these variables lead to the inbox. */
export function toInboxes(settings: Settings, inboxes: Inboxes, variables: readonly string[]): Settings {
  const { mailFrom = 'daybreak@example.com', mailTo } = settings
  const sender = { mailFrom, mailTo: mailTo.length > 0 ? mailTo : ['team@example.com'] }
  const address = (variable: string) => (variable === 'SMTP_URL' ? inboxes.smtpUrl : inboxes.webhookUrl(variable))
  return {
    ...settings,
    ...(variables.includes('SMTP_URL') ? sender : {}),
    secret: (variable) => (variables.includes(variable) ? address(variable) : settings.secret(variable)),
  }
}
