/** Ends a backfill: writes its record and the index page as it is then, and tells the team by a digest. */
import { jsonText, readJson, writeWhole } from '../engine/files/fileSystem.js'
import { loadPipeline } from '../engine/loader/loadPipeline.js'
import type { Settings } from '../engine/loader/settings.js'
import { type BackfillConcluded, type BackfillResult, backfillCounts, type TellBackfillRequest } from '../engine/protocol/backfill.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { channelsFor } from '../engine/protocol/policy.js'
import type { Notified } from '../engine/protocol/steps.js'
import { layout } from '../engine/storage/layout.js'
import { renderDigest } from '../templates/digest.js'
import { pageUrl, tellOnce } from './channels/tellOnce.js'
import { writeIndex } from './report.js'

/** Writes record and index page, and says how the team is told. */
export async function recordBackfill(settings: Settings, result: BackfillResult): Promise<BackfillConcluded> {
  const { home, pipelines } = settings
  const { pipeline } = result.request
  await writeWhole(layout.backfill(home, pipeline, result.id), jsonText(result))
  // Days that ended at the same time may have written the page over each other.
  await writeIndex(home, pipeline)
  const { done, failed } = backfillCounts(result.days)
  const message = failed > 0 || result.ended === 'stopped' ? 'failure' : 'success'
  if (done === 0) return { message, channels: 0 }
  const { definition } = await loadPipeline(pipelines, pipeline)
  return { message, channels: channelsFor(definition, message).length }
}

/** Sends the digest to one channel, once. @throws ChannelFailed, ChannelRefused */
export async function sendDigest(settings: Settings, request: TellBackfillRequest): Promise<Notified> {
  const { pipeline, id, message, channel: index, last } = request
  const { home, pipelines } = settings
  const { definition } = await loadPipeline(pipelines, pipeline)
  const channel = channelsFor(definition, message)[index]
  if (!channel) throw new DaybreakError('ChannelRefused', `there is no channel ${index} for ${message}: the definition changed meanwhile`)
  const result = await readJson<BackfillResult>(layout.backfill(home, pipeline, id))
  const indexUrl = pageUrl(settings, pipeline, 'index.html')
  return await tellOnce(settings, channel, {
    about: `${pipeline}/backfill/${id}`,
    message,
    events: layout.backfillEvents(home, pipeline, id),
    last,
    render: async (key) => renderDigest({ result, key, indexPath: layout.index(home, pipeline), ...(indexUrl ? { indexUrl } : {}) }),
  })
}
