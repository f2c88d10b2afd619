/** The end of a backfill: its record on disk, the index page as it is now, and how the team is told. */
import { writeIndex } from '../days/report.js'
import { jsonText, writeWhole } from '../engine/files/fileSystem.js'
import { loadPipeline } from '../engine/loader/loadPipeline.js'
import { type BackfillResult, backfillCounts } from '../engine/protocol/backfill.js'
import { channelsFor } from '../engine/protocol/policy.js'
import { layout } from '../engine/storage/layout.js'
import type { Step } from './context.js'

type Told = { readonly message: 'success' | 'failure'; readonly channels: number }

export const concludeBackfill: Step<BackfillResult, Told> = async ({ settings }, result) => {
  const { home, pipelines } = settings
  const { pipeline } = result.request
  await writeWhole(layout.backfill(home, pipeline, result.id), jsonText(result))
  // Days that ended at the same time wrote the page over each other.
  await writeIndex(home, pipeline)
  const { done, failed } = backfillCounts(result.days)
  const message = failed > 0 || result.ended === 'stopped' ? 'failure' : 'success'
  if (done === 0) return { message, channels: 0 }
  const { definition } = await loadPipeline(pipelines, pipeline)
  return { message, channels: channelsFor(definition, message).length }
}
