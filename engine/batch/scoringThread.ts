/**
 * A scoring thread starts here. It does the tasks of a day that scoringPool.ts asks for, and keeps definitions and models open from one
 * task to the next. It decides nothing: which task comes when is the pool's matter.
 */
import type { Label } from '../../definition/tasks.js'
import type { ModelDescription } from '../model/onnx/describe.js'
import { startRuntime } from '../model/onnx/runtime.js'
import { type FirstRecords, tryFirst } from '../scoring/firstAnswers.js'
import { checkGolden, type GoldenRequest } from '../scoring/golden.js'
import { type OpenScoring, openScoring, type ScoringSpec } from '../scoring/openScoring.js'
import { type TriedFeatures, tryFeatures } from '../scoring/tryFeatures.js'
import { answerTasks } from './answerTasks.js'
import { type CopyRequest, copyParts } from './copyParts.js'
import { goldenSource } from './goldenSource.js'
import { type DoubledKeys, findDoubledKeys } from './keyFile.js'
import type { PartitionJob } from './parts.js'
import { type ReadBack, type ReadBackRequest, readBack } from './readBack.js'
import { scorePartition } from './scorePartition.js'
import type { PartSummary } from './summary.js'

/** What a scoring thread can be asked, and what it answers. */
export interface ScoringTasks {
  readonly score: { readonly request: PartitionJob; readonly result: PartSummary }
  readonly try: { readonly request: { readonly spec: ScoringSpec; readonly golden?: GoldenRequest }; readonly result: TriedModel }
  readonly features: { readonly request: { readonly spec: ScoringSpec; readonly first: FirstRecords }; readonly result: TriedFeatures }
  readonly first: { readonly request: { readonly spec: ScoringSpec; readonly first: FirstRecords }; readonly result: undefined }
  readonly copy: { readonly request: CopyRequest; readonly result: undefined }
  readonly doubled: {
    readonly request: { readonly files: readonly string[]; readonly buckets: readonly number[] }
    readonly result: DoubledKeys
  }
  readonly readBack: { readonly request: ReadBackRequest; readonly result: ReadBack }
}

/** What is known of a model once it was opened. */
export interface TriedModel {
  readonly description: ModelDescription
  /** Labels that predictions are written as; empty for regression. */
  readonly classes: readonly Label[]
  /** The output with the labels that it gives itself beside its scores, if it has one. */
  readonly ownLabels?: string
  /** Records of a micro-batch. */
  readonly microBatch: number
  /** Golden rows that were tried; 0 when there are none. */
  readonly goldenRows: number
}

/** At most this many models stay open in a thread, because a worker serves few pipelines at a time. */
const KEPT = 4
/** Open definitions and models by name, newest last. */
const opened = new Map<string, OpenScoring>()

/** Opens a spec, or gives what is open. A spec without the model's sha256 is always opened anew: the file may be another one by now. */
async function open(spec: ScoringSpec): Promise<OpenScoring> {
  const known = spec.modelSha256 === undefined ? undefined : opened.get(nameOf(spec, spec.modelSha256))
  if (known) return known
  const fresh = await openScoring(spec)
  const name = nameOf(spec, fresh.model.description.sha256)
  await opened.get(name)?.model.close()
  opened.delete(name)
  opened.set(name, fresh)
  const [oldest] = opened.keys()
  if (opened.size > KEPT && oldest !== undefined) {
    await opened.get(oldest)?.model.close()
    opened.delete(oldest)
  }
  return fresh
}

function nameOf({ compiled, modelFile }: ScoringSpec, sha256: string): string {
  return `${compiled.fingerprint} ${sha256} ${modelFile}`
}

async function tryModel({ spec, golden }: ScoringTasks['try']['request']): Promise<TriedModel> {
  const scoring = await open(spec)
  const { model, batch } = scoring
  const [ownLabels] = model.plan.ownLabels
  const source = golden && (await goldenSource(golden.file, scoring.definition.input.encoding))
  const goldenRows = golden ? await checkGolden(scoring, golden, source) : 0
  return {
    description: model.description,
    classes: model.classes,
    ...(ownLabels === undefined ? {} : { ownLabels }),
    microBatch: batch.size,
    goldenRows,
  }
}

startRuntime()
answerTasks<ScoringTasks>({
  score: async (job, progress) => await scorePartition(await open(job.spec), job, progress),
  try: tryModel,
  features: async ({ spec, first }) => await tryFeatures(await open(spec), first),
  first: async ({ spec, first }) => {
    await tryFirst(await open(spec), first)
    return undefined
  },
  copy: (request) => {
    copyParts(request)
    return undefined
  },
  doubled: ({ files, buckets }) => findDoubledKeys(files, buckets),
  readBack,
})
