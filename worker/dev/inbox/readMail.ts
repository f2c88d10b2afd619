/**
 * A mail as it came over the wire is taken apart for somebody who wants to read it: subject, plain text, HTML. What it says is shown
 * and never trusted; attachments are passed over.
 */
import PostalMime from 'postal-mime'

export interface MailContent {
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** Parts within parts are looked into so far; mails of ours have two layers. */
const DEEPEST = 10

/** Never throws: a mail that cannot be taken apart is shown as it came. */
export async function readMail(raw: Buffer): Promise<MailContent> {
  try {
    const { subject = '', text = '', html } = await PostalMime.parse(raw, { maxNestingDepth: DEEPEST })
    return { subject, text: withoutLastBreak(text), ...(html === undefined ? {} : { html: withoutLastBreak(html) }) }
  } catch {
    return { subject: '', text: raw.toString('utf8') }
  }
}

/** The line break before a boundary is the boundary's own, and the parser leaves it with the text. */
function withoutLastBreak(text: string): string {
  return text.replace(/\n$/, '')
}
