/**
 * Writes a message for a Slack webhook: Block Kit, within Slack's limits (header 150, section 3000, field 2000 characters, 50 blocks). `&`,
 * `<` and `>` are escaped, so no value can mention a channel or pose as a link. Source: Slack, "Reference: Block Kit" and "Formatting text
 * for app surfaces".
 */
import { andMore } from './attention.js'
import type { MessageBlock } from './messageBlocks.js'
import type { Tone } from './wording.js'

const LIMITS = { header: 150, section: 3000, field: 2000, text: 3000 }

/** A shape beside the word, for those who scan a channel. */
const SIGNS: Readonly<Record<Tone, string>> = { good: '✅', warn: '⚠️', bad: '❌', quiet: '➖' }

export function slackMessage(subject: string, blocks: readonly MessageBlock[]) {
  return { text: within(LIMITS.text, escaped(subject)), blocks: blocks.map(slackBlock) }
}

function slackBlock(block: MessageBlock): object {
  switch (block.type) {
    case 'title':
      return { type: 'header', text: plain(`${SIGNS[block.tone]} ${block.word}: ${block.text}`) }
    case 'sentence':
      return section(`*${flat(block.text)}*`)
    case 'state':
      return section(escaped(block.text))
    case 'figures':
      // Slack takes ten fields; a day has six figures at most.
      return { type: 'section', fields: block.figures.slice(0, 10).map(({ label, value, note }) => field(label, value, note)) }
    case 'findings': {
      const more = block.more > 0 ? [`• _${andMore(block.more, 'finding')} in the report_`] : []
      return section([`*${block.title}*`, ...block.findings.map((finding) => `• ${escaped(finding)}`), ...more].join('\n'))
    }
    case 'next':
      return section(`*What to do:* ${escaped(block.text)}${block.command === undefined ? '' : `\n\`${flat(block.command)}\``}`)
    case 'report':
      return section(block.url === undefined ? `Report: \`${flat(block.path)}\`` : `<${linkTarget(block.url)}|Open the report>`)
    case 'small':
      return { type: 'context', elements: [markdown(escaped(block.text), LIMITS.field)] }
  }
}

function field(label: string, value: string, note: string | undefined) {
  return markdown(`${escaped(label)}\n*${flat(value)}*${note === undefined ? '' : `\n${escaped(note)}`}`, LIMITS.field)
}

const section = (text: string) => ({ type: 'section', text: markdown(text, LIMITS.section) })
const markdown = (text: string, limit: number) => ({ type: 'mrkdwn', text: within(limit, text), verbatim: true })
const plain = (text: string) => ({ type: 'plain_text', text: within(LIMITS.header, text), emoji: true })

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
/** For bold and code: a mark of Slack's own would end them. */
const flat = (text: string) => escaped(text.replaceAll('`', "'").replaceAll('*', '∗'))
const linkTarget = (url: string) => escaped(url.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E'))

/** Cut to a limit, never within an entity or a pair of surrogates. */
function within(limit: number, text: string): string {
  if (text.length <= limit) return text
  return `${text.slice(0, limit - 1).replace(/&[a-z]*$|[\ud800-\udbff]$/, '')}…`
}
