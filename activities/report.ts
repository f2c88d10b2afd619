/** Step 8, first half: writes the report, for every outcome, and sweeps up what killed processes left of the attempt. */
import { writeReport } from '../days/report.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { sweepAfter } from '../engine/storage/sweep.js'
import type { Step } from './context.js'

export const report: Step<{ readonly attempt: AttemptRef }, { readonly report: string }> = async ({ settings }, { attempt }) => {
  const page = await writeReport(settings.home, attempt)
  await sweepAfter(settings.home, attempt)
  return { report: page }
}
