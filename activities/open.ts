/** Step 0: decide by what is on disk, create the attempt, load the definition. */
import { hostname } from 'node:os'
import { parseDay } from '../definition/dates.js'
import { asDaybreakError, DaybreakError } from '../definition/errors.js'
import { dayPolicy } from '../definition/policy.js'
import type { AttemptRecord, AttemptRef } from '../definition/records.js'
import type { Opened, OpenRequest } from '../definition/steps.js'
import { type LoadedPipeline, loadPipeline } from '../loader/loadPipeline.js'
import { createAttempt, findAttemptOfRun, readManifest, writeWork } from '../storage/attempts.js'
import { layout } from '../storage/layout.js'
import { currentPublication, openDoor } from '../storage/publications.js'
import { closeOrphans } from './closeOrphans.js'
import { type OpenedWork, type Step, WORK } from './context.js'

export const open: Step<OpenRequest, Opened> = async (context, request) => {
  const { home, pipelines } = context.settings
  const { pipeline, date, runKey } = request
  if (parseDay(date) === undefined) throw new DaybreakError('DateInvalid', `"${date}" is not a calendar day`)

  // The definition comes first only to learn whether there is such a pipeline; one that is broken still gets its report.
  const loaded = await loadPipeline(pipelines, pipeline).catch((error: unknown) => asDaybreakError(error))
  if (loaded instanceof DaybreakError && loaded.code === 'PipelineUnknown') throw loaded

  const mine = await findAttemptOfRun(home, pipeline, date, runKey)
  const current = await currentPublication(home, pipeline, date)
  await openDoor(home, pipeline, date)
  if (!mine && current && !request.rerun) {
    const published = { pipeline, date, attempt: current.attempt }
    const manifest = await readManifest(home, published)
    return {
      decision: 'already-published',
      attempt: published,
      verdict: manifest?.verdict ?? 'pass',
      report: layout.report(home, pipeline, date),
    }
  }
  await closeOrphans(context, request)
  const record = mine ?? (await createAttempt(home, newAttempt(request, current?.number ?? 0)))
  const attempt = { pipeline, date, attempt: record.attempt }
  const { policy, problem } = await remember(home, attempt, loaded)
  return { decision: 'run', attempt, policy, ...(problem ? { problem } : {}) }
}

function newAttempt(request: OpenRequest, seenPublication: number): Omit<AttemptRecord, 'attempt'> {
  const { pipeline, date, runKey, kind, requestedBy, temporal, input } = request
  return {
    pipeline,
    date,
    runKey,
    kind,
    startedAt: new Date().toISOString(),
    seenPublication,
    ...(requestedBy ? { requestedBy } : {}),
    ...(temporal ? { temporal } : { process: { host: hostname(), pid: process.pid } }),
    ...(input ? { givenInput: input } : {}),
  }
}

/** Keeps the definition's fingerprint for the later steps, and returns what the order of the steps needs. */
async function remember(home: string, attempt: AttemptRef, loaded: LoadedPipeline | DaybreakError) {
  if (loaded instanceof DaybreakError) return { policy: dayPolicy(), problem: loaded.problem }
  const opened: OpenedWork = { definition: loaded.bundle.fingerprint }
  await writeWork(home, attempt, WORK.opened, opened)
  return { policy: dayPolicy(loaded.definition), problem: undefined }
}
