/**
 * Renders a message as HTML mail: one table of 600 px with inline styles, because mail programs drop style sheets, and no images, SVG or
 * fonts from elsewhere. Preact escapes whatever stands in it.
 */
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { andMore } from './attention.js'
import type { MessageBlock } from './messageBlocks.js'
import type { Tone } from './wording.js'

const COLOURS: Readonly<Record<Tone, string>> = { good: '#1a6b45', warn: '#875203', bad: '#a8242c', quiet: '#555b68' }
const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;color:#1b1d23;'
const MONO = 'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;line-height:20px;'

const PAPER = '#f4f3ef'

/** Attributes that HTML has given up and mail programs still go by. */
const LAYOUT = { role: 'presentation', cellpadding: '0', cellspacing: '0', border: 0 } as const
const ground = (colour: string) => ({ bgcolor: colour })

/** Renders the whole document. */
export function renderMail(subject: string, blocks: readonly MessageBlock[]): string {
  const mail = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <title>{subject}</title>
      </head>
      <body {...ground(PAPER)} style={`margin:0;padding:0;background:${PAPER}`}>
        <table {...LAYOUT} {...ground(PAPER)} width="100%">
          <tr>
            <td align="center" style="padding:24px 12px">
              <table {...LAYOUT} {...ground('#ffffff')} width="600" style="width:100%;max-width:600px;background:#ffffff">
                {blocks.map((block) => (
                  <MailBlock block={block} />
                ))}
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html>
  )
  return `<!DOCTYPE html>\n${renderToString(mail)}\n`
}

function MailBlock({ block }: { block: MessageBlock }) {
  switch (block.type) {
    case 'title':
      return (
        <>
          <tr>
            <td
              {...ground(COLOURS[block.tone])}
              style={`${FONT}padding:10px 28px;background:${COLOURS[block.tone]};color:#ffffff;font-size:13px;font-weight:700;letter-spacing:1px`}
            >
              {block.word.toUpperCase()}
            </td>
          </tr>
          <Row style="padding-top:26px;font-size:26px;line-height:32px;font-weight:700">{block.text}</Row>
        </>
      )
    case 'sentence':
      return <Row style="font-size:18px;line-height:26px">{block.text}</Row>
    case 'state':
      return <Row style="font-weight:700">{block.text}</Row>
    case 'figures':
      return (
        <Row>
          <table {...LAYOUT} width="100%">
            {block.figures.map(({ label, value, note }) => (
              <tr>
                <td style={`${FONT}padding:7px 0;border-bottom:1px solid #e4e2db;font-size:14px;color:#5b606b`}>{label}</td>
                <td align="right" style={`${FONT}padding:7px 0;border-bottom:1px solid #e4e2db;font-size:15px;font-weight:700`}>
                  {value}
                  {note !== undefined && <span style="font-size:12px;font-weight:400;color:#5b606b"> {note}</span>}
                </td>
              </tr>
            ))}
          </table>
        </Row>
      )
    case 'findings':
      return (
        <Row>
          <strong>{block.title}</strong>
          {block.findings.map((finding) => (
            <div style="padding-top:6px">• {finding}</div>
          ))}
          {block.more > 0 && <div style="padding-top:6px;color:#5b606b">{andMore(block.more, 'finding')} in the report</div>}
        </Row>
      )
    case 'next':
      return (
        <Row>
          <strong>What to do:</strong> {block.text}
          {block.command !== undefined && <div style={`${MONO}margin-top:10px;padding:10px 12px;background:#f2f0ea`}>{block.command}</div>}
        </Row>
      )
    case 'report':
      return (
        <Row>
          {block.url !== undefined ? (
            <a href={block.url} style="color:#3b4cc0;font-weight:700">
              Open the report
            </a>
          ) : (
            <>
              Report: <span style={MONO}>{block.path}</span>
            </>
          )}
        </Row>
      )
    case 'small':
      return <Row style="padding-bottom:28px;font-size:12px;color:#5b606b">{block.text}</Row>
  }
}

function Row({ style = '', children }: { style?: string; children: ComponentChildren }) {
  return (
    <tr>
      <td style={`${FONT}padding:14px 28px 0;font-size:15px;line-height:22px;word-break:break-word;${style}`}>{children}</td>
    </tr>
  )
}
