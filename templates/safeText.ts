/**
 * Makes text from files, models and the environment fit to be shown: what cannot be seen becomes visible, what is long is cut. Preact
 * escapes for HTML; this is about what an honest reader would not see, or could be misled by.
 */
import { count } from './numbers.js'

/** C0 and C1 controls and DEL; direction marks and overrides; invisible spaces and separators; lone surrogates; non-characters. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}\p{Surrogate}]/gu

/** A shown text may have so many code units for each grapheme asked for: that bounds towers of combining marks. */
const UNITS_PER_GRAPHEME = 4

/** Beyond four, marks stacked on one letter are no writing but paint over the page, and are dropped. */
const TOWER = /(\p{Mn}{4})\p{Mn}+/gu

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Replaces everything unseen by a symbol (`␀`, `␊`, `[U+202E]`, `�`), and cuts after `limit` graphemes, saying the length.
 * @param limit graphemes; 80 for values, more for sentences
 */
export function safeText(text: string, limit = 80): string {
  const room = limit * UNITS_PER_GRAPHEME
  const head = text.slice(0, room).replace(TOWER, '$1')
  let end = 0
  let seen = 0
  for (const { index, segment } of graphemes.segment(head)) {
    if (seen === limit) break
    seen += 1
    end = index + segment.length
  }
  if (end === head.length && text.length <= room) return head.replace(UNSEEN, symbolOf)
  return `${head.slice(0, end).replace(UNSEEN, symbolOf)}… (${count(text.length)} characters)`
}

/**
 * Makes text for one line of a mail's header: unseen characters are dropped, white space is one space, and it is cut after `limit`
 * graphemes.
 */
export function headerText(text: string, limit: number): string {
  const line = text
    .slice(0, limit * UNITS_PER_GRAPHEME)
    .replace(/\s+/g, ' ')
    .replace(UNSEEN, '')
    .trim()
  const parts = Array.from(graphemes.segment(line), ({ segment }) => segment)
  return parts.length <= limit ? line : `${parts.slice(0, limit - 3).join('')}...`
}

function symbolOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '␡'
  if (code < 0xa0 || (code >= 0xd800 && code <= 0xdfff)) return '�'
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
}

/**
 * Makes the address of a link: an absolute `http` or `https` address, or a relative path with its segments encoded. Everything else (other
 * schemes, absolute paths, other hosts) gives `undefined`, and is then shown as text.
 */
export function safeHref(target: string): string | undefined {
  if (/^https?:\/\//i.test(target)) return URL.canParse(target) ? new URL(target).href : undefined
  if (target === '' || target.startsWith('/')) return undefined
  return target
    .replace(/\p{Surrogate}/gu, '�')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
}
