/** Says where the team is told. A channel names settings; addresses and secrets come from the environment of the worker only. */

export interface SlackChannel {
  readonly channel: 'slack'
  /** Environment variable that holds the incoming webhook's URL; the webhook decides the Slack channel. @default 'SLACK_WEBHOOK_URL' */
  readonly webhookEnv: string
}

export interface EmailChannel {
  readonly channel: 'email'
  /** The recipients. @default the addresses in `DAYBREAK_MAIL_TO`, separated by commas */
  readonly to?: readonly string[]
}

export type Channel = SlackChannel | EmailChannel

/** Tells the team through an incoming webhook of Slack. */
export function slack(options: { webhookEnv?: string } = {}): SlackChannel {
  return { channel: 'slack', webhookEnv: options.webhookEnv ?? 'SLACK_WEBHOOK_URL' }
}

/** Tells the team by a mail through the server in `SMTP_URL`, from `DAYBREAK_MAIL_FROM`. */
export function email(options: { to?: readonly string[] } = {}): EmailChannel {
  return { channel: 'email', ...options }
}

/** Names a channel in report, events and status, without an address or a secret. */
export function channelName(channel: Channel): string {
  return channel.channel === 'slack' ? `slack (${channel.webhookEnv})` : `email${channel.to ? ` (${channel.to.join(', ')})` : ''}`
}
