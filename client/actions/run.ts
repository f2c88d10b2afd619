/** `daybreak run`: one data date, by Temporal or in this process; follows it to its end and says where the report is. */
import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { parseDay } from '../../definition/dates.js'
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import { DaybreakError, ERRORS, EXIT } from '../../engine/protocol/errors.js'
import type { DayProgress, DayRequest, DayResult } from '../../engine/protocol/steps.js'
import type { CommonOptions } from '../terminal/options.js'
import { errorText, makeOutput, type Output } from '../terminal/output.js'
import { makeProgress } from '../terminal/progress.js'

interface RunOptions extends CommonOptions {
  readonly date: string
  readonly input?: string
  readonly rerun?: boolean
  readonly local?: boolean
  readonly wait: boolean
}

export async function run(pipeline: string, options: RunOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  if (parseDay(options.date) === undefined) throw new DaybreakError('DateInvalid', `"${options.date}" is not a calendar day`)
  const request: DayRequest = {
    pipeline,
    date: options.date,
    kind: 'manual',
    rerun: options.rerun === true,
    requestedBy: userInfo().username,
    ...(options.input === undefined ? {} : { input: resolve(options.input) }),
  }
  const outcome = options.local ? await local(request, settings) : await byTemporal(request, settings, output, options.wait)
  if (typeof outcome === 'number') return outcome
  output.answer(outcome, resultText(outcome))
  return exitCodeOf(outcome)
}

/** The exit code that a result means. A day that is published without its report and its messages is not done. */
export function exitCodeOf({ problem }: DayResult): number {
  return problem ? ERRORS[problem.code].exitCode : EXIT.done
}

async function local(request: DayRequest, settings: Settings): Promise<DayResult> {
  const progress = makeProgress(process.stderr)
  const stop = new AbortController()
  const release = onInterrupt(() => stop.abort())
  try {
    // Either way of running loads much that the other does not need. Beside it scoring threads load the ONNX runtime, and the bundler
    // looks at the definition: what it finds wrong is told when the day opens.
    const { ScoringPool } = await import('../../engine/batch/scoringPool.js')
    const pool = new ScoringPool(settings.threads)
    pool.warm(request.input === undefined ? 0 : statSync(request.input, { throwIfNoEntry: false })?.size)
    const { loadPipeline } = await import('../../engine/loader/loadPipeline.js')
    void loadPipeline(settings.pipelines, request.pipeline).catch(() => undefined)
    const { runLocally } = await import('../../worker/localRun.js')
    return await runLocally(request, { settings, pool, signal: stop.signal, onProgress: (step) => progress.show(step) })
  } finally {
    release()
    progress.end()
  }
}

async function byTemporal(request: DayRequest, settings: Settings, output: Output, wait: boolean): Promise<DayResult | number> {
  const { temporalTarget } = await import('../../worker/temporalConnection.js')
  const { followDay, hasPollers, openServer, startDay } = await import('../server/temporalRun.js')
  const server = await openServer(temporalTarget(process.env))
  const progress = makeProgress(process.stderr)
  try {
    const { handle, joined } = await startDay(server, settings, request)
    const named = `${request.pipeline} ${request.date}`
    if (joined) output.say(`${named} is running already: following that run.`)
    if (!wait) {
      const polled = await hasPollers(server, settings)
      const text = `Started ${named}. Look with: daybreak status ${request.pipeline} --date ${request.date}${polled ? '' : '\nNo worker is there; the run stays queued.'}`
      output.answer({ pipeline: request.pipeline, date: request.date, workflowId: handle.workflowId, joined, worker: polled }, text)
      return polled ? EXIT.done : EXIT.noServer
    }
    const stop = new AbortController()
    const interrupted = new Promise<'interrupted'>((settle) =>
      onInterrupt(() => {
        settle('interrupted')
        stop.abort()
      }),
    )
    const following = followDay(server, settings, handle, (step: DayProgress) => progress.show(step), stop.signal)
    const result = await Promise.race([following, interrupted])
    progress.end()
    if (result !== 'interrupted') return result
    output.answer(
      { pipeline: request.pipeline, date: request.date, workflowId: handle.workflowId, followed: false },
      `Not following any more; ${named} goes on. Look with: daybreak status ${request.pipeline} --date ${request.date}`,
    )
    return EXIT.interrupted
  } finally {
    progress.end()
    await server.close()
  }
}

/** The first Ctrl-C asks; the second one is the terminal's own. */
function onInterrupt(act: () => void): () => void {
  process.once('SIGINT', act)
  process.once('SIGTERM', act)
  return () => {
    process.off('SIGINT', act)
    process.off('SIGTERM', act)
  }
}

/** What a row was rejected by. */
function rejectedAs({ rejected, invalid, errors }: NonNullable<DayResult['accounts']>): string {
  return rejected === 0 || invalid === undefined ? '' : ` (${invalid} invalid, ${errors} failed in features or model)`
}

/** A result in a few lines. */
export function resultText(result: DayResult): string {
  const { pipeline, date, attempt, verdict, accounts, problem } = result
  if (result.alreadyPublished) {
    return `${pipeline} ${date} is published already (attempt ${attempt}, ${verdict}); nothing was done. --rerun makes a new attempt.\n  report       ${result.report}`
  }
  const state = result.published ? 'published' : 'not published'
  const lines = [`${pipeline} ${date}: ${verdict}, ${state}${attempt ? ` (attempt ${attempt})` : ''}`]
  if (accounts)
    lines.push(
      `  rows         ${accounts.read} read, ${accounts.predicted} predicted, ${accounts.rejected} rejected${rejectedAs(accounts)}`,
    )
  if (result.predictions) lines.push(`  predictions  ${result.predictions}`)
  if (result.report) lines.push(`  report       ${result.report}`)
  if (result.resultsDigest) lines.push(`  digest       ${result.resultsDigest}`)
  if (problem) lines.push(errorText(DaybreakError.of(problem)))
  return lines.join('\n')
}
