/**
 * Step 6 applies the anomaly rules of the definition to the day's metrics. Last of all it decides whether the day waits for somebody's
 * word.
 */
import { readWork, writeWork } from '../days/work.js'
import type { Rule } from '../definition/rules.js'
import type { TaskKind } from '../definition/tasks.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { applyRules } from '../engine/quality/anomalies.js'
import { checkSentence, ruleSentence } from '../templates/wording.js'
import { openedPipeline, type Step } from './context.js'

export const findAnomalies: Step<{ readonly attempt: AttemptRef }, { readonly fired: number }> = async (context, { attempt }) => {
  const { home } = context.settings
  const { definition } = await openedPipeline(context, attempt)
  const { metrics } = await readWork(home, attempt, 'assembled')
  const rules = (definition.anomalies ?? []) as readonly Rule<TaskKind>[]
  const results = applyRules(rules, metrics, definition.model.task)
  await writeWork(home, attempt, 'rules', results)
  const refusing = results.filter(({ fired, action }) => fired && action === 'fail')
  if (refusing.length > 0) {
    const details = refusing.map(ruleSentence)
    throw new DaybreakError('AnomalyRefused', details[0]!, { details })
  }
  const checks = (await readWork(home, attempt, 'checks')).filter(({ passed }) => !passed)
  const holding = [
    ...checks.filter(({ action }) => action === 'hold').map(checkSentence),
    ...results.filter(({ fired, action }) => fired && action === 'hold').map(ruleSentence),
  ]
  if (holding.length > 0) {
    const more = holding.length > 1 ? `, and ${holding.length - 1} more` : ''
    throw new DaybreakError('Held', `${holding[0]}${more}`, { details: holding.length > 1 ? holding : [] })
  }
  return { fired: results.filter(({ fired }) => fired).length + checks.length }
}
