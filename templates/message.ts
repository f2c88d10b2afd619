/**
 * Renders messages to the team: one list of blocks becomes a mail, plain text and a message for Slack. These are pure functions of data.
 */
import { andMore } from './attention.js'
import { renderMail } from './mail.js'
import { type MessageBlock, type MessageData, messageBlocks, messageSubject } from './messageBlocks.js'
import { slackMessage } from './slackMessage.js'

export type { MessageData } from './messageBlocks.js'

export interface RenderedMessage {
  /** One line without control characters, fit for a mail's header. */
  readonly subject: string
  readonly text: string
  /** A whole HTML document with inline styles, under 60 KB, without images. */
  readonly html: string
  readonly slack: { readonly text: string; readonly blocks: readonly unknown[] }
}

/** Renders a message in every form a channel may want. */
export function renderMessage(data: MessageData): RenderedMessage {
  return renderBlocks(messageSubject(data), messageBlocks(data))
}

/** Renders blocks in every form. */
export function renderBlocks(subject: string, blocks: readonly MessageBlock[]): RenderedMessage {
  return { subject, text: plainText(blocks), html: renderMail(subject, blocks), slack: slackMessage(subject, blocks) }
}

function plainText(blocks: readonly MessageBlock[]): string {
  return `${blocks.map(plainBlock).join('\n\n')}\n`
}

function plainBlock(block: MessageBlock): string {
  switch (block.type) {
    case 'title':
      return `${block.word.toUpperCase()}  ${block.text}`
    case 'sentence':
    case 'state':
    case 'small':
      return block.text
    case 'figures':
      return block.figures.map(({ label, value, note }) => `${label}: ${value}${note === undefined ? '' : ` (${note})`}`).join('\n')
    case 'findings': {
      const more = block.more > 0 ? [`- ${andMore(block.more, 'finding')} in the report`] : []
      return [`${block.title}:`, ...block.findings.map((finding) => `- ${finding}`), ...more].join('\n')
    }
    case 'next':
      return block.command === undefined ? `What to do: ${block.text}` : `What to do: ${block.text}\n\n    ${block.command}`
    case 'report':
      return `Report: ${block.url ?? block.path}`
  }
}
