/** The status of days is put into words for a terminal: a table, then what needs attention, with the commands that mend it. */
import type { DayStatus } from '../../days/dayStatus.js'
import { formatDuration } from '../../definition/durations.js'
import { table } from '../terminal/output.js'
import type { GatheredStatus } from './gatherStatus.js'

/** Runs of missing dates longer than this are one line. */
const MISSING_SHOWN = 3

export function statusText({ pipelines, days, source }: GatheredStatus): string {
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

/** Puts days into lines: a long run of missing dates of one pipeline has one. */
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

/** Says what waits for a decision, and which commands mend missing and stale dates. */
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

/** Says what waits for somebody, for how long, and with which commands it is decided. */
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
