/** Explains the words of the page to somebody who sees it for the first time, and only those that the page uses. */
import { number } from './numbers.js'
import { Section } from './parts.js'
import type { ReportData } from './reportData.js'
import { factsOf, labelText, scoreWord, taskWord } from './wording.js'

export function TermsSection({ data }: { data: ReportData }) {
  return (
    <Section id="terms" title="How to read this">
      <dl class="terms">
        {terms(data).map(([term, meaning]) => (
          <>
            <dt>{term}</dt>
            <dd>{meaning}</dd>
          </>
        ))}
      </dl>
    </Section>
  )
}

function terms({ manifest, metrics }: ReportData): readonly (readonly [string, string])[] {
  const { pipelineInfo: info } = manifest
  const predicted = (metrics?.predicted ?? 0) > 0
  return [
    [
      'Verdict',
      'Pass and warn: the predictions are published, with warn because something is unusual. Held: they wait for somebody’s approval. Refused: a check or rule said no. Failed: no result that can be trusted. Input missing: the file did not come.',
    ],
    ['Data date', 'The day the data is about, not the day of the run. All times on this page are in UTC.'],
    ['Attempt', 'What one run of a date produced. Running a date again makes a further attempt; earlier ones are kept.'],
    ['Published', 'The attempt that readers of the predictions get for this date. One that is not published changes nothing for them.'],
    ...(predicted ? scoreTerms(info, metrics?.limits) : []),
    [
      'Rejected row',
      'A row that could not be scored: a cell breaks the contract, or the model has no valid answer for it. It is kept in the file of rejects with its line and reason. Rows read are rows predicted plus rows rejected.',
    ],
    ['Contract', 'What the columns of the file are declared to be: types, ranges, which may be blank, which is the key.'],
    [
      'Results digest',
      'A fingerprint of all results. The same input, model and definition give the same digest, wherever and however often they run.',
    ],
  ]
}

function scoreTerms(info: ReportData['manifest']['pipelineInfo'], limits: { high: number; low: number } | undefined) {
  if (info.scores === 'label') return []
  const { classifies, hasPositive } = factsOf(info)
  if (classifies === false) return [['Score', `The number the model predicts: the ${taskWord(info)}.`] as const]
  const range = info.scores === 'margin' ? 'without a scale' : 'from 0 to 1'
  const score = hasPositive
    ? `The model’s ${scoreWord(info)} of ${labelText(info, info.positive ?? '')}, ${range}. At ${number(info.threshold ?? 0.5)} or above a row is predicted ${labelText(info, info.positive ?? '')}.`
    : `The model’s ${scoreWord(info)} of the class it predicts, ${range}.`
  if (info.scores === 'margin') return [['Score', score] as const]
  const band = limits ? ` High is above ${number(limits.high)}, low is below ${number(limits.low)}.` : ''
  return [['Score', score] as const, ['Confidence', `The probability of the class that was predicted.${band}`] as const]
}
