/** `daybreak status`: a line per date, from what is on disk and, with a server, from what runs there; missing and stale dates named. */
import { type DayStatus, dayOnDisk, missingDay, runningDay } from '../../days/dayStatus.js'
import { day, formatDay, parseDay } from '../../definition/dates.js'
import { formatDuration } from '../../definition/durations.js'
import { aboutText } from '../../definition/pipeline.js'
import { exists, namesIn } from '../../engine/files/fileSystem.js'
import { isScheduledDate } from '../../engine/loader/cronFields.js'
import { type LoadedPipeline, listPipelines, loadPipeline } from '../../engine/loader/loadPipeline.js'
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import { MOST_DATES } from '../../engine/protocol/backfill.js'
import { asDaybreakError, DaybreakError, EXIT } from '../../engine/protocol/errors.js'
import { dataDateOf, dataDateRule } from '../../engine/protocol/schedule.js'
import { listDates } from '../../engine/storage/attempts.js'
import { type ServerView, serverView } from '../server/serverView.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, table } from '../terminal/output.js'

interface StatusOptions extends CommonOptions {
  readonly date?: string
  readonly from?: string
  readonly to?: string
}

interface Range {
  readonly from: string
  readonly to: string
  /** Somebody asked for these dates: all of them are looked at, not only those between what there is. */
  readonly asked: boolean
}

interface PipelineStatus {
  readonly name: string
  readonly about?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  /** Why its definition cannot be used. */
  readonly problem?: string
  readonly backfill: boolean
}

/** Runs of missing dates longer than this are one line. */
const MISSING_SHOWN = 3
/** Dates read from disk at once. */
const AT_ONCE = 16

export async function status(pipeline: string | undefined, options: StatusOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  const range = rangeOf(options)
  const server = await serverView(settings)
  try {
    const visible = await exists(settings.home)
    const source = server
      ? visible
        ? 'disk and server'
        : `server only: ${settings.home} is not here`
      : 'disk only: no Temporal server answered'
    const told = server && !visible ? await server.endedDays() : []
    const known = await allPipelines(settings, told, server)
    if (pipeline !== undefined && !known.includes(pipeline)) throw unknown(settings, pipeline, known)
    const pipelines: PipelineStatus[] = []
    const days: DayStatus[] = []
    for (const name of pipeline === undefined ? known : [pipeline]) {
      const { loaded, ...about } = await pipelineStatus(settings, name, server)
      pipelines.push(about)
      days.push(...(await daysOf(settings, name, range, loaded, server, told)))
    }
    days.sort((a, b) => (a.date === b.date ? (a.pipeline < b.pipeline ? -1 : 1) : a.date < b.date ? 1 : -1))
    output.answer({ source, pipelines, days }, statusText(pipelines, days, source))
    return EXIT.done
  } finally {
    await server?.close()
  }
}

function rangeOf({ date, from, to }: StatusOptions): Range {
  for (const given of [date, from, to]) {
    if (given !== undefined && parseDay(given) === undefined) throw new DaybreakError('DateInvalid', `"${given}" is not a calendar day`)
  }
  if (from && to && from > to) throw new DaybreakError('UsageInvalid', `the range is upside down: ${from} comes after ${to}`)
  if (from && to && day(to) - day(from) >= MOST_DATES)
    throw new DaybreakError('UsageInvalid', `${from} to ${to} are more than ${MOST_DATES} dates`)
  return { from: date ?? from ?? '0001-01-01', to: date ?? to ?? '9999-12-31', asked: date !== undefined || from !== undefined }
}

async function allPipelines(settings: Settings, told: readonly DayStatus[], server: ServerView | undefined): Promise<readonly string[]> {
  const onDisk = await namesIn(settings.home)
  const defined = await listPipelines(settings.pipelines).catch(() => [])
  const names = new Set([...onDisk, ...defined, ...[...(server?.running ?? []), ...told].map(({ pipeline }) => pipeline)])
  return [...names].filter((name) => !name.startsWith('.')).sort()
}

