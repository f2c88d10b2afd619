/** The scoring threads of a process: started when there is work, one task at a time each, drained before they leave. */
import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { DaybreakError } from '../protocol/errors.js'
import '../model/onnx/noTelemetry.js'
import type { GoldenRequest } from '../scoring/golden.js'
import type { ScoringSpec } from '../scoring/openScoring.js'
import type { FirstRecords } from '../scoring/ownLabels.js'
import type { CopyRequest } from './copyParts.js'
import type { DoubledKeys } from './keyFile.js'
import type { PartitionJob } from './parts.js'
import type { ReadBack, ReadBackRequest } from './readBack.js'
import type { PartSummary } from './summary.js'
import type { ThreadAnswer, ThreadMessage, ThreadResult, ThreadResults, ThreadTask, TriedModel } from './thread.js'

export interface TaskControl {
  /** Records scored since the last call. */
  readonly onProgress?: (records: number) => void
  readonly signal?: AbortSignal
  /** Waits until no other task waits: a day that nobody waits for. */
  readonly patient?: boolean
}

/** A thread makes little garbage: with room for more it only keeps it for longer. */
const YOUNG_MB = 2

/** From this size on an input is worth more than one thread. */
const LARGE_BYTES = 4 << 20

interface QueuedTask {
  readonly task: ThreadTask
  readonly control: TaskControl
  readonly stop: Int32Array
  readonly resolve: (result: ThreadResult) => void
  readonly reject: (error: unknown) => void
}

export class ScoringPool {
  private readonly idle: Worker[] = []
  private readonly busy = new Map<Worker, QueuedTask>()
  private readonly queue: QueuedTask[] = []
  private readonly leaving: Promise<void>[] = []
  private closed = false

  /** @param threads most threads at once */
  constructor(readonly threads: number) {}

  /**
   * Starts threads before there is work, as many as an input of so many bytes is worth: they load the ONNX runtime meanwhile, and open
   * what they will score by.
   */
  warm(bytes = 0, spec?: ScoringSpec): void {
    const wanted = bytes >= LARGE_BYTES ? this.threads : Math.min(1, this.threads)
    while (!this.closed && this.busy.size + this.idle.length < wanted) {
      const worker = this.hire()
      worker.unref()
      this.idle.push(worker)
    }
    if (spec && bytes >= LARGE_BYTES) for (const _waiting of [...this.idle]) this.run({ kind: 'try', spec }).catch(() => undefined)
  }

  /** Scores a partition. @throws Interrupted when the signal aborts */
  async score(job: PartitionJob, control: TaskControl = {}): Promise<PartSummary> {
    return await this.run({ kind: 'score', job }, control)
  }

  /** Opens a model for its definition and tries golden rows. @throws ModelUnusable, ModelMismatch, GoldenRowsDiffer */
  async try(spec: ScoringSpec, golden?: GoldenRequest): Promise<TriedModel> {
    return await this.run({ kind: 'try', spec, ...(golden ? { golden } : {}) })
  }

  /** Compares a model's own labels over the first records of a day. @throws ModelMismatch */
  async compare(spec: ScoringSpec, first: FirstRecords): Promise<void> {
    await this.run({ kind: 'compare', spec, first })
  }

  /** Copies parts into the file of all of them. @throws StorageDamaged */
  async copy(request: CopyRequest): Promise<void> {
    await this.run({ kind: 'copy', request })
  }

  /** Finds doubled keys in some buckets of the parts' keys. */
  async doubled(files: readonly string[], buckets: readonly number[]): Promise<DoubledKeys> {
    return await this.run({ kind: 'doubled', files, buckets })
  }

  /** Reads rows of a predictions file back. */
  async readBack(request: ReadBackRequest): Promise<ReadBack> {
    return await this.run({ kind: 'readBack', request })
  }

  /** Stops what runs between two micro-batches and waits until every thread has left. */
  async close(): Promise<void> {
    this.closed = true
    for (const waiting of this.queue.splice(0)) waiting.reject(interrupted())
    for (const running of this.busy.values()) Atomics.store(running.stop, 0, 1)
    for (const worker of this.idle.splice(0)) this.dismiss(worker)
    while (this.busy.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await Promise.all(this.leaving)
  }

  private run<K extends ThreadTask['kind']>(task: ThreadTask & { readonly kind: K }, control: TaskControl = {}): Promise<ThreadResults[K]> {
    return new Promise((settle, reject) => {
      if (this.closed || control.signal?.aborted) {
        reject(interrupted())
        return
      }
      const abort = () => this.abort(queued)
      const settled = () => control.signal?.removeEventListener('abort', abort)
      const queued: QueuedTask = {
        task,
        control,
        stop: new Int32Array(new SharedArrayBuffer(4)),
        resolve: (result) => {
          settled()
          settle(result as ThreadResults[K])
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      if (control.signal) {
        // Every task of a run listens to the same signal.
        setMaxListeners(0, control.signal)
        control.signal.addEventListener('abort', abort, { once: true })
      }
      this.queue.push(queued)
      this.next()
    })
  }

  private abort(queued: QueuedTask): void {
    Atomics.store(queued.stop, 0, 1)
    const place = this.queue.indexOf(queued)
    if (place < 0) return
    this.queue.splice(place, 1)
    queued.reject(interrupted())
  }

  private next(): void {
    if (this.queue.length === 0) return
    const first = Math.max(
      0,
      this.queue.findIndex(({ control }) => !control.patient),
    )
    const worker = this.idle.pop() ?? (this.mayHire(this.queue[first]!.task) ? this.hire() : undefined)
    if (!worker) return
    const [queued] = this.queue.splice(first, 1) as [QueuedTask]
    this.busy.set(worker, queued)
    // A working thread keeps the process alive; an idle one must not.
    worker.ref()
    const message: ThreadMessage = { task: queued.task, stop: queued.stop.buffer as SharedArrayBuffer }
    worker.postMessage(message)
  }

  /** Another thread is worth its start for scoring alone: what comes after it is shorter. */
  private mayHire({ kind }: ThreadTask): boolean {
    return this.busy.size < (kind === 'score' || kind === 'try' ? this.threads : Math.min(1, this.threads))
  }

  private hire(): Worker {
    const worker = new Worker(new URL('./thread.js', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
    worker.on('message', (answer: ThreadAnswer) => {
      const queued = this.busy.get(worker)
      if (answer.kind === 'progress') {
        queued?.control.onProgress?.(answer.records)
        return
      }
      this.busy.delete(worker)
      worker.unref()
      if (this.closed) this.dismiss(worker)
      else this.idle.push(worker)
      if (answer.kind === 'done') queued?.resolve(answer.result)
      else queued?.reject(DaybreakError.of(answer.problem))
      this.next()
    })
    worker.on('error', (error) => this.lose(worker, `a scoring thread failed: ${error instanceof Error ? error.message : String(error)}`))
    worker.on('exit', (code) => this.lose(worker, `a scoring thread ended with code ${code}`))
    return worker
  }

  private lose(worker: Worker, why: string): void {
    const place = this.idle.indexOf(worker)
    if (place >= 0) this.idle.splice(place, 1)
    const queued = this.busy.get(worker)
    this.busy.delete(worker)
    queued?.reject(new DaybreakError('ScoringFailed', why))
    this.next()
  }

  private dismiss(worker: Worker): void {
    this.leaving.push(new Promise((resolve) => worker.once('exit', () => resolve())))
    worker.ref()
    worker.postMessage('leave' satisfies ThreadMessage)
  }
}

function interrupted(): DaybreakError {
  return new DaybreakError('Interrupted', 'scoring was stopped')
}
