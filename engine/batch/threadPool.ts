/**
 * Threads that all start from one file: one task at a time each, started when there is work, stopped by a flag and drained before they
 * leave. A pool knows neither what its tasks are nor what they are about; `answerTasks.ts` is the side of the thread.
 */
import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { DaybreakError } from '../protocol/errors.js'
import type { TasksOf, ThreadAnswer, ThreadMessage } from './answerTasks.js'

export interface PoolOptions {
  /** The file that each thread starts from. */
  readonly entry: URL
  /** Most threads at once. */
  readonly threads: number
  /** What they do, for messages: `scoring`. */
  readonly work: string
  /** Memory for objects that do not live long, in MB, of each thread. */
  readonly youngMb: number
}

export interface TaskControl {
  /** What was done since the last call, in the task's own units. */
  readonly onProgress?: (done: number) => void
  readonly signal?: AbortSignal
  /** Waits until no other task waits: for work that nobody waits for. */
  readonly patient?: boolean
  /** Is long enough to be worth the start of another thread beside a busy one. */
  readonly long?: boolean
}

interface QueuedTask {
  readonly task: Extract<ThreadMessage, object>['task']
  readonly control: TaskControl
  readonly stop: Int32Array
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export class ThreadPool<T extends TasksOf<T>> {
  private readonly idle: Worker[] = []
  private readonly busy = new Map<Worker, QueuedTask>()
  private readonly queue: QueuedTask[] = []
  private readonly leaving: Promise<void>[] = []
  private closed = false

  constructor(private readonly options: PoolOptions) {}

  /** Starts threads before there is work, until there are so many, at most the pool's. Returns how many are idle now. */
  warm(wanted: number): number {
    while (!this.closed && this.busy.size + this.idle.length < Math.min(wanted, this.options.threads)) {
      const worker = this.hire()
      worker.unref()
      this.idle.push(worker)
    }
    return this.idle.length
  }

  /** Has a thread do a task. @throws what it throws; Interrupted when the signal aborts or the pool is closed */
  run<K extends keyof T & string>(kind: K, request: T[K]['request'], control: TaskControl = {}): Promise<T[K]['result']> {
    return new Promise((settle, reject) => {
      if (this.closed || control.signal?.aborted) {
        reject(this.interrupted())
        return
      }
      const abort = () => this.abort(queued)
      const settled = () => control.signal?.removeEventListener('abort', abort)
      const queued: QueuedTask = {
        task: { kind, request },
        control,
        stop: new Int32Array(new SharedArrayBuffer(4)),
        resolve: (result) => {
          settled()
          settle(result as T[K]['result'])
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

  /** Stops what runs where it can be stopped, and waits until every thread has left. */
  async close(): Promise<void> {
    this.closed = true
    for (const waiting of this.queue.splice(0)) waiting.reject(this.interrupted())
    for (const running of this.busy.values()) Atomics.store(running.stop, 0, 1)
    for (const worker of this.idle.splice(0)) this.dismiss(worker)
    while (this.busy.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await Promise.all(this.leaving)
  }

  private abort(queued: QueuedTask): void {
    Atomics.store(queued.stop, 0, 1)
    const place = this.queue.indexOf(queued)
    if (place < 0) return
    this.queue.splice(place, 1)
    queued.reject(this.interrupted())
  }

  private next(): void {
    if (this.queue.length === 0) return
    const first = Math.max(
      0,
      this.queue.findIndex(({ control }) => !control.patient),
    )
    const worker = this.idle.pop() ?? (this.mayHire(this.queue[first]!) ? this.hire() : undefined)
    if (!worker) return
    const [queued] = this.queue.splice(first, 1) as [QueuedTask]
    this.busy.set(worker, queued)
    // A working thread keeps the process alive; an idle one must not.
    worker.ref()
    const message: ThreadMessage = { task: queued.task, stop: queued.stop.buffer as SharedArrayBuffer }
    worker.postMessage(message)
  }

  private mayHire({ control }: QueuedTask): boolean {
    return this.busy.size < (control.long ? this.options.threads : Math.min(1, this.options.threads))
  }

  private hire(): Worker {
    const { entry, work, youngMb } = this.options
    const worker = new Worker(entry, { resourceLimits: { maxYoungGenerationSizeMb: youngMb } })
    worker.on('message', (answer: ThreadAnswer) => {
      const queued = this.busy.get(worker)
      if (answer.kind === 'progress') {
        queued?.control.onProgress?.(answer.done)
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
    worker.on('error', (error) => this.lose(worker, `a ${work} thread failed: ${error instanceof Error ? error.message : String(error)}`))
    worker.on('exit', (code) => this.lose(worker, `a ${work} thread ended with code ${code}`))
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

  private interrupted(): DaybreakError {
    return new DaybreakError('Interrupted', `${this.options.work} was stopped`)
  }
}
