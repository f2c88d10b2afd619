/** Step 5 reads back from disk what was written, and holds it against what was counted; the input must still be what was read. */
import { readWork, writeWork } from '../days/work.js'
import { mustNotHaveGrown } from '../engine/input/inputFiles.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { outputColumns } from '../engine/protocol/policy.js'
import { checkPredictions } from '../engine/quality/resultChecks.js'
import { NO_PROBABILITIES } from '../engine/scoring/firstAnswers.js'
import { hashPredictions } from '../engine/storage/attempts.js'
import { layout } from '../engine/storage/layout.js'
import { outputFiles } from '../engine/storage/predictionFiles.js'
import { checkSentence } from '../templates/wording.js'
import { openedPipeline, type Step } from './context.js'

export const checkResult: Step<{ readonly attempt: AttemptRef }, { readonly checks: number }> = async (context, { attempt }) => {
  const { home } = context.settings
  const { definition } = await openedPipeline(context, attempt)
  const plan = await readWork(home, attempt, 'plan')
  const assembled = await readWork(home, attempt, 'assembled')
  const { table } = assembled
  await mustNotHaveGrown(plan.input)
  const expectation = {
    files: outputFiles(layout.attempt(home, attempt), definition).predictions,
    columns: outputColumns(definition),
    predicted: table.predicted,
    lengths: assembled.partBytes,
    task: definition.model.task,
    classes: plan.classes,
    ...(plan.shareRounding === undefined ? {} : { shareRounding: plan.shareRounding }),
    ...(definition.checks ? { actions: definition.checks } : {}),
  }
  // Threads read the file back, and have a core to spare for its hash.
  const [checks, hashes] = await Promise.all([
    checkPredictions(expectation, (request) => context.pool.readBack(request)),
    hashPredictions(home, attempt),
  ])
  await writeWork(home, attempt, 'checks', checks)
  await writeWork(home, attempt, 'hashes', hashes)
  const failed = checks.filter(({ passed, action }) => !passed && action === 'fail')
  if (failed.length > 0) {
    const names = failed.map(({ name }) => name)
    throw new DaybreakError('ResultCheckFailed', `the predictions fail ${names.join(', ')}`, {
      details: failed.map(checkSentence),
      ...(names.includes('probability_range_valid') && !names.includes('file_exists') ? { next: NO_PROBABILITIES } : {}),
    })
  }
  return { checks: checks.length }
}
