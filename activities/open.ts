/** Step 0 decides by what is on disk whether there is anything to do, creates the attempt and loads the definition. */
import { hostname } from 'node:os'
import { closeOrphans } from '../days/closeOrphans.js'
import { writeWork } from '../days/work.js'
import { aboutText } from '../definition/pipeline.js'
import { mustStayInside } from '../engine/files/fileSystem.js'
import { loadPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRecord } from '../engine/protocol/documents/attempt.js'
import type { PublicationRecord } from '../engine/protocol/documents/events.js'
import { asDaybreakError, DaybreakError } from '../engine/protocol/errors.js'
import { mustBeDate } from '../engine/protocol/mustBeDate.js'
import { dayPolicy, runPolicy } from '../engine/protocol/policy.js'
import type { Opened, OpenRequest } from '../engine/protocol/steps.js'
import { createAttempt, findAttemptOfRun, readManifest } from '../engine/storage/attempts.js'
import { heldAttempts } from '../engine/storage/holds.js'
import { foldersOf, layout } from '../engine/storage/layout.js'
import { currentPublication, openDoor } from '../engine/storage/publications.js'
import type { Step } from './context.js'

export const open: Step<OpenRequest, Opened> = async (context, request) => {
  const { home, pipelines } = context.settings
  const { pipeline, date, runKey } = request
  mustBeDate(date)

  // The definition comes first only to learn whether there is such a pipeline; one that is broken still gets its report.
  const loaded = await loadPipeline(pipelines, pipeline).catch((error: unknown) => asDaybreakError(error))
  if (loaded instanceof DaybreakError && loaded.code === 'PipelineUnknown') throw loaded

  await mustStayInside(home, foldersOf(home, pipeline, date))
  const mine = await findAttemptOfRun(home, pipeline, date, runKey)
  const current = await currentPublication(home, pipeline, date)
  await openDoor(home, pipeline, date)
  if (!mine && current && !mayReplace(request, current)) {
    const published = { pipeline, date, attempt: current.attempt }
    const manifest = await readManifest(home, published)
    return {
      decision: 'already-published',
      attempt: published,
      verdict: manifest?.verdict ?? 'pass',
      report: layout.report(home, pipeline, date),
    }
  }
  const waiting = mine || request.rerun ? undefined : await waitingHold(home, request)
  if (waiting) return { decision: 'already-held', report: layout.report(home, pipeline, date), ...waiting }
  await closeOrphans(context, request)
  const record = mine ?? (await createAttempt(home, newAttempt(request, current?.number ?? 0)))
  const attempt = { pipeline, date, attempt: record.attempt }
  if (loaded instanceof DaybreakError) return { decision: 'run', attempt, policy: dayPolicy(), problem: loaded.problem }
  // The later steps hold the definition against this fingerprint.
  await writeWork(home, attempt, 'opened', { definition: loaded.compiled.fingerprint, modelVersion: loaded.modelVersion })
  return { decision: 'run', attempt, policy: runPolicy(loaded.definition, record), about: aboutText(loaded.definition) }
}

/** An attempt of the date that waits for a decision stands until somebody decides. */
async function waitingHold(home: string, { pipeline, date }: OpenRequest) {
  const held = (await heldAttempts(home, pipeline, date, Date.now())).findLast(({ state }) => state === 'waiting')
  if (!held) return undefined
  const { attempt, endedAt, headline } = held.manifest
  const { problem } = new DaybreakError('Held', `attempt ${attempt} of ${pipeline} ${date} waits for a decision since ${endedAt}`, {
    details: [headline],
    next: `Say daybreak approve or daybreak reject; --rerun makes a new attempt.`,
  })
  return { attempt: { pipeline, date, attempt }, problem }
}

/** May this run replace what is published? A rerun may; one that names a publication only while no newer one stands. */
function mayReplace({ rerun, replaces }: OpenRequest, current: PublicationRecord): boolean {
  return rerun && (replaces === undefined || replaces === current.number)
}

function newAttempt(request: OpenRequest, seenPublication: number): Omit<AttemptRecord, 'attempt'> {
  const { pipeline, date, runKey, kind, requestedBy, temporal, input, nominal } = request
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
    ...(nominal ? { nominal } : {}),
  }
}
