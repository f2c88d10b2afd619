/** Where the team is told. A channel names settings; addresses and secrets come from the environment of the worker only. */

export interface SlackChannel {
  readonly channel: 'slack'
  /** Environment variable that holds the incoming webhook's URL; the webhook decides the Slack channel. @default 'SLACK_WEBHOOK_URL' */
  readonly webhookEnv: string
}

export interface EmailChannel {
  readonly channel: 'email'
  /** Recipients. @default the addresses in `DAYBREAK_MAIL_TO`, separated by commas */
  readonly to?: readonly string[]
}

export type Channel = SlackChannel | EmailChannel

/** An incoming webhook of Slack. */
export function slack(options: { webhookEnv?: string } = {}): SlackChannel {
  return { channel: 'slack', webhookEnv: options.webhookEnv ?? 'SLACK_WEBHOOK_URL' }
}

/** A mail through the server in `SMTP_URL`, from `DAYBREAK_MAIL_FROM`. */
export function email(options: { to?: readonly string[] } = {}): EmailChannel {
  return { channel: 'email', ...options }
}

/** A name for report, events and status: never an address or a secret. */
export function channelName(channel: Channel): string {
  return channel.channel === 'slack' ? `slack (${channel.webhookEnv})` : `email${channel.to ? ` (${channel.to.join(', ')})` : ''}`
}
