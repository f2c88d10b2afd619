/**
 * A mail as it came over the wire, taken apart for somebody who wants to read it: subject, plain text, HTML. What it says is shown
 * and never trusted. Knows what our own mails are made of (RFC 2045 to 2047); attachments and other character sets are passed over.
 */

export interface MailContent {
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** Parts within parts that are looked into. */
const DEEPEST = 4

export function readMail(raw: Buffer): MailContent {
  // One character a byte, until an encoding says otherwise.
  const mail = raw.toString('latin1')
  const parts = leaves(mail, DEEPEST)
  const html = parts.find(({ type }) => type === 'text/html')?.content
  return {
    subject: decodedWords(headersOf(mail).get('subject') ?? ''),
    text: parts.find(({ type }) => type === 'text/plain')?.content ?? '',
    ...(html === undefined ? {} : { html }),
  }
}

interface Leaf {
  /** Such as `text/plain`. */
  readonly type: string
  readonly content: string
}

function leaves(part: string, depth: number): readonly Leaf[] {
  const headers = headersOf(part)
  const body = part.slice(headEnd(part) + 4)
  const contentType = headers.get('content-type') ?? 'text/plain'
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!type.startsWith('multipart/')) return [{ type, content: decodedBody(body, headers.get('content-transfer-encoding')) }]
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined || depth === 0) return []
  const [, ...inner] = `\r\n${body}`.split(`\r\n--${boundary}`)
  return inner.filter((text) => !text.startsWith('--')).flatMap((text) => leaves(text.replace(/^[ \t]*\r\n/, ''), depth - 1))
}

/** Headers by lower-case name, folded lines joined. */
function headersOf(part: string): ReadonlyMap<string, string> {
  const lines = part.slice(0, headEnd(part)).replaceAll(/\r\n[ \t]+/g, ' ')
  return new Map([...lines.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)].map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()]))
}

function headEnd(part: string): number {
  const end = part.indexOf('\r\n\r\n')
  return end < 0 ? part.length : end
}

function decodedBody(body: string, encoding = '7bit'): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8')
    case 'quoted-printable':
      return quotedText(body.replaceAll(/=[ \t]*\r\n/g, ''))
    default:
      return Buffer.from(body, 'latin1').toString('utf8')
  }
}

/** Encoded words of a header. White space between two of them is none of the text's. */
function decodedWords(value: string): string {
  return Buffer.from(value, 'latin1')
    .toString('utf8')
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?(q|b)\?([^?]*)\?=/gi, (_, form: string, text: string) =>
      form.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString('utf8') : quotedText(text.replaceAll('_', ' ')),
    )
}

function quotedText(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
