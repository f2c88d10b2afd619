/**
 * Step 2: the model before the data, then the file: pre-flight on the bytes, header against contract, one pass for sha256, records
 * and partitions. From here the input is frozen: each later step checks its own range.
 */
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { day } from '../definition/dates.js'
import { planPartitions } from '../engine/batch/planPartitions.js'
import type { TriedModel } from '../engine/batch/scoringThread.js'
import { jsonText, sha256, writeWhole } from '../engine/files/fileSystem.js'
import { checkHeaderPlace, matchColumns } from '../engine/input/headerPlace.js'
import { inputFiles, isPattern } from '../engine/input/inputFiles.js'
import { prepareInput } from '../engine/input/prepareInput.js'
import { goldenFileOf, type LoadedPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef, InputFile, InputFingerprint, ModelFingerprint, ValidationFile } from '../engine/protocol/documents.js'
import { asDaybreakError, DaybreakError } from '../engine/protocol/errors.js'
import { rejectLimits } from '../engine/protocol/policy.js'
import type { InputFound, Inspected } from '../engine/protocol/steps.js'
import { limitsAsWritten } from '../engine/quality/contract.js'
import type { ScoringSpec } from '../engine/scoring/openScoring.js'
import { writeWork } from '../engine/storage/attempts.js'
import { FILES, layout } from '../engine/storage/layout.js'
import { mustBeVersion } from '../engine/storage/modelVersions.js'
import { formatOf } from '../engine/table/format.js'
import { type ExcerptWork, openedPipeline, type PlanWork, type Step, type StepContext, settledValue, WORK } from './context.js'

/** Partitions that one call of a step scores. */
const STRETCH = 8

export const inspect: Step<{ readonly attempt: AttemptRef; readonly input: InputFound }, Inspected> = async (context, request, control) => {
  const { attempt, input } = request
  const loaded = await openedPipeline(context, attempt)
  context.pool.warm(input.bytes)
  const folder = join(layout.attempt(context.settings.home, attempt), FILES.work)
  // The file is looked at meanwhile; what is wrong with the model is told first.
  const [tried, prepared] = await Promise.allSettled([tryModel(context, loaded), prepare(loaded, input.path, folder)])
  const model = settledValue(tried)
  const fingerprint = modelFingerprint(model, loaded.modelVersion)
  await mustBeVersion(context.settings.home, attempt.pipeline, fingerprint)
  context.pool.warm(input.bytes, scoringSpec(loaded, model.description.sha256))
  try {
    const plan = await freeze(settledValue(prepared), model.microBatch, control.signal)
    await compareLabels(context, loaded, attempt.date, model, plan)
    const fingerprints = [context.code, loaded.compiled.fingerprint, model.description.sha256, plan.input.sha256, String(model.microBatch)]
    const { format: _format, ...frozen } = plan
    const work: PlanWork = {
      ...frozen,
      model: fingerprint,
      contract: loaded.contractFingerprint,
      code: context.code,
      microBatch: model.microBatch,
      classes: model.classes,
      stretch: STRETCH,
      parts: `parts-${sha256(fingerprints.join('\n')).slice(0, 16)}`,
    }
    await writeWork(context.settings.home, attempt, WORK.plan, work)
    return { records: work.input.records, bytes: work.input.bytes, partitions: Math.ceil(work.partitions.length / work.stretch) }
  } catch (thrown) {
    const error = asDaybreakError(thrown)
    if (error.code === 'ContractBroken' || error.code === 'InputRefused') await writeRefusal(context, attempt, loaded, error)
    const { message, excerpt } = error.problem
    if (excerpt) await writeWork(context.settings.home, attempt, WORK.excerpt, { message, excerpt } satisfies ExcerptWork)
    throw error
  }
}

/** Opens the model in a scoring thread, compares it with the definition and tries its golden rows. */
export async function tryModel(context: Pick<StepContext, 'pool'>, loaded: LoadedPipeline): Promise<TriedModel> {
  const { golden } = loaded.definition.model
  const file = goldenFileOf(loaded)
  const request = golden && file ? { file, date: day(golden.date), tolerance: golden.tolerance ?? 1e-5 } : undefined
  return await context.pool.try(scoringSpec(loaded), request)
}

