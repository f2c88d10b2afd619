/** Step 8, second half: what became of a day, or that it is late, to one channel. */
import { DaybreakError } from '../definition/errors.js'
import { channelsFor } from '../definition/policy.js'
import type { Notified, NotifyRequest } from '../definition/steps.js'
import { loadPipeline } from '../loader/loadPipeline.js'
import { readManifest } from '../storage/attempts.js'
import { layout } from '../storage/layout.js'
import { renderMessage } from '../templates/message.js'
import { pageUrl, tellOnce } from './channels.js'
import type { Step } from './context.js'
import { lateNotice } from './lateNotice.js'
import { publishedNow, sealedMetrics } from './report.js'

export const notify: Step<NotifyRequest, Notified> = async (context, { attempt, message, channel: index, last, step }) => {
  const { home, pipelines } = context.settings
  const { pipeline, date } = attempt
  const { definition } = await loadPipeline(pipelines, pipeline)
  const channel = channelsFor(definition, message)[index]
  const manifest = step ? await lateNotice(context, attempt, step) : await readManifest(home, attempt)
  if (!channel || !manifest)
    throw new DaybreakError('ChannelRefused', `there is no channel ${index} for ${message}: the definition changed meanwhile`)
  return await tellOnce(context, channel, {
    about: `${pipeline}/${date}/${attempt.attempt}/${message}`,
    message,
    events: layout.events(home, attempt),
    last,
    render: async (key) => {
      const metrics = await sealedMetrics(home, manifest)
      const published = await publishedNow(home, attempt)
      const reportUrl = pageUrl(context, pipeline, `report_${date}.html`)
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
