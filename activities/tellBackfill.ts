/** The digest of a backfill, to one channel. */
import { pageUrl, tellOnce } from '../days/channels/tellOnce.js'
import { readJson } from '../engine/files/fileSystem.js'
import { loadPipeline } from '../engine/loader/loadPipeline.js'
import type { BackfillResult, BackfillSteps } from '../engine/protocol/backfill.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { channelsFor } from '../engine/protocol/policy.js'
import type { Notified } from '../engine/protocol/steps.js'
import { layout } from '../engine/storage/layout.js'
import { renderDigest } from '../templates/digest.js'
import type { Step } from './context.js'

export const tellBackfill: Step<Parameters<BackfillSteps['tellBackfill']>[0], Notified> = async (context, request) => {
  const { pipeline, id, message, channel: index, last } = request
  const { home, pipelines } = context.settings
  const { definition } = await loadPipeline(pipelines, pipeline)
  const channel = channelsFor(definition, message)[index]
  if (!channel) throw new DaybreakError('ChannelRefused', `there is no channel ${index} for ${message}: the definition changed meanwhile`)
  const result = await readJson<BackfillResult>(layout.backfill(home, pipeline, id))
  const indexUrl = pageUrl(context.settings, pipeline, 'index.html')
  return await tellOnce(context.settings, channel, {
    about: `${pipeline}/backfill/${id}`,
    message,
    events: layout.backfillEvents(home, pipeline, id),
    last,
    render: async (key) => renderDigest({ result, key, indexPath: layout.index(home, pipeline), ...(indexUrl ? { indexUrl } : {}) }),
  })
}
