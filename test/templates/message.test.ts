import { describe, expect, it } from 'vitest'
import type { MessageKind } from '../../engine/protocol/documents/events.js'
import { renderMessage } from '../../templates/message.js'
import type { ReportData } from '../../templates/reportData.js'
import { textOf } from '../setup/htmlText.js'
import { dayWithProblem, EXAMPLE_DAYS, failedDay, goodDay, hostileDay, missingDay, warnDay } from './exampleDays.js'

interface SlackText {
  readonly type: string
  readonly text: string
}

function messageOf(day: ReportData, kind: MessageKind = 'failure', more: object = {}) {
  const { manifest, metrics, published } = day
  return renderMessage({
    kind,
    manifest,
    ...(metrics ? { metrics } : {}),
    ...(published ? { published } : {}),
    key: 'churn/2026-11-22/a001/slack',
    reportPath: '/srv/daybreak/churn/reports/report_2026-11-22.html',
    ...more,
  })
}

function slackTexts(value: unknown): readonly SlackText[] {
  if (Array.isArray(value)) return value.flatMap(slackTexts)
  if (typeof value !== 'object' || value === null) return []
  if ('type' in value && 'text' in value && typeof value.text === 'string') return [value as SlackText]
  return Object.values(value).flatMap(slackTexts)
}

describe('a subject', () => {
  it('says verdict, pipeline, date and the worst finding', () => {
    expect(messageOf(warnDay(), 'anomaly').subject).toBe('[WARN] churn 2026-11-22: churn rate 62.0 % is above 50 %')
    expect(messageOf(goodDay(), 'success').subject).toBe('[PASS] churn 2026-11-22: 7,043 customers scored; churn rate 26.5 %')
    expect(messageOf(missingDay(), 'missing').subject).toContain('[INPUT MISSING] churn 2026-11-22: ')
  })

  it('of a late run says that it is late', () => {
    const day = goodDay()
    const late = messageOf({ ...day, manifest: { ...day.manifest, headline: 'Still waiting for the input after 2h.' } }, 'late')
    expect(late.subject).toBe('[LATE] churn 2026-11-22: Still waiting for the input after 2h')
    expect(late.text).not.toContain('Published')
  })

  it('is one short line whatever stands in it', () => {
    const { subject } = messageOf(hostileDay())
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(subject).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\p{Surrogate}]/u)
    expect(subject.length).toBeLessThan(600)
  })
})

describe('a message', () => {
  it('says the same in mail, text and Slack', () => {
    const { text, html, slack } = messageOf(failedDay())
    const said = [
      'Column last_purchase_date is not in the header',
      'Not published: attempt a001 of 2026-11-23 06:00 UTC stays published.',
      'Column income stands twice: 3 and 5.',
      'daybreak run churn --date 2026-11-22 --rerun',
      '/srv/daybreak/churn/reports/report_2026-11-22.html',
      'churn/2026-11-22/a001/slack',
    ]
    const slackText = slackTexts(slack.blocks)
      .map((each) => each.text)
      .join('\n')
    for (const part of said) {
      expect(text).toContain(part)
      expect(textOf(html)).toContain(part)
      expect(slackText).toContain(part)
    }
  })

  it('links to the report where it is served, and never to another scheme', () => {
    const url = 'https://reports.example/churn/report.html?a=1&b=2'
    const { html, text, slack } = messageOf(goodDay(), 'success', { reportUrl: url })
    expect(html).toContain('href="https://reports.example/churn/report.html?a=1&amp;b=2"')
    expect(text).toContain(url)
    expect(JSON.stringify(slack.blocks)).toContain('<https://reports.example/churn/report.html?a=1&amp;b=2|Open the report>')
    expect(messageOf(goodDay(), 'success', { reportUrl: 'javascript:alert(1)' }).html).not.toContain('href')
  })

  it('keeps the keys of customers out', () => {
    const day = dayWithProblem('DuplicateKeys', '1 key occurs more than once.', { details: ['C-00412 on lines 3 and 9.'] })
    const { text, html, slack } = messageOf(day)
    expect(text + html + JSON.stringify(slack)).not.toContain('C-00412')
  })

  it.each(Object.entries(EXAMPLE_DAYS))('of the %s day is within the limits of mail and Slack', (_, day) => {
    const { html, slack, text } = messageOf(day())
    expect(Buffer.byteLength(html)).toBeLessThan(60_000)
    expect(html).not.toMatch(/<(svg|script|img|style|link)\b/i)
    expect(text).not.toMatch(/\b(NaN|undefined)\b/)
    expect(slack.blocks.length).toBeLessThanOrEqual(50)
    for (const { type, text: each } of slackTexts(slack.blocks)) {
      expect(each.length).toBeLessThanOrEqual(type === 'plain_text' ? 150 : 3000)
      expect(each.length).toBeGreaterThan(0)
      if (type === 'mrkdwn') expect(each.replace(/^<https?:[^<>|]*\|Open the report>$/, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
    }
  })
})