function unknown(settings: Settings, pipeline: string, known: readonly string[]): DaybreakError {
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
  range: Range,
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

/** Dates that should have a run: of a range that was asked for, or between the oldest known date and the newest that was due. */
async function expectedDates(
  pipeline: string,
  known: readonly string[],
  range: Range,
  loaded: LoadedPipeline | undefined,
  server: ServerView | undefined,
): Promise<readonly string[]> {
  const schedule = loaded?.definition.schedule
  const fired = await server?.latestDate(pipeline)
  const rule = schedule ? dataDateRule(schedule) : { timeZone: 'UTC', daysBefore: 1 }
  // Without a server nobody says whether today's run is due yet: the one before it surely was.
  const due = fired ?? formatDay(day(dataDateOf(Date.now(), rule)) - 1)
  const first = range.asked ? range.from : known[0]
  const newest = range.asked ? due : [known.at(-1) ?? '', fired ?? ''].sort().at(-1)!
  const last = newest < range.to ? newest : range.to
  if (first === undefined || last < first) return []
  const count = Math.min(day(last) - day(first) + 1, MOST_DATES)
  const dates = Array.from({ length: count }, (_, index) => day(last) - index)
  return dates.filter((date) => !schedule || isScheduledDate(schedule, date)).map((date) => formatDay(date))
}

function statusText(pipelines: readonly PipelineStatus[], days: readonly DayStatus[], source: string): string {
  const about = pipelines.flatMap(({ name, about: text, problem, backfill }) => [
    ...(problem ? [`${name}: the definition cannot be used: ${problem}`] : text && text !== name ? [`${name}: ${text}`] : []),
    ...(backfill ? [`${name}: a backfill is going on; look with: daybreak backfill status ${name}`] : []),
  ])
  if (days.length === 0) return [...about, `Nothing yet (${source}).`].join('\n')
  const notes = [...new Set(days.flatMap(({ date, messages }) => messages.map((message) => `${date}  ${message}`)))]
  return [...about, ...(about.length > 0 ? [''] : []), dayTable(days, pipelines.length > 1), ...notes, ...advice(days), `(${source})`].join(
    '\n',
  )
}

function dayTable(days: readonly DayStatus[], several: boolean): string {
  const header = [...(several ? ['pipeline'] : []), 'date', 'verdict', 'published', 'rows', 'rejected', 'attempt', 'kind', 'report']
  const rows = gathered(days).map((group) => {
    const [first] = group as [DayStatus]
    const { date, state, stale, published, rows: read, rejected, attempt, kind, report, headline } = first
    const dates = group.length === 1 ? date : `${group.at(-1)!.date} … ${date}`
    const verdict = group.length === 1 ? `${state}${stale ? `, stale: ${stale.join(', ')}` : ''}` : `${state} (${group.length} dates)`
    const cells = [dates, verdict, published, read, rejected, attempt, kind, report ?? headline ?? ''].map((cell) => String(cell ?? '–'))
    return [...(several ? [first.pipeline] : []), ...cells]
  })
  return table(header, rows)
}

/** Days as lines: long runs of missing dates of one pipeline are one. */
function gathered(days: readonly DayStatus[]): readonly (readonly DayStatus[])[] {
  const groups: DayStatus[][] = []
  for (const one of days) {
    const before = groups.at(-1)
    const [first] = before ?? []
    if (one.state === 'missing' && first?.state === 'missing' && first.pipeline === one.pipeline) before!.push(one)
    else groups.push([one])
  }
  return groups.flatMap((group) => (group.length > MISSING_SHOWN ? [group] : group.map((one) => [one])))
}

/** The command that mends missing and stale dates. */
function advice(days: readonly DayStatus[]): readonly string[] {
  const lines: string[] = []
  for (const pipeline of new Set(days.map((one) => one.pipeline))) {
    const own = days.filter((one) => one.pipeline === pipeline)
    for (const [mode, is] of [
      ['missing', (one: DayStatus) => one.state === 'missing'],
      ['stale', (one: DayStatus) => one.stale !== undefined],
    ] as const) {
      const dates = own.filter(is).map(({ date }) => date)
      if (dates.length > 0)
        lines.push(`Run ${mode} dates with: daybreak backfill ${pipeline} --from ${dates.at(-1)} --to ${dates[0]} --mode ${mode}`)
    }
  }
  return [
    ...days.flatMap(({ pipeline, date, attempt, hold }) => (hold?.state === 'waiting' ? [waitingLine(pipeline, date, attempt, hold)] : [])),
    ...lines,
  ]
}

/** What waits for somebody, for how long, and the commands. */
function waitingLine(
  pipeline: string,
  date: string,
  attempt: string | undefined,
  { since, until }: NonNullable<DayStatus['hold']>,
): string {
  const waited = formatDuration(Math.max(0, Date.now() - Date.parse(since)))
  const expires = until === undefined ? '' : `, until ${until}`
  return `${date}  ${attempt} waits for a decision since ${waited}${expires}: daybreak approve|reject ${pipeline} --date ${date} --attempt ${attempt} --reason "…"`
}
