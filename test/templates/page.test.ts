import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../templates/report.js'
import { STYLE } from '../../templates/style.js'
import { goodDay } from './exampleDays.js'

describe('a page', () => {
  const html = renderReport(goodDay())

  it('allows exactly the style it carries', () => {
    const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(html).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;`.replaceAll('&#39;', "'"))
  })

  it('sends no referrer and asks for no icon', () => {
    expect(html).toContain('<meta name="referrer" content="no-referrer"/>')
    expect(html).toContain('<link rel="icon" href="data:,"/>')
  })

  it('has text of a contrast of 4.5 to 1 or more, in light and in dark', () => {
    const [light, dark] = [schemeOf(STYLE.split('@media')[0]!), schemeOf(STYLE.split('@media')[1]!)]
    for (const scheme of [light, dark]) {
      for (const ink of ['ink', 'soft', 'accent', 'good', 'warn', 'bad', 'quiet']) {
        for (const ground of ['paper', 'card']) expect(contrast(scheme[ink]!, scheme[ground]!)).toBeGreaterThanOrEqual(4.5)
      }
      for (const tone of ['good', 'warn', 'bad', 'quiet']) {
        expect(contrast(scheme.ink!, scheme[`${tone}-tint`]!)).toBeGreaterThanOrEqual(4.5)
        expect(contrast(scheme.soft!, scheme[`${tone}-tint`]!)).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})

function schemeOf(css: string): Record<string, string> {
  return Object.fromEntries([...css.matchAll(/--([a-z-]+):(#[0-9a-f]{6})/g)].map(([, name, colour]) => [name!, colour!]))
}

/** Source: W3C, WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
