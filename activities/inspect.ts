/**
 * Step 2 tries the model, then looks at the file: pre-flight on the bytes, header against contract, and one pass for sha256, records and
 * partitions. From here the input is frozen: each later step checks its own range.
 */
import { join } from 'node:path'
import { type FrozenInput, freezeInput, matchInput } from '../days/freezeInput.js'
import { modelFingerprint, scoringSpec, tryFirstRecords, tryModel } from '../days/tryModel.js'
import { type PlanWork, writeWork } from '../days/work.js'
import type { TriedModel } from '../engine/batch/scoringThread.js'
import { jsonText, sha256, writeWhole } from '../engine/files/fileSystem.js'
import type { LoadedPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { asDaybreakError } from '../engine/protocol/errors.js'
import type { InputFound, Inspected } from '../engine/protocol/steps.js'
import { sayStretches } from '../engine/protocol/stretches.js'
import { refusedValidation } from '../engine/quality/contract.js'
import { FILES, layout } from '../engine/storage/layout.js'
import { mustBeVersion } from '../engine/storage/modelVersions.js'
import { openedPipeline, type Step, type StepContext, settledValue } from './context.js'

/**
 * So many partitions make a stretch: each call of a step costs a server and a history something, and a stretch that is lost is done again.
 */
const STRETCH = 8

export const inspect: Step<{ readonly attempt: AttemptRef; readonly input: InputFound }, Inspected> = async (context, request, control) => {
  const { attempt, input } = request
  const { home } = context.settings
  const loaded = await openedPipeline(context, attempt)
  const stop = control.signal ? { signal: control.signal } : {}
  context.pool.warm(input.bytes)
  // The file is looked at meanwhile; what is wrong with the model is told first.
  const [tried, matched] = await Promise.allSettled([
    tryModel(context.pool, loaded, stop),
    matchInput(loaded, input.path, layout.work(home, attempt)),
  ])
  const model = settledValue(tried)
  await mustBeVersion(home, attempt.pipeline, modelFingerprint(model, loaded.modelVersion))
  context.pool.warm(input.bytes, scoringSpec(loaded, model.description.sha256))
  try {
    const frozen = await freezeInput(settledValue(matched), model.microBatch, control.signal)
    await tryFirstRecords(context.pool, loaded, { date: attempt.date, ...stop }, model, frozen)
    const plan = planOf(context, loaded, model, frozen)
    await writeWork(home, attempt, 'plan', plan)
    const { records, bytes } = plan.input
    return sayStretches({ records, bytes, stretches: Math.ceil(plan.partitions.length / plan.stretch) })
  } catch (thrown) {
    const error = asDaybreakError(thrown)
    const { message, excerpt } = error.problem
    if (error.code === 'ContractBroken' || error.code === 'InputRefused') {
      await writeWhole(join(layout.attempt(home, attempt), FILES.validation), jsonText(refusedValidation(loaded.definition, error.problem)))
    }
    if (excerpt) await writeWork(home, attempt, 'excerpt', { message, excerpt })
    throw error
  }
}

/** All that the later steps go by. */
function planOf({ code }: StepContext, loaded: LoadedPipeline, model: TriedModel, { format: _format, ...frozen }: FrozenInput): PlanWork {
  const fingerprints = [code, loaded.compiled.fingerprint, model.description.sha256, frozen.input.sha256, String(model.microBatch)]
  return {
    ...frozen,
    model: modelFingerprint(model, loaded.modelVersion),
    contract: loaded.contractFingerprint,
    code,
    microBatch: model.microBatch,
    classes: model.classes,
    shareRounding: model.description.shareRounding,
    ...(model.ownLabels === undefined ? {} : { ownLabels: model.ownLabels }),
    stretch: STRETCH,
    parts: `parts-${sha256(fingerprints.join('\n')).slice(0, 16)}`,
  }
}
