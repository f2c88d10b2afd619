import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERRORS, type ErrorCode } from '../../engine/protocol/errorTable.js'
import { renderReport } from '../../templates/report.js'
import type { ReportData } from '../../templates/reportData.js'
import { attributesOf, textOf } from '../setup/htmlText.js'
import {
  dayWithProblem,
  EXAMPLE_DAYS,
  failedDay,
  goodDay,
  HOSTILE,
  missingDay,
  multiclassDay,
  refusedDay,
  regressionDay,
  warnDay,
  wideDay,
} from './exampleDays.js'

const textOfReport = (data: ReportData) => textOf(renderReport(data))

describe.each(Object.entries(EXAMPLE_DAYS))('the report of the %s day', (_, day) => {
  const html = renderReport(day())

  it('runs nothing, asks for nothing and is small', () => {
    expect(html).not.toMatch(/<(script|iframe|object|embed|form|img|base)\b/i)
    for (const { name, value } of attributesOf(html)) {
      expect(name).not.toMatch(/^(style|on.*|src|srcset)$/)
      if (name === 'href') expect(value).toMatch(/^(#[a-z]+|data:,|http:\/\/localhost:8233\/[^"]*|[\w./%()-]+)$/)
    }
    expect(html.length).toBeLessThan(300_000)
  })

  it('has no figure that is none', () => {
    expect(textOf(html)).not.toMatch(/\b(NaN|undefined|Infinity)\b|\[object/)
    expect(attributesOf(html).map(({ value }) => value)).not.toContainEqual(expect.stringMatching(/NaN|undefined|Infinity/))
  })

  it('has one h1, closed elements and unique ids', () => {
    expect(html.match(/<h1\b/g)).toHaveLength(1)
    for (const name of ['section', 'table', 'tr', 'td', 'th', 'dl', 'dd', 'div', 'p', 'span', 'svg', 'code', 'details']) {
      expect([name, html.match(new RegExp(`<${name}[ >]`, 'g'))?.length]).toEqual([name, html.match(new RegExp(`</${name}>`, 'g'))?.length])
    }
    const ids = attributesOf(html).flatMap(({ name, value }) => (name === 'id' ? [value] : []))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is the same bytes again', () => {
    expect(renderReport(structuredClone(day()))).toBe(html)
  })
})

describe('a report says', () => {
  it('on a good day that nothing is unusual, and its figures', () => {
    const text = textOfReport(goodDay())
    expect(text).toContain('Nothing unusual. 9 checks passed.')
    for (const figure of [
      'Sunday, 22 November 2026',
      'Published',
      'Churn rate 26.5 %',
      '1,869 of 7,043',
      'Mean confidence 0.791',
      'Rejected 0',
      'No churn',
    ]) {
      expect(text).toContain(figure)
    }
  })

  it('on a day with warnings which rule fired, what was rejected, and who was not told', () => {
    const text = textOfReport(warnDay())
    for (const part of [
      'Backfill',
      'Churn rate 62.0 % is above 50 %',
      '1 % to 50 %',
      'and 58 more rows',
      'C-•••7',
      'age 417 is above 120',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).toContain('A message could not be delivered: slack (SLACK_WEBHOOK_URL)')
    expect(text).toContain('Not told: email')
    expect(text).toContain('Check the webhook or the mail server')
  })

  it('nothing where an earlier version wrote null for an example', () => {
    const day = warnDay()
    const findings = day.validation!.findings.map((found) => ({ ...found, example: null as unknown as string }))
    expect(textOfReport({ ...day, validation: { ...day.validation!, findings } })).toContain('What the contract found')
  })

  it('nothing of a channel that took the message at a later try', () => {
    const [failed] = warnDay().events
    const healed = { ...warnDay(), events: [failed!, { ...failed!, event: 'message-sent' as const }] }
    expect(textOfReport(healed)).not.toContain('could not be delivered')
  })

  it('of a broken contract the cause, every problem, the place, and the command to go on with', () => {
    const text = textOfReport(failedDay())
    for (const part of [
      'The input breaks its contract',
      'the header has lastPurchaseDate',
      'Column income stands twice',
      'customers_2026-11-22.csv:1',
      'step “Inspect”',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).toContain('Not published: attempt a001 of 2026-11-23 06:00 UTC stays published')
    expect(text).toContain('daybreak run churn --date 2026-11-22 --rerun')
  })

  it('of a missing file that nothing is published, without empty sections', () => {
    const text = textOfReport(missingDay())
    expect(text).toContain('Input missing')
    expect(text).toContain('Nothing is published for this date')
    expect(text).toContain('daybreak run churn --date 2026-11-22')
    for (const section of ['The day in numbers', 'Predictions by outcome', 'Data quality', 'Anomaly rules'])
      expect(text).not.toContain(section)
  })

  it('of a refused day the rule and the figures, although nothing is published', () => {
    const text = textOfReport(refusedDay())
    expect(text).toContain('The predictions are unusual, and a rule says not to publish them')
    expect(text.match(/churn rate 62.0 % is above 50 %/gi)).toHaveLength(2)
    expect(text).toContain('Churn rate 62.0 %')
    expect(text).toContain('Nothing is published for this date')
  })

  it('of a regression the mean, the smallest and the largest, and nothing of confidence', () => {
    const text = textOfReport(regressionDay())
    for (const part of ['Mean price 5,214.3', 'Smallest -103.3', 'Largest 13,871.4']) expect(text).toContain(part)
    expect(text).not.toContain('confidence')
  })

  it('of several classes a count for each, and of very many the largest', () => {
    expect(textOfReport(multiclassDay())).toContain('versicolor 2,204 31.3 %')
    const many = Array.from({ length: 300 }, (_, index) => `class ${index}`)
    expect(textOfReport(multiclassDay(many))).toContain('and 276 more classes')
  })

  it('of endless lists the first, and how many more there are', () => {
    const text = textOfReport(wideDay())
    expect(text).toContain('and 99,980 more rows')
    expect(text).toContain('and 182 more problems')
    expect(text).toContain('Predict, 500 times')
  })

  it.each(Object.keys(ERRORS) as ErrorCode[])('the title and the next step of %s', (code) => {
    const text = textOfReport(dayWithProblem(code, 'Something happened.'))
    expect(text).toContain(ERRORS[code].title)
    expect(text).toContain(ERRORS[code].next)
    expect(text).toMatch(/\$? ?daybreak (run|check|approve) churn/)
  })

  it('how to run a file that was given by hand, quoted for a shell', () => {
    const day = dayWithProblem('InputRefused', 'It is a zip archive.')
    const text = textOfReport({ ...day, manifest: { ...day.manifest, givenInput: "/tmp/it's here.csv" } })
    expect(text).toContain(`daybreak run churn --date 2026-11-22 --input '/tmp/it'\\''s here.csv'`)
  })

  it('where the workflow is, when the address of the server’s pages is known', () => {
    expect(renderReport(goodDay())).toContain(
      'href="http://localhost:8233/namespaces/default/workflows/daybreak%2Fpredict%2Fchurn%2F2026-11-22/019ab3c2-7d1e-7f3a-9b0e-2f4f5a6b7c8d/history"',
    )
  })

  it('no rate and draws no chart when every row was rejected', () => {
    const good = goodDay()
    const none = {
      positiveRate: null,
      meanConfidence: null,
      highConfidence: null,
      lowConfidence: null,
      meanScore: null,
      minScore: null,
      maxScore: null,
      histogram: null,
    }
    const metrics = {
      ...good.metrics!,
      ...none,
      predicted: 0,
      rowsRejected: 7043,
      classCounts: [
        { label: 0, count: 0 },
        { label: 1, count: 0 },
      ],
    }
    const html = renderReport({ ...good, metrics })
    expect(html).not.toContain('role="img"')
    expect(textOf(html)).toContain('Rejected 7,043')
    expect(textOf(html)).not.toMatch(/NaN|Churn rate –/)
  })
})

describe('hostile text', () => {
  it.each(HOSTILE.map((value, index) => [index, value] as const))('is text wherever it stands, example %i', (_, value) => {
    const day = warnDay()
    const html = renderReport({
      ...day,
      manifest: { ...day.manifest, headline: value, pipeline: value, warnings: [value] },
      rejectSamples: [{ line: '1', key: value, column: value, rule: value, reason: value }],
    })
    expect(html.match(/<\/title>/g)?.length).toBe(html.match(/<title\b/g)?.length)
    expect(html).not.toMatch(/<script|<svg onload/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(html).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\p{Surrogate}]/u)
    expect(html.length).toBeLessThan(60_000)
  })

  it('of any kind neither adds an element nor an attribute', () => {
    const shape = (value: string) => {
      const day = warnDay()
      return renderReport({ ...day, rejectSamples: [{ line: '1', key: value, column: 'c', rule: 'r', reason: `x${value}` }] }).replace(
        />[^<]*/g,
        '>',
      )
    }
    const plain = shape('plain')
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => shape(value) === plain))
  })
})
