/**
 * Tries a model in a scoring thread before any record is scored: it is opened, compared with the definition and run on its golden rows, and
 * on the first records of the day. A run and `daybreak check` do so.
 */
import { day } from '../definition/dates.js'
import { hasProbability } from '../definition/tasks.js'
import type { ScoringPool } from '../engine/batch/scoringPool.js'
import type { TriedModel } from '../engine/batch/scoringThread.js'
import { goldenFileOf, type LoadedPipeline } from '../engine/loader/loadPipeline.js'
import type { ModelFingerprint } from '../engine/protocol/documents/manifest.js'
import type { ScoringSpec } from '../engine/scoring/openScoring.js'
import type { TriedFeatures } from '../engine/scoring/tryFeatures.js'
import type { FrozenInput } from './freezeInput.js'

/** So far may an answer be from a golden row when the definition does not say: float32 rounds there. */
const TOLERANCE = 1e-5

/** Opens it and tries its golden rows. @throws what is wrong with the model, ModelMismatch, GoldenRowsDiffer */
export async function tryModel(pool: ScoringPool, loaded: LoadedPipeline): Promise<TriedModel> {
  const { golden } = loaded.definition.model
  const file = goldenFileOf(loaded)
  const request = golden && file ? { file, date: day(golden.date), tolerance: golden.tolerance ?? TOLERANCE } : undefined
  return await pool.try(scoringSpec(loaded), request)
}

/**
 * Tries the features and the answers on the first records of the day: are the answers probabilities where the definition says so, and do the
 * labels that the model gives itself fit its scores? Returns what the features would reject; nothing for an input without records.
 * @throws DefinitionInvalid when a feature reads a column that is not there; ModelMismatch, ResultCheckFailed
 */
export async function tryFirstRecords(
  pool: ScoringPool,
  loaded: LoadedPipeline,
  date: string,
  { description, ownLabels }: TriedModel,
  { file, header, positions, format, partitions }: FrozenInput,
): Promise<TriedFeatures | undefined> {
  const [range] = partitions
  if (!range) return undefined
  const spec = scoringSpec(loaded, description.sha256)
  const first = { date: day(date), file, header, positions, format, range }
  const tried = await pool.features(spec, first)
  if (ownLabels !== undefined || hasProbability(loaded.definition.model.task)) await pool.tryFirst(spec, first)
  return tried
}

/** Says what a scoring thread opens. @param modelSha256 of the model that was tried */
export function scoringSpec({ compiled, modelFile, modelVersion, preprocessingFiles }: LoadedPipeline, modelSha256?: string): ScoringSpec {
  return { compiled, modelFile, modelVersion, preprocessingFiles, ...(modelSha256 === undefined ? {} : { modelSha256 }) }
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
