/**
 * Step 2: the model before the data, then the file: pre-flight on the bytes, header against contract, one pass for sha256, records
 * and partitions. From here the input is frozen: each later step checks its own range.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { day } from '../definition/dates.js'
import { asDaybreakError, type DaybreakError } from '../definition/errors.js'
import { rejectLimits } from '../definition/policy.js'
import type { AttemptRef, ModelFingerprint, ValidationFile } from '../definition/records.js'
import type { InputFound, Inspected } from '../definition/steps.js'
import { goldenFileOf, type LoadedPipeline } from '../loader/loadPipeline.js'
import { limitsAsWritten } from '../quality/contract.js'
import type { TriedModel } from '../scoring/thread.js'
import { writeWork } from '../storage/attempts.js'
import { jsonText, sha256, writeWhole } from '../storage/fileSystem.js'
import { FILES, layout } from '../storage/layout.js'
import type { TableFormat } from '../table/format.js'
import { matchHeader, readHeader } from '../table/header.js'
import { preflight } from '../table/preflight.js'
import { planPartitions } from '../table/records.js'
import { type ExcerptWork, openedPipeline, type PlanWork, type Step, type StepContext, WORK } from './context.js'

export const inspect: Step<{ readonly attempt: AttemptRef; readonly input: InputFound }, Inspected> = async (context, request, control) => {
  const { attempt, input } = request
  const loaded = await openedPipeline(context, attempt)
  const model = await tryModel(context, loaded, attempt.date)
  try {
    const plan = await freeze(loaded, input.path, model.microBatch, control.signal)
    const fingerprints = [context.code, loaded.bundle.fingerprint, model.description.sha256, plan.input.sha256, String(model.microBatch)]
    const work: PlanWork = {
      ...plan,
      model: modelFingerprint(model, loaded.definition.model.version),
      contract: loaded.contractFingerprint,
      code: context.code,
      microBatch: model.microBatch,
      classes: model.classes,
      parts: `parts-${sha256(fingerprints.join('\n')).slice(0, 16)}`,
    }
    await writeWork(context.settings.home, attempt, WORK.plan, work)
    return { records: work.input.records, bytes: work.input.bytes, partitions: work.partitions.length }
  } catch (thrown) {
    const error = asDaybreakError(thrown)
    if (error.code === 'ContractBroken' || error.code === 'InputRefused') await writeRefusal(context, attempt, loaded, error)
    const { message, excerpt } = error.problem
    if (excerpt) await writeWork(context.settings.home, attempt, WORK.excerpt, { message, excerpt } satisfies ExcerptWork)
    throw error
  }
}

/** Opens the model in a scoring thread, compares it with the definition and tries its golden rows. */
export async function tryModel(context: Pick<StepContext, 'pool'>, loaded: LoadedPipeline, date: string): Promise<TriedModel> {
  const { golden } = loaded.definition.model
  const file = goldenFileOf(loaded)
  const request = golden && file ? { file, date: day(golden.date), tolerance: golden.tolerance ?? 1e-5 } : undefined
  return await context.pool.try({ bundle: loaded.bundle, modelFile: loaded.modelFile, date }, request)
}

/** Everything about the file that later steps rely on. */
export async function freeze(loaded: LoadedPipeline, path: string, microBatch: number, signal?: AbortSignal) {
  const { input } = loaded.definition
  const format: TableFormat = { delimiter: input.delimiter ?? ',' }
  await preflight(path, format)
  const header = await readHeader(path, format)
  const { positions, unused } = matchHeader(path, header, input.columns)
  const { mtime } = await stat(path)
  const {
    bytes,
    sha256: digest,
    records,
    partitions,
  } = await planPartitions(path, header, { microBatch, format, ...(signal ? { signal } : {}) })
  return { input: { path, bytes, sha256: digest, modifiedAt: mtime.toISOString(), records }, header, positions, unused, partitions }
}

function modelFingerprint({ description, goldenRows }: TriedModel, version: string): ModelFingerprint {
  const { file, sha256: digest, producer, opset, inputs, outputs, repairs } = description
  const text = (tensor: { name: string; type: string; shape: readonly number[] }) =>
    `${tensor.name} ${tensor.type}[${tensor.shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`
  return {
    file,
    version,
    sha256: digest,
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
