/** Writes the one sentence at the top of a report: the worst that is known, or that all is well. */
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import type { Metrics } from '../engine/protocol/documents/metrics.js'
import { ERRORS } from '../engine/protocol/errorTable.js'
import { upperFirst } from '../engine/protocol/text.js'
import { andMore, cut } from './attention.js'
import { count, share } from './numbers.js'
import { checkSentence, lowerFirst, rateTitle, ruleSentence } from './wording.js'

type Facts = Pick<Manifest, 'verdict' | 'problem' | 'accounts' | 'checks' | 'rules' | 'warnings' | 'pipelineInfo'>

/** The sentence names so many findings; the report lists them all. */
const MOST_FINDINGS = 2

/** Writes the headline of an outcome. */
export function headline(facts: Facts, metrics: Metrics | undefined): string {
  const { verdict, problem, checks, rules, warnings } = facts
  if (verdict !== 'pass' && verdict !== 'warn') {
    return problem ? `${ERRORS[problem.code].title}: ${problem.message.replace(/\.$/, '')}.` : `The run ended as ${verdict}.`
  }
  const findings = [
    ...checks.filter(({ passed }) => !passed).map(checkSentence),
    ...rules.filter(({ fired }) => fired).map(ruleSentence),
    ...warnings.map(lowerFirst),
  ]
  const { shown, more } = cut(findings, MOST_FINDINGS)
  const rest = more > 0 ? `; ${andMore(more, 'finding')}` : ''
  return upperFirst(
    findings.length > 0
      ? `${shown.map((text) => text.replace(/\.$/, '')).join('; ')}${rest}.`
      : `${whatWasDone(facts, metrics)}; nothing unusual.`,
  )
}

function whatWasDone({ accounts, pipelineInfo }: Facts, metrics: Metrics | undefined): string {
  const rows = `${count(accounts?.predicted ?? 0)} rows scored`
  return metrics?.positiveRate == null ? rows : `${rows}, ${lowerFirst(rateTitle(pipelineInfo))} ${share(metrics.positiveRate)}`
}
