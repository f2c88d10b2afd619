import { describe, expect, it } from 'vitest'
import { renderIndex } from '../../templates/indexPage.js'
import { textOf } from '../setup/htmlText.js'

describe('the index', () => {
  const day = {
    date: '2026-11-21',
    verdict: 'pass',
    headline: 'All well.',
    attempt: 'a001',
    report: 'report_2026-11-21.html',
    published: true,
    rows: 7043,
    rejected: 2,
  } as const

  it('lists the newest day first, each with verdict, reason and report', () => {
    const html = renderIndex({
      pipeline: 'churn',
      days: [day, { ...day, date: '2026-11-22', verdict: 'failed', headline: '<b>No', published: false }],
    })
    expect(html.indexOf('>2026-11-22<')).toBeLessThan(html.indexOf('>2026-11-21<'))
    expect(html).toContain('href="report_2026-11-21.html"')
    expect(textOf(html)).toContain('2 days, 1 published.')
    expect(textOf(html)).toContain('<b>No')
    expect(html).not.toContain('<b>')
  })

  it('says when there is no day yet, and never links to a script', () => {
    expect(textOf(renderIndex({ pipeline: 'churn', days: [] }))).toContain('No day has run yet.')
    expect(renderIndex({ pipeline: 'churn', days: [{ ...day, report: 'javascript:alert(1)' }] })).not.toContain('href="javascript:')
  })
})
