/**
 * What scores: the compiled definition and the opened model. The same spec gives the same predictions in any thread of any process; one
 * that is open serves any data date.
 */
import type { AnyPipeline } from '../../definition/pipeline.js'
import type { CompiledDefinition } from '../loader/compileDefinition.js'
import { runDefinition } from '../loader/runDefinition.js'
import type { ModelSpec } from '../model/plan.js'
import { type MicroBatch, type OpenModel, openModel } from '../model/session.js'
import { DaybreakError } from '../protocol/errors.js'
import { type ComputedFeature, expandFeatures } from './features.js'

/** Plain data: travels to threads. */
export interface ScoringSpec {
  readonly compiled: CompiledDefinition
  readonly modelFile: string
  /** As predictions name it. */
  readonly modelVersion: string
  /** ONNX files that features go through first. */
  readonly stepFiles: readonly string[]
  /** Hex sha256 the model file must have; none when it is opened to find out. */
  readonly modelSha256?: string
}

export interface OpenScoring {
  readonly definition: AnyPipeline
  readonly features: readonly ComputedFeature[]
  readonly model: OpenModel
  /** The micro-batch of a day. */
  readonly batch: MicroBatch
}

/** What the model must fit, from the definition. */
export function modelSpec(definition: AnyPipeline): ModelSpec {
  const { model } = definition
  return {
    task: model.task,
    features: expandFeatures(definition).map(({ name }) => name),
    inputs: model.inputs ?? 'one-tensor',
    ...(model.output === undefined ? {} : { output: model.output }),
    ...(model.missing ? { missing: model.missing } : {}),
  }
}

/** Opens definition and model. @throws DefinitionChanged when the model file is not the one that was inspected */
export async function openScoring(spec: ScoringSpec): Promise<OpenScoring> {
  const definition = await runDefinition(spec.compiled)
  const model = await openModel(spec.modelFile, modelSpec(definition), spec.stepFiles)
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
  return { definition, features: expandFeatures(definition), model, batch: model.newMicroBatch() }
}
