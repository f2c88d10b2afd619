/**
 * Opens what scoring needs: the compiled definition and its model. The same spec gives the same predictions in any thread of any process.
 * What is open serves any data date.
 */
import type { AnyPipeline } from '../../definition/pipeline.js'
import type { CompiledDefinition } from '../loader/compileDefinition.js'
import { runDefinition } from '../loader/runDefinition.js'
import type { MicroBatch } from '../model/microBatch.js'
import { mismatch } from '../model/mismatch.js'
import type { ModelSpec } from '../model/plan.js'
import { type OpenModel, openModel } from '../model/session.js'
import { DaybreakError } from '../protocol/errors.js'
import { haveClasses, strangeClasses } from './classColumns.js'
import { type ComputedFeature, expandFeatures, featureNames, featuresByInput } from './features.js'
import type { GoldenFile } from './goldenFile.js'
import { sampleRows } from './sampleRows.js'

/** Says what to open. It is sent to threads, so it is data alone. */
export interface ScoringSpec {
  readonly compiled: CompiledDefinition
  readonly modelFile: string
  /** Version of the model, as the column `model_version` gives it. */
  readonly modelVersion: string
  /** ONNX files that the features go through before the model, in this order. */
  readonly preprocessingFiles: readonly string[]
  /** Rows that the model knows, for one that runs on such alone. */
  readonly golden?: GoldenFile
  /** Hex sha256 that the model file must have. It is left out when the model is opened for the first time, to find the sha256 out. */
  readonly modelSha256?: string
}

/** What is open, in one thread. Whoever opened it closes `model`. */
export interface OpenScoring {
  readonly definition: AnyPipeline
  readonly features: readonly ComputedFeature[]
  readonly model: OpenModel
  /** Micro-batch that days are scored in. Golden rows and requests make one of their own. */
  readonly batch: MicroBatch
}

/** Tells what the model must fit, as the definition says it. */
export function modelSpec(definition: AnyPipeline): ModelSpec {
  const { model } = definition
  const { inputs = 'one-tensor' } = model
  return {
    task: model.task,
    features: featureNames(definition),
    inputs: typeof inputs === 'string' ? inputs : featuresByInput(definition, inputs),
    ...(model.output === undefined ? {} : { output: model.output }),
    ...ownLabelsSpec(model.ownLabels),
    ...(model.missing ? { missing: model.missing } : {}),
  }
}

/**
 * Opens definition and model.
 * @throws DefinitionChanged when code or model file are not those that were announced; DefinitionInvalid, ModelUnusable, ModelMismatch
 */
export async function openScoring(spec: ScoringSpec): Promise<OpenScoring> {
  const definition = await runDefinition(spec.compiled)
  const model = await openModel(spec.modelFile, modelSpec(definition), spec.preprocessingFiles, () => sampleRows(definition, spec.golden))
  if (spec.modelSha256 !== undefined && model.description.sha256 !== spec.modelSha256) {
    await model.close()
    throw new DaybreakError(
      'DefinitionChanged',
      `${spec.modelFile} is not the model this run inspected: its sha256 is ${model.description.sha256}`,
      {
        place: { file: spec.modelFile },
      },
    )
  }
  const strange = strangeClasses(definition, model.classes)
  if (strange.length > 0) {
    await model.close()
    throw mismatch(spec.modelFile, strange)
  }
  const batch = model.newMicroBatch({ ownLabels: true, byClass: haveClasses(definition.output?.columns ?? []) })
  return { definition, features: expandFeatures(definition), model, batch }
}

function ownLabelsSpec(declared: AnyPipeline['model']['ownLabels']): Pick<ModelSpec, 'ownLabels'> {
  const output = declared === false ? false : declared?.output
  return output === undefined ? {} : { ownLabels: output }
}
