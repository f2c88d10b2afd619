/** Applies anomaly rules to the metrics of a day. They are strict at the edges: exactly at a limit is no anomaly. */
import { RULE_FACTS, type Rule } from '../../definition/rules.js'
import type { Task, TaskKind } from '../../definition/tasks.js'
import type { RuleResult } from '../protocol/documents/manifest.js'
import type { Metrics } from '../protocol/documents/metrics.js'
import { asWords, upperFirst } from '../protocol/text.js'

type AnyRule = Omit<Rule<TaskKind>, 'fits'>

/** Applies the rules in their order. A rule whose number does not exist (nothing was predicted) fires: silence would be trust without ground. */
export function applyRules(rules: readonly AnyRule[], metrics: Metrics, task: Task): readonly RuleResult[] {
  return rules.map((rule) => {
    const { title, observed } = observe(rule, metrics, task)
    const outside =
      observed === null || (rule.below !== undefined && observed < rule.below) || (rule.above !== undefined && observed > rule.above)
    return {
      rule: rule.rule,
      title,
      observed,
      ...(rule.below === undefined ? {} : { below: rule.below }),
      ...(rule.above === undefined ? {} : { above: rule.above }),
      action: rule.action,
      fired: outside,
      unit: RULE_FACTS[rule.rule].unit,
    }
  })
}

function observe(rule: AnyRule, metrics: Metrics, task: Task): Pick<RuleResult, 'title' | 'observed'> {
  switch (rule.rule) {
    case 'positive-rate':
      return { title: `${upperFirst(asWords(task.name))} rate`, observed: metrics.positiveRate }
    case 'mean-confidence':
      return { title: 'Mean confidence', observed: metrics.meanConfidence }
    case 'low-confidence-share':
      return { title: 'Share of low confidence', observed: share(metrics.lowConfidence, metrics.predicted) }
    case 'mean-prediction':
      return { title: `Mean ${asWords(task.name)}`, observed: metrics.meanScore }
    case 'row-count':
      return { title: 'Rows read', observed: metrics.rowsRead }
    case 'class-share': {
      const count = metrics.classCounts.find(({ label }) => String(label) === String(rule.label))?.count ?? 0
      return { title: `Share of ${rule.label}`, observed: share(count, metrics.predicted) }
    }
  }
}

function share(count: number | null, of: number): number | null {
  return count === null || of === 0 ? null : count / of
}
