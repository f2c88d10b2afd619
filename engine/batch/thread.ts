/**
 * A scoring thread. Inference blocks the thread it runs on, so it never runs on the one that heartbeats. A thread is stopped by a
 * flag between micro-batches and asked to leave; it is never terminated, which would abort the process.
 */
import { parentPort } from 'node:worker_threads'
import type { Label } from '../../definition/tasks.js'
import type { ModelDescription } from '../model/onnx/describe.js'
import { startRuntime } from '../model/onnx/runtime.js'
import { asDaybreakError, type Problem } from '../protocol/errors.js'
import { checkGolden, type GoldenRequest } from '../scoring/golden.js'
import { type OpenScoring, openScoring, type ScoringSpec } from '../scoring/openScoring.js'
import { compareFirst, type FirstRecords } from '../scoring/ownLabels.js'
import { type CopyRequest, copyParts } from './copyParts.js'
import { type DoubledKeys, findDoubledKeys } from './keyFile.js'
import type { PartitionJob } from './parts.js'
import { type ReadBack, type ReadBackRequest, readBack } from './readBack.js'
import { scorePartition } from './scorePartition.js'
import type { PartSummary } from './summary.js'

export type ThreadTask =
  | { readonly kind: 'score'; readonly job: PartitionJob }
  | { readonly kind: 'try'; readonly spec: ScoringSpec; readonly golden?: GoldenRequest }
  | { readonly kind: 'compare'; readonly spec: ScoringSpec; readonly first: FirstRecords }
  | { readonly kind: 'copy'; readonly request: CopyRequest }
  | { readonly kind: 'doubled'; readonly files: readonly string[]; readonly buckets: readonly number[] }
  | { readonly kind: 'readBack'; readonly request: ReadBackRequest }

/** What a task gives. */
export interface ThreadResults {
  readonly score: PartSummary
  readonly try: TriedModel
  readonly compare: undefined
  readonly copy: undefined
  readonly doubled: DoubledKeys
  readonly readBack: ReadBack
}

export type ThreadResult = ThreadResults[keyof ThreadResults]

/** What opening a model tells. */
export interface TriedModel {
  readonly description: ModelDescription
  readonly classes: readonly Label[]
  /** Does it give labels of its own beside its scores? */
  readonly namesClasses: boolean
  /** Records of a micro-batch. */
  readonly microBatch: number
  /** Golden rows tried; 0 for none. */
  readonly goldenRows: number
}

export type ThreadMessage = { readonly task: ThreadTask /** One Int32: not 0 means stop. */; readonly stop: SharedArrayBuffer } | 'leave'

export type ThreadAnswer =
  | { readonly kind: 'progress'; readonly records: number }
  | { readonly kind: 'done'; readonly result: ThreadResult }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** Opened definitions and models, newest last. A worker serves a few pipelines at a time. */
const KEPT = 4
const opened = new Map<string, OpenScoring>()

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

async function perform(task: ThreadTask, stop: Int32Array, answer: (message: ThreadAnswer) => void): Promise<ThreadResult> {
  switch (task.kind) {
    case 'compare':
      await compareFirst(await open(task.spec), task.first)
      return undefined
    case 'copy':
      copyParts(task.request)
      return undefined
    case 'doubled':
      return findDoubledKeys(task.files, task.buckets)
    case 'readBack':
      return await readBack(task.request)
    case 'try': {
      const scoring = await open(task.spec)
      const { model, batch } = scoring
      const goldenRows = task.golden ? await checkGolden(scoring, task.golden) : 0
      return {
        description: model.description,
        classes: model.classes,
        namesClasses: model.plan.ownLabels !== undefined,
        microBatch: batch.size,
        goldenRows,
      }
    }
    case 'score':
      return await scorePartition(await open(task.job.spec), task.job, {
        onProgress: (records) => answer({ kind: 'progress', records }),
        stopped: () => Atomics.load(stop, 0) !== 0,
      })
  }
}

startRuntime()
const port = parentPort
port?.on('message', (message: ThreadMessage) => {
  if (message === 'leave') {
    port.close()
    return
  }
  const answer = (reply: ThreadAnswer) => port.postMessage(reply)
  perform(message.task, new Int32Array(message.stop), answer).then(
    (result) => answer({ kind: 'done', result }),
    (error: unknown) => answer({ kind: 'failed', problem: asDaybreakError(error).problem }),
  )
})
