/** `daybreak status`: a line per date, from what is on disk and, with a server, from what is running. */
import { parseDay } from '../../definition/dates.js'
import { DaybreakError, EXIT } from '../../definition/errors.js'
import type { AttemptEvent, Manifest } from '../../definition/records.js'
import { type DayProgress, STEP_TITLES } from '../../definition/steps.js'
import { listPipelines } from '../../loader/loadPipeline.js'
import { readSettings, type Settings } from '../../loader/settings.js'
import { listAttempts, listDates, namesIn, readEvents, readManifest } from '../../storage/attempts.js'
import { layout } from '../../storage/layout.js'
import { currentPublication } from '../../storage/publications.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import type { CommonOptions } from '../options.js'
import { makeOutput, table } from '../output.js'
import { dayWorkflowId, openServer, queryProgress, type Server } from '../temporalRun.js'

interface StatusOptions extends CommonOptions {
  readonly date?: string
  readonly from?: string
  readonly to?: string
}

interface DayStatus {
  readonly pipeline: string
  readonly date: string
  /** A verdict, `running`, or `unfinished`: not sealed, and no server to say whether it runs. */
  readonly state: string
  readonly attempt?: string
  readonly published?: string
  readonly rows?: number
  readonly rejected?: number
  readonly headline?: string
  readonly report?: string
  /** What became of messages that did not get through. */
  readonly messages: readonly string[]
}

/** Runs that go on, by pipeline and date; `undefined`: the server was not asked or did not answer. */
type Running = ReadonlyMap<string, DayProgress | undefined> | undefined

export async function status(pipeline: string | undefined, options: StatusOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  const { from, to } = range(options)
  const running = await runningDays(settings)
  const names = pipeline === undefined ? await allPipelines(settings) : [await known(settings, pipeline)]
  const days: DayStatus[] = []
  for (const name of names) {
    const dates = new Set([...(await listDates(settings.home, name)), ...datesOf(running, name)])
    for (const date of [...dates].sort().reverse()) {
      if (date >= from && date <= to) days.push(await dayStatus(settings, name, date, running))
    }
  }
  const source = running ? 'disk and server' : 'disk only: no Temporal server answered'
  output.answer({ source, days }, days.length === 0 ? `Nothing yet (${source}).` : `${statusTable(days)}\n(${source})`)
  return EXIT.done
}

function range({ date, from, to }: StatusOptions): { from: string; to: string } {
  for (const given of [date, from, to]) {
    if (given !== undefined && parseDay(given) === undefined) throw new DaybreakError('DateInvalid', `"${given}" is not a calendar day`)
  }
  return { from: date ?? from ?? '0001-01-01', to: date ?? to ?? '9999-12-31' }
}

async function allPipelines(settings: Settings): Promise<readonly string[]> {
  const onDisk = await namesIn(settings.home)
  const defined = await listPipelines(settings.pipelines).catch(() => [])
  return [...new Set([...onDisk, ...defined])].filter((name) => !name.startsWith('.')).sort()
}

async function known(settings: Settings, pipeline: string): Promise<string> {
  const names = await allPipelines(settings)
  if (names.includes(pipeline)) return pipeline
  throw new DaybreakError('PipelineUnknown', `there is no pipeline "${pipeline}" in ${settings.pipelines}`, {
    details: names.length > 0 ? [`there is ${names.join(', ')}`] : [],
  })
}

async function dayStatus(settings: Settings, pipeline: string, date: string, running: Running): Promise<DayStatus> {
  const { home } = settings
  const current = await currentPublication(home, pipeline, date)
  const attempt = (await listAttempts(home, pipeline, date)).at(-1)
  const name = `${pipeline}/${date}`
  const shared = { pipeline, date, ...(attempt ? { attempt } : {}), ...(current ? { published: current.attempt } : {}) }
  const manifest = attempt ? await readManifest(home, { pipeline, date, attempt }) : undefined
  if (running?.has(name)) {
    const progress = running.get(name)
    return { ...shared, state: 'running', headline: progress ? STEP_TITLES[progress.step] : 'no worker answers', messages: [] }
  }
  if (!manifest) return { ...shared, state: 'unfinished', headline: 'runs in another process, or was interrupted', messages: [] }
  return {
    ...shared,
    ...sealedStatus(manifest),
    report: layout.report(home, pipeline, date),
    messages: troubles(await readEvents(home, manifest)),
  }
}

function sealedStatus({ verdict, headline, accounts }: Manifest) {
  return { state: verdict, headline, ...(accounts ? { rows: accounts.read, rejected: accounts.rejected } : {}) }
}

/** Channels that did not get their message, each once. */
function troubles(events: readonly AttemptEvent[]): string[] {
  const sent = new Set(events.filter(({ event }) => event === 'message-sent').map(({ key }) => key))
  const failed = events.filter(({ event, key }) => (event === 'message-failed' || event === 'channel-not-configured') && !sent.has(key))
  return [
    ...new Set(
      failed.map(
        ({ channel, event, detail }) => `${channel}: ${event === 'message-failed' ? 'not delivered' : 'not configured'}, ${detail}`,
      ),
    ),
  ]
}

function statusTable(days: readonly DayStatus[]): string {
  const several = new Set(days.map(({ pipeline }) => pipeline)).size > 1
  const row = (day: DayStatus) => [
    ...(several ? [day.pipeline] : []),
    day.date,
    day.state,
    day.published === undefined ? '–' : day.published,
    day.rows === undefined ? '–' : String(day.rows),
    day.rejected === undefined ? '–' : String(day.rejected),
    day.attempt ?? '–',
    day.report ?? day.headline ?? '',
  ]
  const header = [...(several ? ['pipeline'] : []), 'date', 'verdict', 'published', 'rows', 'rejected', 'attempt', 'report']
  const notes = [...new Set(days.flatMap(({ date, messages }) => messages.map((message) => `${date}  ${message}`)))]
  return [table(header, days.map(row)), ...notes].join('\n')
}

function datesOf(running: Running, pipeline: string): string[] {
  return [...(running?.keys() ?? [])].filter((name) => name.startsWith(`${pipeline}/`)).map((name) => name.slice(pipeline.length + 1))
}

/** Asks the server, if there is one, what runs and where it stands. */
async function runningDays(settings: Settings): Promise<Running> {
  let server: Server
  try {
    server = await openServer(temporalTarget(process.env))
  } catch (error) {
    if (error instanceof DaybreakError && error.code === 'ServerUnreachable') return undefined
    throw error
  }
  try {
    const running = new Map<string, DayProgress | undefined>()
    const prefix = dayWorkflowId(settings, '', '').replace(/\/+$/, '/')
    for await (const { workflowId } of server.client.workflow.list({
      query: "WorkflowType = 'dailyPrediction' AND ExecutionStatus = 'Running'",
    })) {
      if (!workflowId.startsWith(prefix)) continue
      running.set(workflowId.slice(prefix.length), await queryProgress(server, server.client.workflow.getHandle(workflowId)))
    }
    return running
  } finally {
    await server.close()
  }
}
