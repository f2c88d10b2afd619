/** A scheduled run that was terminated on the server had no ending of its own: it gets one here, report included. */
import { sealOrphan } from '../days/closeOrphans.js'
import { loadPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { channelsFor } from '../engine/protocol/policy.js'
import type { CloseTerminatedRequest } from '../engine/protocol/schedule.js'
import { findAttemptOfRun, readManifest } from '../engine/storage/attempts.js'
import type { Step } from './context.js'
import { report } from './report.js'

export const closeTerminated: Step<CloseTerminatedRequest, { readonly attempt?: AttemptRef; readonly channels: number }> = async (
  context,
  { pipeline, date, runKey },
  control,
) => {
  const { home, pipelines } = context.settings
  const record = await findAttemptOfRun(home, pipeline, date, runKey)
  if (!record) return { channels: 0 }
  const attempt = { pipeline, date, attempt: record.attempt }
  // Sealed before: by its own run, which was terminated while it told of it, or by an earlier try of this step.
  if (!(await readManifest(home, attempt))) await sealOrphan(context, attempt)
  await report(context, { attempt }, control)
  const { definition } = await loadPipeline(pipelines, pipeline)
  return { attempt, channels: channelsFor(definition, 'failure').length }
}
