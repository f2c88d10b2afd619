/**
 * Makes the shell of a page: one file that asks for nothing, runs nothing and tells nobody who reads it. Preact escapes whatever stands in
 * it; the policy in its head holds even if something were not escaped.
 */
import { createHash } from 'node:crypto'
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { STYLE } from './style.js'

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** For a page that shows other pages of its own server within. */
const FRAMING_POLICY = `${POLICY}; frame-src 'self'`

/** A whole HTML document. The title is text. */
export function renderPage(title: string, content: ComponentChildren, { frames = false } = {}): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={frames ? FRAMING_POLICY : POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <meta name="format-detection" content="telephone=no, date=no, address=no, email=no" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <style>{STYLE}</style>
      </head>
      <body>{content}</body>
    </html>
  )
  return `<!DOCTYPE html>\n${renderToString(page)}\n`
}
