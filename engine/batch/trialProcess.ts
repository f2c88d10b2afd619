/**
 * A process that a model is tried in before a scoring thread opens it: what takes this process down, or holds it, takes nobody else with it.
 * It does one trial, says what came of it, and leaves; `trial.ts` started it and ends it when it does not come back.
 */
import { writeFile } from 'node:fs/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { describeModel, type ModelDescription } from '../model/onnx/describe.js'
import { asDaybreakError, type Problem } from '../protocol/errors.js'
import { openScoring, type ScoringSpec } from '../scoring/openScoring.js'

/** Of what: a file by itself, or the model of a definition. */
export type TrialRequest = { readonly file: string } | { readonly spec: ScoringSpec }

/** It came back, with what it is or with what is wrong with it. */
export type TrialAnswer = { readonly description: ModelDescription } | { readonly problem: Problem }

if (isMainThread) {
  process.once('message', (request: TrialRequest) => void inThread(request))
  // Nobody waits for the answer any more.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
} else {
  tried(workerData as TrialRequest).then(
    (description) => parentPort?.postMessage({ description } satisfies TrialAnswer),
    (error: unknown) => parentPort?.postMessage({ problem: asDaybreakError(error).problem } satisfies TrialAnswer),
  )
}

/** A thread has half of a process's stack, and models are opened in threads: so the trial is in one too. */
async function inThread(request: TrialRequest): Promise<void> {
  // Where memory runs out the system takes this process, and not one with pipelines in it.
  await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined)
  const thread = new Worker(new URL('./trialProcess.js', import.meta.url), { workerData: request })
  thread.once('message', (answer: TrialAnswer) => {
    process.send?.(answer, undefined, undefined, () => process.exit(0))
  })
}

async function tried(request: TrialRequest): Promise<ModelDescription> {
  if ('file' in request) return await describeModel(request.file)
  const { model } = await openScoring(request.spec)
  return model.description
}
