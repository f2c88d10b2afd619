/** Tells one channel, once, what became of a day, or that it is late. */
import { loadPipeline } from '../engine/loader/loadPipeline.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { channelsFor } from '../engine/protocol/policy.js'
import type { Notified, NotifyRequest } from '../engine/protocol/steps.js'
import { readManifest } from '../engine/storage/attempts.js'
import { layout } from '../engine/storage/layout.js'
import { renderMessage } from '../templates/message.js'
import { pageUrl, tellOnce } from './channels/tellOnce.js'
import type { DayContext } from './dayContext.js'
import { lateNotice } from './lateNotice.js'
import { publishedNow, sealedMetrics } from './report.js'

/** @throws ChannelFailed, ChannelRefused */
export async function tellDay(context: DayContext, { attempt, message, channel: index, last, step }: NotifyRequest): Promise<Notified> {
  const { home, pipelines } = context.settings
  const { pipeline, date } = attempt
  const { definition } = await loadPipeline(pipelines, pipeline)
  const channel = channelsFor(definition, message)[index]
  const manifest = step ? await lateNotice(context, attempt, step) : await readManifest(home, attempt)
  if (!channel || !manifest)
    throw new DaybreakError('ChannelRefused', `there is no channel ${index} for ${message}: the definition changed meanwhile`)
  return await tellOnce(context.settings, channel, {
    about: `${pipeline}/${date}/${attempt.attempt}/${message}`,
    message,
    events: layout.events(home, attempt),
    last,
    render: async (key) => {
      const metrics = await sealedMetrics(home, manifest)
      const published = await publishedNow(home, attempt)
      const reportUrl = pageUrl(context.settings, pipeline, `report_${date}.html`)
      return renderMessage({
        kind: message,
        manifest,
        key,
        reportPath: layout.report(home, pipeline, date),
        ...(metrics ? { metrics } : {}),
        ...(published ? { published } : {}),
        ...(reportUrl ? { reportUrl } : {}),
      })
    },
  })
}
