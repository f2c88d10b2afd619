/** Plans a backfill: what is done with each date of the range, and why. The plan is made where the output lies, before anything starts. */
import { day, formatDay } from '../definition/dates.js'
import { isScheduledDate } from '../engine/loader/cronFields.js'
import { type LoadedPipeline, loadPipeline } from '../engine/loader/loadPipeline.js'
import type { Settings } from '../engine/loader/settings.js'
import { type BackfillRequest, backfillDates, type DateFacts, type PlannedDate, planDate } from '../engine/protocol/backfill.js'
import { dataDateRule, localDay } from '../engine/protocol/schedule.js'
import { readManifest } from '../engine/storage/attempts.js'
import { readDay } from '../engine/storage/dayOnDisk.js'
import { holdOf } from '../engine/storage/holds.js'
import { whatChanged } from '../engine/storage/staleness.js'

/** The plan has the order that was asked for. @throws DateInvalid, UsageInvalid, what makes the definition unusable */
export async function planDates({ home, pipelines }: Settings, request: BackfillRequest): Promise<readonly PlannedDate[]> {
  const { pipeline, mode, from, to, order } = request
  const loaded = await loadPipeline(pipelines, pipeline)
  const { schedule } = loaded.definition
  // A range ends with a day that is over or under way where the pipeline lives.
  const today = formatDay(localDay(Date.now(), schedule ? dataDateRule(schedule).timeZone : 'UTC'))
  const dates = backfillDates(from, to, today)
  const plan: PlannedDate[] = []
  for (const date of dates) plan.push(planDate(date, mode, await facts(home, loaded, date, mode === 'stale')))
  return order === 'oldest' ? plan : plan.reverse()
}

async function facts(home: string, loaded: LoadedPipeline, date: string, compare: boolean): Promise<DateFacts> {
  const { name: pipeline, schedule } = loaded.definition
  const { last, publication } = await readDay(home, pipeline, date)
  const published = publication && compare ? await readManifest(home, { pipeline, date, attempt: publication.attempt }) : undefined
  const manifest = last?.manifest
  // A held day that nobody may approve any more is as one that was refused.
  const waits = manifest?.verdict === 'held' && (await holdOf(home, manifest, Date.now())).state === 'waiting'
  const verdict = manifest?.verdict === 'held' && !waits ? 'refused' : manifest?.verdict
  return {
    scheduled: !schedule || isScheduledDate(schedule, day(date)),
    ...(last ? { last: { attempt: last.attempt, ...(verdict ? { verdict } : {}) } } : {}),
    ...(publication ? { publication: { number: publication.number, attempt: publication.attempt } } : {}),
    stale: published ? await whatChanged({ definition: loaded.compiled.fingerprint, modelFile: loaded.modelFile }, published) : [],
  }
}
