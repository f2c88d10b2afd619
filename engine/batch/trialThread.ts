/** The thread of a trial: it opens one model as a scoring thread does, says what came of it, and ends. `trialProcess.ts` starts it. */
import { parentPort, workerData } from 'node:worker_threads'
import { describeModel, type ModelDescription } from '../model/onnx/describe.js'
import { asDaybreakError, type Problem } from '../protocol/errors.js'
import { openScoring, type ScoringSpec } from '../scoring/openScoring.js'

/** Of what: a file by itself, or the model of a definition. */
export type TrialRequest = { readonly file: string } | { readonly spec: ScoringSpec }

/** It came back, with what it is or with what is wrong with it. */
export type TrialAnswer = { readonly description: ModelDescription } | { readonly problem: Problem }

tried(workerData as TrialRequest).then(
  (description) => answer({ description }),
  (error: unknown) => answer({ problem: asDaybreakError(error).problem }),
)

async function tried(request: TrialRequest): Promise<ModelDescription> {
  if ('file' in request) return await describeModel(request.file)
  const { model } = await openScoring(request.spec)
  return model.description
}

function answer(reply: TrialAnswer): void {
  parentPort?.postMessage(reply)
}