/** Lets a model that names its classes itself do so for the first records of the day. @throws ModelMismatch when it contradicts its scores */
export async function compareLabels(
  context: Pick<StepContext, 'pool'>,
  loaded: LoadedPipeline,
  date: string,
  { description, namesClasses }: TriedModel,
  { file, header, positions, format, partitions }: Awaited<ReturnType<typeof freeze>>,
): Promise<void> {
  const [range] = partitions
  if (!range || !namesClasses) return
  await context.pool.compare(scoringSpec(loaded, description.sha256), { date: day(date), file, header, positions, format, range })
}

/** The input as one text file whose header keeps the contract: all that needs no model. `folder` is for files that have to be made of it. */
export async function prepare({ definition: { input } }: LoadedPipeline, path: string, folder: string) {
  const format = formatOf(input)
  const paths = await inputFiles(path)
  if (paths.length === 0) throw new DaybreakError('InputMissing', `${path}: no file matches it any more`, { place: { file: path } })
  const prepared = await prepareInput(paths, { format, encoding: input.encoding ?? 'utf-8', folder })
  const { files } = prepared
  const { positions, unused } = await matchColumns(files[0]!, input.columns, format, path)
  for (const one of files) await checkHeaderPlace(one, input.columns, positions, format)
  return { ...prepared, path, format, positions, unused }
}

/** Everything about the input that later steps rely on. */
export async function freeze(prepared: Awaited<ReturnType<typeof prepare>>, microBatch: number, signal?: AbortSignal) {
  const { path, format, file, header, positions, unused, delivered, set, readAs } = prepared
  const { mtime } = await stat(file)
  const plan = await planPartitions(file, header, { microBatch, format, ...(signal ? { signal } : {}) })
  const { records, partitions } = plan
  const [only] = delivered
  const whole = isPattern(path)
    ? {
        path,
        ...ofSet(
          delivered.length > 0 ? delivered : [{ path: file, bytes: plan.bytes, sha256: plan.sha256, modifiedAt: mtime.toISOString() }],
        ),
      }
    : (only ?? { path, bytes: plan.bytes, sha256: plan.sha256, modifiedAt: mtime.toISOString() })
  const frozen: InputFingerprint = { ...whole, records, ...(readAs ? { readAs } : {}) }
  return { input: frozen, file, header, positions, unused, partitions, format, ...(set ? { set } : {}) }
}

/** The files of a set as one. */
function ofSet(files: readonly InputFile[]) {
  return {
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    sha256: sha256(files.map((one) => `${one.sha256}  ${basename(one.path)}\n`).join('')),
    modifiedAt: files
      .map(({ modifiedAt }) => modifiedAt)
      .sort()
      .at(-1)!,
    files,
  }
}

/** What a scoring thread opens. @param modelSha256 of the model that was tried */
export function scoringSpec({ compiled, modelFile, modelVersion, stepFiles }: LoadedPipeline, modelSha256?: string): ScoringSpec {
  return { compiled, modelFile, modelVersion, stepFiles, ...(modelSha256 === undefined ? {} : { modelSha256 }) }
}

function modelFingerprint({ description, goldenRows }: TriedModel, version: string): ModelFingerprint {
  const { file, sha256: digest, files, producer, opset, inputs, outputs, repairs } = description
  const text = (tensor: { name: string; type: string; shape: readonly number[] }) =>
    `${tensor.name} ${tensor.type}[${tensor.shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`
  return {
    file,
    version,
    sha256: digest,
    ...(files ? { files } : {}),
    ...(producer ? { producer } : {}),
    ...(opset ? { opset } : {}),
    inputs: inputs.map(text),
    outputs: outputs.map(text),
    repairs,
    goldenRows,
  }
}

/** `validation.json` of a file whose rows were never read. */
async function writeRefusal(context: StepContext, attempt: AttemptRef, loaded: LoadedPipeline, error: DaybreakError): Promise<void> {
  const { message, details } = error.problem
  const validation: ValidationFile = {
    valid: false,
    errors: details.length > 0 ? details : [message],
    warnings: [],
    statistics: { total_records: 0, null_counts: {}, duplicate_count: 0 },
    accounts: { read: 0, predicted: 0, rejected: 0 },
    findings: [],
    duplicates: { keys: 0, lines: [] },
    unused_columns: [],
    reject_budget: { ...limitsAsWritten(rejectLimits(loaded.definition.input.rejects)), ratio: 0 },
  }
  await writeWhole(join(layout.attempt(context.settings.home, attempt), FILES.validation), jsonText(validation))
}
