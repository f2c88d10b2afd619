/** What is known of the days of pipelines is gathered: from disk, from the server when one answers, and what should be there. */
import { type DayStatus, dayOnDisk, missingDay, runningDay } from '../../days/dayStatus.js'
import { day, formatDay } from '../../definition/dates.js'
import { aboutText } from '../../definition/pipeline.js'
import { exists, namesIn } from '../../engine/files/fileSystem.js'
import { isScheduledDate } from '../../engine/loader/cronFields.js'
import { type LoadedPipeline, listPipelines, loadPipeline } from '../../engine/loader/loadPipeline.js'
import type { Settings } from '../../engine/loader/settings.js'
import { MOST_DATES } from '../../engine/protocol/backfill.js'
import { asDaybreakError, DaybreakError } from '../../engine/protocol/errors.js'
import { dataDateOf, dataDateRule } from '../../engine/protocol/schedule.js'
import { listDates } from '../../engine/storage/attempts.js'
import type { ServerView } from '../server/serverView.js'

export interface DateRange {
  readonly from: string
  readonly to: string
  /** Somebody asked for these dates: then all of them are looked at, not only those between what there is. */
  readonly asked: boolean
}

export interface PipelineStatus {
  readonly name: string
  readonly about?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  /** Why its definition cannot be used. */
  readonly problem?: string
  readonly backfill: boolean
}

export interface GatheredStatus {
  /** Where it is from, in words. */
  readonly source: string
  readonly pipelines: readonly PipelineStatus[]
  /** Newest first. */
  readonly days: readonly DayStatus[]
}

/** So many dates are read from disk at once: enough to keep the disk busy, few enough for the files that a process may open. */
const AT_ONCE = 16

/** @param pipeline without it all of them are meant @throws PipelineUnknown */
export async function gatherStatus(
  settings: Settings,
  server: ServerView | undefined,
  pipeline: string | undefined,
  range: DateRange,
): Promise<GatheredStatus> {
  const visible = await exists(settings.home)
  const told = server && !visible ? await server.endedDays() : []
  const known = await allPipelines(settings, told, server)
  if (pipeline !== undefined && !known.includes(pipeline)) throw unknownPipeline(settings, pipeline, known)
  const pipelines: PipelineStatus[] = []
  const days: DayStatus[] = []
  for (const name of pipeline === undefined ? known : [pipeline]) {
    const { loaded, ...about } = await pipelineStatus(settings, name, server)
    pipelines.push(about)
    days.push(...(await daysOf(settings, name, range, loaded, server, told)))
  }
  days.sort((a, b) => (a.date === b.date ? (a.pipeline < b.pipeline ? -1 : 1) : a.date < b.date ? 1 : -1))
  return { source: sourceText(settings, server, visible), pipelines, days }
}

function sourceText({ home }: Settings, server: ServerView | undefined, visible: boolean): string {
  if (!server) return 'disk only: no Temporal server answered'
  return visible ? 'disk and server' : `server only: ${home} is not here`
}

async function allPipelines(settings: Settings, told: readonly DayStatus[], server: ServerView | undefined): Promise<readonly string[]> {
  const onDisk = await namesIn(settings.home)
  const defined = await listPipelines(settings.pipelines).catch(() => [])
  const names = new Set([...onDisk, ...defined, ...[...(server?.running ?? []), ...told].map(({ pipeline }) => pipeline)])
  return [...names].filter((name) => !name.startsWith('.')).sort()
}

function unknownPipeline(settings: Settings, pipeline: string, known: readonly string[]): DaybreakError {
  const details = known.length > 0 ? [`there is ${known.join(', ')}`] : []
  return new DaybreakError('PipelineUnknown', `there is no pipeline "${pipeline}" in ${settings.pipelines}`, { details })
}

async function pipelineStatus(
  settings: Settings,
  name: string,
  server: ServerView | undefined,
): Promise<PipelineStatus & { loaded?: LoadedPipeline }> {
  const shared = { name, backfill: server?.backfills.has(name) === true }
  try {
    const loaded = await loadPipeline(settings.pipelines, name)
    const { owner, tags } = loaded.definition
    return { ...shared, about: aboutText(loaded.definition), ...(owner ? { owner } : {}), ...(tags ? { tags } : {}), loaded }
  } catch (error) {
    return { ...shared, problem: asDaybreakError(error).message }
  }
}

async function daysOf(
  { home }: Settings,
  pipeline: string,
  range: DateRange,
  loaded: LoadedPipeline | undefined,
  server: ServerView | undefined,
  told: readonly DayStatus[],
): Promise<readonly DayStatus[]> {
  const within = (date: string) => date >= range.from && date <= range.to
  const days = new Map(told.filter((other) => other.pipeline === pipeline && within(other.date)).map((other) => [other.date, other]))
  const dates = (await listDates(home, pipeline)).filter(within)
  for (let start = 0; start < dates.length; start += AT_ONCE) {
    const some = dates.slice(start, start + AT_ONCE)
    for (const found of await Promise.all(some.map((date) => dayOnDisk(home, pipeline, date, loaded)))) days.set(found.date, found)
  }
  for (const { date, progress, ...live } of server?.running ?? []) {
    if (live.pipeline !== pipeline || !within(date)) continue
    days.set(date, runningDay(days.get(date) ?? { pipeline, date, state: 'running', messages: [] }, progress))
  }
  for (const date of await expectedDates(pipeline, [...days.keys()].sort(), range, loaded, server)) {
    if (!days.has(date)) days.set(date, missingDay(pipeline, date))
  }
  return [...days.values()]
}

/** Lists dates that should have a run: those of a range that was asked for, or from the oldest known date to the newest that was due. */
async function expectedDates(
  pipeline: string,
  known: readonly string[],
  range: DateRange,
  loaded: LoadedPipeline | undefined,
  server: ServerView | undefined,
): Promise<readonly string[]> {
  const schedule = loaded?.definition.schedule
  const fired = await server?.latestDate(pipeline)
  const rule = schedule ? dataDateRule(schedule) : { timeZone: 'UTC', daysBefore: 1 }
  // Without a server nobody says whether today's run is due yet; the one before it surely was.
  const due = fired ?? formatDay(day(dataDateOf(Date.now(), rule)) - 1)
  const first = range.asked ? range.from : known[0]
  const newest = range.asked ? due : [known.at(-1) ?? '', fired ?? ''].sort().at(-1)!
  const last = newest < range.to ? newest : range.to
  if (first === undefined || last < first) return []
  const count = Math.min(day(last) - day(first) + 1, MOST_DATES)
  const dates = Array.from({ length: count }, (_, index) => day(last) - index)
  return dates.filter((date) => !schedule || isScheduledDate(schedule, date)).map((date) => formatDay(date))
}
