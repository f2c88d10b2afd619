/** Schedules start the days by themselves. They are applied from the definitions, shown, paused, resumed, triggered and removed. */
import { userInfo } from 'node:os'
import { listPipelines, loadPipeline } from '../../engine/loader/loadPipeline.js'
import type { Settings } from '../../engine/loader/settings.js'
import { ERRORS, EXIT } from '../../engine/protocol/errorTable.js'
import { applySchedules } from '../server/applySchedules.js'
import { removeSchedule, setPaused, triggerSchedule } from '../server/changeSchedule.js'
import { hasPollers } from '../server/dayWorker.js'
import type { Server } from '../server/openServer.js'
import { type NextRun, type ScheduleState, scheduledPipelines, scheduleState } from '../server/scheduleState.js'
import { withServer } from '../server/withServer.js'
import type { CommonOptions } from '../terminal/options.js'
import { errorText, table } from '../terminal/output.js'

interface ApplyOptions extends CommonOptions {
  readonly dryRun?: boolean
}

interface PauseOptions extends CommonOptions {
  readonly reason?: string
}

export async function scheduleApply(pipeline: string | undefined, options: ApplyOptions): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const names = pipeline === undefined ? await listPipelines(settings.pipelines) : [pipeline]
    const { applied, refused } = await applySchedules(server, settings, names, {
      say: (line) => output.say(line),
      dryRun: options.dryRun === true,
      all: pipeline === undefined,
    })
    for (const { error } of refused) if (!output.json) process.stderr.write(`${errorText(error)}\n`)
    const orphans = pipeline === undefined ? await withoutDefinition(server, settings) : []
    for (const name of orphans)
      output.say(`${name}: has a schedule and no definition that asks for one. Remove it with: daybreak schedule remove ${name}`)
    if (output.json) {
      output.answer(
        { applied, refused: refused.map(({ pipeline: name, error }) => ({ pipeline: name, error: error.problem })), orphans },
        '',
      )
    } else if (applied.length + refused.length === 0) output.say('No definition has a schedule.')
    return refused[0] ? ERRORS[refused[0].error.code].exitCode : EXIT.done
  })
}

/** Finds schedules on the server that no definition asks for. A definition that cannot be read is left out: it may well ask. */
async function withoutDefinition(server: Server, settings: Settings): Promise<readonly string[]> {
  const known = new Set(await listPipelines(settings.pipelines))
  const names: string[] = []
  for (const name of await scheduledPipelines(server, settings)) {
    const loaded = known.has(name) ? await loadPipeline(settings.pipelines, name).catch(() => undefined) : undefined
    if (!known.has(name) || (loaded && !loaded.definition.schedule)) names.push(name)
  }
  return names
}

export async function scheduleShow(pipeline: string | undefined, options: CommonOptions): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const names = pipeline === undefined ? await scheduledPipelines(server, settings) : [pipeline]
    const found = await Promise.all(names.map((name) => scheduleState(server, settings, name)))
    const states = found.filter((state) => state !== undefined)
    const orphans: readonly string[] = await withoutDefinition(server, settings).catch(() => [])
    const none =
      pipeline === undefined
        ? 'No schedules on the server.'
        : `${pipeline} has no schedule on the server. Make it with: daybreak schedule apply`
    const text = states.map((state) => stateText(state, orphans.includes(state.pipeline))).join('\n\n')
    output.answer({ schedules: states, orphans }, text || none)
    return EXIT.done
  })
}

function stateText(state: ScheduleState, orphan: boolean): string {
  const { pipeline, paused, note, cron, timeZone, dataDate, next, recent, waiting } = state
  const rows = (runs: readonly NextRun[]) =>
    table(
      ['time (UTC)', 'data date'],
      runs.map(({ at, date }) => [at, date]),
    ).replaceAll(/^/gm, '    ')
  return [
    `${pipeline}: ${cron} ${timeZone}, data date ${dataDate}${paused ? `, PAUSED${note ? ` (${note})` : ''}` : ''}`,
    ...(orphan ? [`  No definition asks for it. Remove it with: daybreak schedule remove ${pipeline}`] : []),
    paused ? '  Next, once it is resumed:' : '  Next:',
    rows(next),
    ...(recent.length > 0 ? ['  Started last:', rows(recent)] : []),
    ...(waiting.length > 0 ? [`  Fired and not started: ${waiting.map(({ date }) => date).join(', ')}`] : []),
  ].join('\n')
}

export async function schedulePause(pipeline: string, options: PauseOptions): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const note = `${userInfo().username}${options.reason ? `: ${options.reason}` : ''}`
    const { paused, waiting } = await setPaused(server, settings, pipeline, true, note)
    const dropped = paused ? [] : waiting.map(({ date }) => date)
    const text = paused ? `${pipeline} was paused before.` : `${pipeline} is paused; a run under way goes on.`
    const lost = dropped.length > 0 ? `\nQueued days were dropped: ${dropped.join(', ')}. ${backfillHint(pipeline, dropped)}` : ''
    output.answer({ pipeline, paused: true, before: paused, dropped }, text + lost)
    return EXIT.done
  })
}

export async function scheduleResume(pipeline: string, options: CommonOptions): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const { paused, waiting } = await setPaused(server, settings, pipeline, false, `resumed by ${userInfo().username}`)
    const missed = paused ? waiting.map(({ date }) => date) : []
    const text = paused ? `${pipeline} runs again.` : `${pipeline} was not paused.`
    const lost = missed.length > 0 ? `\nDays that were not started meanwhile: ${missed.join(', ')}. ${backfillHint(pipeline, missed)}` : ''
    output.answer({ pipeline, paused: false, before: paused, missed }, text + lost)
    return EXIT.done
  })
}

function backfillHint(pipeline: string, dates: readonly string[]): string {
  return `Run them with: daybreak backfill ${pipeline} --from ${dates[0]} --to ${dates.at(-1)} --mode missing`
}

export async function scheduleTrigger(pipeline: string, options: CommonOptions): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const { date, at } = await triggerSchedule(server, settings, pipeline)
    const worker = await hasPollers(server, settings)
    const nobody = worker ? '' : '\nNo worker is there; the run stays queued.'
    output.answer(
      { pipeline, date, at, worker },
      `${pipeline} is triggered for data date ${date}. Look with: daybreak status ${pipeline} --date ${date}${nobody}`,
    )
    return worker ? EXIT.done : EXIT.noServer
  })
}

export async function scheduleRemove(pipeline: string, options: CommonOptions): Promise<number> {
  return await withServer(options, async (server, settings, output) => {
    const removed = await removeSchedule(server, settings, pipeline)
    output.answer(
      { pipeline, removed },
      removed ? `The schedule of ${pipeline} is removed; a run under way goes on.` : `${pipeline} has no schedule.`,
    )
    return EXIT.done
  })
}
