/** Says of a run that it is late. Its attempt is not sealed yet, so the step that it stands in is all there is to say. */
import { formatDuration } from '../definition/durations.js'
import { inputPathOf, loadPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import { STEP_TITLES, type StepName } from '../engine/protocol/steps.js'
import { mustBeAttempt } from '../engine/storage/attempts.js'
import type { DayContext } from './dayContext.js'
import { pipelineInfo } from './pipelineInfo.js'

/** Gives an unsealed attempt the form that messages are made of. Its headline names the step. */
export async function lateNotice(context: DayContext, attempt: AttemptRef, step: StepName): Promise<Manifest> {
  const record = await mustBeAttempt(context.settings.home, attempt)
  const loaded = await loadPipeline(context.settings.pipelines, attempt.pipeline)
  const due = record.nominal ?? record.startedAt
  const now = new Date()
  const since = `${formatDuration(Math.max(0, now.getTime() - Date.parse(due)))} after its ${record.nominal ? 'time' : 'start'} (${due})`
  const file = step === 'findInput' ? `, for ${record.givenInput ?? inputPathOf(loaded, attempt.date)}` : ''
  return {
    ...record,
    format: 1,
    verdict: 'warn',
    headline: `The run is still going ${since}: it stands in step "${STEP_TITLES[step]}"${file}.`,
    endedAt: now.toISOString(),
    pipelineInfo: pipelineInfo(attempt, loaded),
    fingerprints: { code: context.code },
    checks: [],
    rules: [],
    warnings: [],
    files: {},
    timings: [],
  }
}
