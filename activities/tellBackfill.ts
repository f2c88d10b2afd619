/** The digest of a backfill, to one channel. */
import type { BackfillResult, BackfillSteps } from '../definition/backfill.js'
import { DaybreakError } from '../definition/errors.js'
import { channelsFor } from '../definition/policy.js'
import type { Notified } from '../definition/steps.js'
import { loadPipeline } from '../loader/loadPipeline.js'
import { readJson } from '../storage/fileSystem.js'
import { layout } from '../storage/layout.js'
import { renderDigest } from '../templates/digest.js'
import { pageUrl, tellOnce } from './channels.js'
import type { Step } from './context.js'

export const tellBackfill: Step<Parameters<BackfillSteps['tellBackfill']>[0], Notified> = async (context, request) => {
  const { pipeline, id, message, channel: index, last } = request
  const { home, pipelines } = context.settings
  const { definition } = await loadPipeline(pipelines, pipeline)
  const channel = channelsFor(definition, message)[index]
  if (!channel) throw new DaybreakError('ChannelRefused', `there is no channel ${index} for ${message}: the definition changed meanwhile`)
  const result = await readJson<BackfillResult>(layout.backfill(home, pipeline, id))
  const indexUrl = pageUrl(context, pipeline, 'index.html')
  return await tellOnce(context, channel, {
    about: `${pipeline}/backfill/${id}`,
    message,
    events: layout.backfillEvents(home, pipeline, id),
    last,
    render: async (key) => renderDigest({ result, key, indexPath: layout.index(home, pipeline), ...(indexUrl ? { indexUrl } : {}) }),
  })
}
