/** The demo shows the product at work on sample days: with a real Temporal dev server, a worker, and real HTTP and SMTP on loopback. */
import { relative, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { formatDuration } from '../../definition/durations.js'
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import type { DayResult } from '../../engine/protocol/steps.js'
import { digestSentence } from '../../templates/digest.js'
import { startDevServer } from '../../worker/dev/devServer.js'
import { type Inboxes, openInboxes } from '../../worker/dev/inbox/inboxes.js'
import { toInboxes } from '../../worker/dev/inbox/unsetChannels.js'
import { startWorker } from '../../worker/startWorker.js'
import { fixedTarget } from '../../worker/temporalConnection.js'
import { runBackfill, runSchedule, WEEK } from '../demo/byItself.js'
import { makeSampleProject, SAMPLE_DAYS, type SampleDay, type SampleProject } from '../demo/sampleProject.js'
import { followDay } from '../server/followDay.js'
import { openServer, type Server } from '../server/openServer.js'
import { startDay } from '../server/startDay.js'
import { onInterrupt } from '../terminal/interrupt.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, type Output, table } from '../terminal/output.js'

interface DemoOptions extends CommonOptions {
  readonly keep?: boolean
  readonly dir: string
}

interface DemoDay {
  readonly day: SampleDay
  readonly result: DayResult
}

/** What each sample day must come to: the demo fails loudly when the product does something else. */
const EXPECTED: Readonly<Record<string, string>> = {
  '2026-03-02': 'pass',
  '2026-03-03': 'pass',
  '2026-03-04': 'warn',
  '2026-03-05': 'failed',
  '2026-03-06': 'warn',
  '2026-03-07': 'input-missing',
}

export async function demo(options: DemoOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const startedMs = Date.now()
  const project = await makeSampleProject(resolve(options.dir))
  const undo: (() => Promise<unknown>)[] = []
  const interrupted = new Promise<'interrupted'>((settle) => onInterrupt(() => settle('interrupted')))
  try {
    const work = showAll(project, options, output, undo)
    const days = await Promise.race([work, interrupted])
    if (days === 'interrupted') {
      work.catch(() => undefined)
      return EXIT.interrupted
    }
    const { inboxes } = days
    output.answer(demoDocument(days, project), demoText(days.days, inboxes, project, Date.now() - startedMs))
    if (options.keep) {
      output.say(`Server ${days.address}${days.ui ? `, web UI ${days.ui}` : ''}, worker and inbox ${inboxes.page} stay until Ctrl-C.`)
      await interrupted
    }
    const asExpected =
      days.days.every(({ day, result }) => result.verdict === EXPECTED[day.date]) &&
      days.scheduled.verdict === 'pass' &&
      days.filled.days.every(({ state }) => state === 'pass')
    return asExpected ? EXIT.done : EXIT.failed
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

type Shown = Awaited<ReturnType<typeof showAll>>

async function showAll(project: SampleProject, options: DemoOptions, output: Output, undo: (() => Promise<unknown>)[]) {
  const inboxes = await openInboxes()
  undo.push(() => inboxes.stop())
  output.say('Starting a Temporal dev server on loopback …')
  const server = await startDevServer({ env: process.env, say: (line) => output.say(`  ${line}`), ui: options.keep === true })
  undo.push(() => server.stop())
  const target = fixedTarget(server.address)
  const settings = demoSettings(project, inboxes)
  output.say('Starting a worker …')
  // The demo tells of each day itself, so of the worker only warnings are shown.
  const worker = await startWorker({ target, settings, say: (line) => void (/^\S+ (warn|error): /.test(line) && output.say(`  ${line}`)) })
  undo.push(() => worker.stop())
  const client = await openServer(target)
  undo.push(() => client.close())
  output.say(`Running ${SAMPLE_DAYS.length} sample days of the churn pipeline …`)
  const days = await runDays(client, settings, project, output)
  output.say('Applying the schedule, and triggering it …')
  const scheduled = await runSchedule(client, settings, project)
  output.say(`  ${scheduled.date}: ${scheduled.verdict} (the schedule's own run; previous day of today)`)
  output.say(`Backfilling ${WEEK.from} to ${WEEK.to}, four days at once …`)
  const filled = await runBackfill(client, settings, project)
  output.say(`  ${digestSentence(filled)}`)
  return { days, scheduled, filled, inboxes, address: server.address, ui: server.ui }
}

/** The demo's settings come from itself: nothing in the environment may lead it to somebody's production. */
function demoSettings(project: SampleProject, inboxes: Inboxes): Settings {
  const settings = readSettings({ DAYBREAK_NAME: 'demo' }, { home: project.home, pipelines: project.pipelines })
  return toInboxes(settings, inboxes, ['SLACK_WEBHOOK_URL', 'SMTP_URL'])
}

async function runDays(server: Server, settings: Settings, project: SampleProject, output: Output): Promise<readonly DemoDay[]> {
  for (const day of SAMPLE_DAYS) if (day.afterMs === undefined) await project.deliver(day)
  const runs = SAMPLE_DAYS.map(async (day) => {
    const { handle } = await startDay(server, settings, {
      pipeline: 'churn',
      date: day.date,
      kind: 'manual',
      rerun: false,
      requestedBy: 'demo',
    })
    if (day.afterMs !== undefined) {
      await delay(day.afterMs)
      await project.deliver(day)
      output.say(`  ${day.date}: the file arrives`)
    }
    const result = await followDay(server, settings, handle, () => {})
    output.say(`  ${day.date}: ${result.verdict} (${day.story})`)
    return { day, result }
  })
  return await Promise.all(runs)
}

function demoText(days: readonly DemoDay[], inboxes: Inboxes, project: SampleProject, ms: number): string {
  const shown = (path: string | undefined) => (path === undefined ? '–' : nearPath(path))
  const rows = days.map(({ day, result }) => [
    day.date,
    day.story,
    result.verdict,
    result.published ? 'yes' : 'no',
    result.accounts ? String(result.accounts.read) : '–',
    result.accounts ? String(result.accounts.rejected) : '–',
    shown(result.report),
  ])
  const home = shown(project.home)
  return [
    '',
    table(['date', 'what happened', 'verdict', 'published', 'rows', 'rejected', 'report'], rows),
    '',
    `Reports      ${home}/churn/reports/index.html`,
    `Predictions  ${home}/churn/predictions/`,
    '',
    'The team was told:',
    ...inboxes.messages.map(({ channel, subject }) => `  ${channel.padEnd(5)}  ${subject}`),
    '',
    `Done in ${formatDuration(ms)}. Try next:`,
    `  open the reports in a browser`,
    `  npx daybreak status churn --home ${home}`,
    `  npx daybreak run churn --local --date 2026-03-05 --pipelines ${shown(project.pipelines)} --home ${home}   (see the error)`,
    `  npx daybreak model ${shown(project.pipelines)}/churn/model/churn.onnx`,
  ].join('\n')
}

/** A path below the current directory is shown relative to it, because it is shorter; any other one stays absolute. */
function nearPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

function demoDocument({ days, scheduled, filled, inboxes }: Shown, project: SampleProject) {
  return {
    folder: project.folder,
    days: days.map(({ day, result }) => ({ ...day, result })),
    scheduled,
    backfill: filled,
    messages: inboxes.messages.map(({ channel, subject }) => ({ channel, subject })),
  }
}
