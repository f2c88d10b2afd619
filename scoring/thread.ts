/**
 * A scoring thread. Inference blocks the thread it runs on, so it never runs on the one that heartbeats. A thread is stopped by a
 * flag between micro-batches and asked to leave; it is never terminated, which would abort the process.
 */
import { parentPort } from 'node:worker_threads'
import { asDaybreakError, type Problem } from '../definition/errors.js'
import { checkGolden, type GoldenRequest } from './golden.js'
import { type OpenScoring, openScoring, type ScoringSpec } from './openScoring.js'
import { type PartitionJob, scorePartition } from './scorePartition.js'
import type { PartSummary } from './summary.js'

export type ThreadTask =
  | { readonly kind: 'score'; readonly job: PartitionJob }
  | { readonly kind: 'golden'; readonly spec: ScoringSpec; readonly request: GoldenRequest }

export type ThreadMessage = { readonly task: ThreadTask /** One Int32: not 0 means stop. */; readonly stop: SharedArrayBuffer } | 'leave'

export type ThreadAnswer =
  | { readonly kind: 'progress'; readonly records: number }
  | { readonly kind: 'done'; readonly result: PartSummary | number }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** Opened definitions and models, newest last. A worker serves a few pipelines at a time. */
const KEPT = 4
const opened = new Map<string, OpenScoring>()

async function open(spec: ScoringSpec): Promise<OpenScoring> {
  const name = `${spec.bundle.fingerprint} ${spec.modelSha256} ${spec.modelFile} ${spec.date}`
  const known = opened.get(name)
  if (known) return known
  const fresh = await openScoring(spec)
  opened.set(name, fresh)
  const [oldest] = opened.keys()
  if (opened.size > KEPT && oldest !== undefined) {
    await opened.get(oldest)?.model.close()
    opened.delete(oldest)
  }
  return fresh
}

async function perform(task: ThreadTask, stop: Int32Array, answer: (message: ThreadAnswer) => void): Promise<PartSummary | number> {
  if (task.kind === 'golden') return await checkGolden(await open(task.spec), task.request)
  return await scorePartition(await open(task.job.spec), task.job, {
    onProgress: (records) => answer({ kind: 'progress', records }),
    stopped: () => Atomics.load(stop, 0) !== 0,
  })
}

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
