/**
 * Tries a model in a scoring thread before any record is scored: it is opened, compared with the definition and run on its golden rows, and
 * on the first records of the day. A run and `daybreak check` do so.
 */
import { day } from '../definition/dates.js'
import { hasProbability } from '../definition/tasks.js'
import { mustComeBack } from '../engine/batch/knownModels.js'
import type { ScoringPool } from '../engine/batch/scoringPool.js'
import type { TriedModel } from '../engine/batch/scoringThread.js'
import { goldenFileOf, type LoadedPipeline } from '../engine/loader/loadPipeline.js'
import type { ModelFingerprint } from '../engine/protocol/documents/manifest.js'
import { modelSpec, type ScoringSpec } from '../engine/scoring/openScoring.js'
import type { TriedFeatures } from '../engine/scoring/tryFeatures.js'
import type { FrozenInput } from './freezeInput.js'

/** So far may an answer be from a golden row when the definition does not say: float32 rounds there. */
const TOLERANCE = 1e-5

/**
 * Opens it and tries its golden rows, after it came back from a process of its own. @param anew try it there whatever is remembered of it
 * @throws what is wrong with the model, ModelBreaks, ModelMismatch, GoldenRowsDiffer; Interrupted when the signal aborts
 */
export async function tryModel(
  pool: ScoringPool,
  loaded: LoadedPipeline,
  how: { readonly anew?: boolean; readonly signal?: AbortSignal } = {},
): Promise<TriedModel> {
  const spec = scoringSpec(loaded)
  await mustComeBack(spec, { wanted: modelSpec(loaded.definition), ...how })
  const tolerance = loaded.definition.model.golden?.tolerance ?? TOLERANCE
  return await pool.try(spec, spec.golden && { ...spec.golden, tolerance })
}

/**
 * Tries the features and the answers on the first records of the day: are the answers probabilities where the definition says so, and do the
 * labels that the model gives itself fit its scores? Returns what the features would reject; nothing for an input without records.
 * @throws DefinitionInvalid when a feature reads a column that is not there; ModelMismatch, ResultCheckFailed; Interrupted when the signal aborts
 */
export async function tryFirstRecords(
  pool: ScoringPool,
  loaded: LoadedPipeline,
  { date, ...control }: { readonly date: string; readonly signal?: AbortSignal },
  { description, ownLabels }: TriedModel,
  { file, header, positions, format, partitions }: FrozenInput,
): Promise<TriedFeatures | undefined> {
  const [range] = partitions
  if (!range) return undefined
  const spec = scoringSpec(loaded, description.sha256)
  const first = { date: day(date), file, header, positions, format, range }
  const tried = await pool.features(spec, first, control)
  if (ownLabels !== undefined || hasProbability(loaded.definition.model.task)) await pool.tryFirst(spec, first, control)
  return tried
}

/** Says what a scoring thread opens. @param modelSha256 of the model that was tried */
export function scoringSpec(loaded: LoadedPipeline, modelSha256?: string): ScoringSpec {
  const { compiled, modelFile, modelVersion, preprocessingFiles } = loaded
  const { golden } = loaded.definition.model
  const file = goldenFileOf(loaded)
  return {
    compiled,
    modelFile,
    modelVersion,
    preprocessingFiles,
    ...(golden && file !== undefined ? { golden: { file, date: day(golden.date) } } : {}),
    ...(modelSha256 === undefined ? {} : { modelSha256 }),
  }
}

/** Describes a model that was tried, as the manifest keeps it. */
export function modelFingerprint({ description, goldenRows }: TriedModel, version: string): ModelFingerprint {
  const { file, sha256, files, producer, opset, inputs, outputs, repairs } = description
  const text = (tensor: { name: string; type: string; shape: readonly number[] }) =>
    `${tensor.name} ${tensor.type}[${tensor.shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`
  return {
    file,
    version,
    sha256,
    ...(files ? { files } : {}),
    ...(producer ? { producer } : {}),
    ...(opset ? { opset } : {}),
    inputs: inputs.map(text),
    outputs: outputs.map(text),
    repairs,
    goldenRows,
  }
}
