import { describe, expect, it, test } from 'vitest'
import type { PipelineInfo } from '../../engine/protocol/documents/manifest.js'
import { renderSample, SAMPLE_KINDS, type SampleKind } from '../../templates/sampleMessages.js'

const CHURN: PipelineInfo = {
  name: 'churn',
  task: 'binary',
  taskName: 'churn',
  positive: 1,
  inputPath: '/data/customers_2026-01-15.csv',
}
const sample = (kind: SampleKind, info: PipelineInfo = CHURN) =>
  renderSample(kind, { info, key: `churn/sample/${kind}`, indexPath: '/out/churn/reports/index.html', indexUrl: 'https://r.example/churn' })

describe.each(SAMPLE_KINDS)('the sample of %s', (kind) => {
  const { subject, text, html, slack } = sample(kind)

  it('says so in its subject and in every form of its text, and carries its key', () => {
    expect(subject).toMatch(/^\[SAMPLE\] \[.*churn/)
    for (const form of [text, html, JSON.stringify(slack)]) {
      expect(form).toContain('This is a sample')
      expect(form).toContain(`churn/sample/${kind}`)
    }
    expect(slack.text).toContain('[SAMPLE]')
  })

  it('leads to the page of days, because a report of it does not exist', () => {
    expect(text).toContain('Report: https://r.example/churn')
  })

  it('is the same each time', () => {
    expect(sample(kind)).toEqual({ subject, text, html, slack })
  })
})

test.each<[SampleKind, RegExp]>([
  ['success', /PASS {2}churn.*Churn rate: 26\.5 %/s],
  ['anomaly', /WARN {2}churn.*Churn rate 62\.0 % is above 50 %.*Churn rate: 62\.0 %/s],
  ['failure', /FAILED {2}churn.*412 of 7043 rows.*What to do:/s],
  ['missing', /INPUT MISSING {2}churn.*customers_2026-01-15\.csv: there is no such file/s],
  ['late', /LATE {2}churn.*still going 2h after its time.*customers_2026-01-15\.csv/s],
  ['backfill', /BACKFILL {2}churn.*2 of 3 days published/s],
])('%s reads like a real one', (kind, words) => {
  expect(sample(kind).text).toMatch(words)
})

test.each<[NonNullable<PipelineInfo['task']>, RegExp]>([
  ['regression', /Rows read 7,043 is above.*Mean price: 128\.4/s],
  ['multiclass', /Mean confidence 0\.52 is below 0\.6.*Mean confidence: 0\.520/s],
])('a pipeline of %s has figures of its own', (task, words) => {
  const { text } = sample('anomaly', { name: 'price', task, taskName: 'price' })
  expect(text).toMatch(words)
  expect(text).not.toContain('churn rate')
})

test('a definition that says little still has its samples', () => {
  for (const kind of SAMPLE_KINDS) expect(sample(kind, { name: 'x' }).text).toContain('This is a sample')
})
