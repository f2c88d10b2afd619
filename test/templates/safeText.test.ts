import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerText, safeHref, safeText } from '../../templates/safeText.js'

describe('safe text', () => {
  it('shows what cannot be seen', () => {
    expect(safeText('a\u0000b\tc\n\u001b[31m\u007f')).toBe('a␀b␉c␊␛[31m␡')
    expect(safeText('gpj.\u202eexe\u200b\ufeff')).toBe('gpj.[U+202E]exe[U+200B][U+FEFF]')
    expect(safeText('\ud800x\udc00\u0085')).toBe('�x��')
  })

  it('leaves the writing of people alone', () => {
    for (const text of ['Zoë', 'ελληνικά', 'नमस्ते', '👩‍👩‍👧 family', 'שלום']) expect(safeText(text)).toBe(text)
  })

  it('cuts after 80 graphemes and says the length', () => {
    expect(safeText('x'.repeat(80))).toBe('x'.repeat(80))
    expect(safeText('x'.repeat(100_000))).toBe(`${'x'.repeat(80)}… (100,000 characters)`)
    expect(safeText(`a${'\u0301'.repeat(5000)}`).length).toBeLessThan(400)
  })

  it('is bounded and free of the unseen for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        const safe = safeText(text)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\p{Surrogate}]/u)
        expect(safe.length).toBeLessThan(80 * 4 * 9 + 40)
      }),
    )
  })

  it('is one line in a header', () => {
    expect(headerText('a\r\nBcc: b\u0000\u202e', 80)).toBe('a Bcc: b')
    expect(headerText('x'.repeat(300), 80)).toHaveLength(80)
  })
})

describe('an address', () => {
  it('is relative, http or https', () => {
    expect(safeHref('../a b/report_2026-11-22.html')).toBe('../a%20b/report_2026-11-22.html')
    expect(safeHref('https://reports.example/x?y=1')).toBe('https://reports.example/x?y=1')
  })

  it('is nothing else', () => {
    for (const target of ['//evil.example', '/etc/passwd', '', 'https://']) expect(safeHref(target)).toBeUndefined()
    for (const target of ['javascript:alert(1)', ' java\nscript:alert(1)', 'data:text/html,x', '\\\\evil', 'x\ud800']) {
      const href = safeHref(target) ?? ''
      expect(new URL(href, 'https://here.example/a/').origin).toBe('https://here.example')
    }
  })
})
