/**
 * Runs tasks in threads that all start from one file. A thread starts when there is work, does one task at a time, is stopped by a flag and
 * leaves when its task has ended. A pool does not know what its tasks are; answerTasks.ts is the thread's side.
 */
import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { DaybreakError } from '../protocol/errors.js'
import { EXIT } from '../protocol/errorTable.js'
import { messageOf } from '../protocol/systemErrors.js'
import type { TasksOf, ThreadAnswer, ThreadMessage } from './answerTasks.js'

export interface PoolOptions {
  /** The file that each thread starts from. */
  readonly entry: URL
  /** Most threads at once. */
  readonly threads: number
  /** What the threads do, as messages say it: `scoring`. */
  readonly work: string
  /** A thread that has said nothing of a watched task for so long will not say anything. */
  readonly silentMs: number
  /** So long a task may go on after it was told to stop. */
  readonly graceMs: number
  /** A thread was given up. It cannot be ended by itself, only together with the process, which is to be left soon. */
  readonly onGivenUp?: (why: string) => void
  /** Memory of each thread for objects that do not live long, in MB. */
  readonly youngMb: number
}

export interface TaskControl {
  /** Is told how much was done since the last call, in the task's own units. */
  readonly onProgress?: (done: number) => void
  /** Stops the task, or takes it out of the queue. */
  readonly signal?: AbortSignal
  /** The task lets all others go first, because nobody waits for it. @default false */
  readonly patient?: boolean
  /** Runs native code that may never return. */
  readonly watched?: boolean
  /** The task is long enough to be worth the start of another thread beside a busy one. @default false */
  readonly long?: boolean
}

interface QueuedTask {
  readonly task: Extract<ThreadMessage, object>['task']
  readonly control: TaskControl
  readonly stop: Int32Array
  /** Gives the thread up when it is silent for too long. */
  watch?: NodeJS.Timeout
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export class ThreadPool<T extends TasksOf<T>> {
  private readonly idle: Worker[] = []
  private readonly busy = new Map<Worker, QueuedTask>()
  private readonly queue: QueuedTask[] = []
  private readonly leaving: Promise<void>[] = []
  private readonly givenUp = new Set<Worker>()
  private closed = false

  constructor(private readonly options: PoolOptions) {}

  /** Starts threads before there is work, until `wanted` are there or the pool is full. @returns how many are idle now */
  warm(wanted: number): number {
    while (!this.closed && this.busy.size + this.idle.length < Math.min(wanted, this.options.threads)) {
      const worker = this.hire()
      worker.unref()
      this.idle.push(worker)
    }
    return this.idle.length
  }

  /**
   * Has a thread do a task and gives its result.
   * @throws what the task throws; ScoringFailed when the thread dies; Interrupted when the signal aborts or the pool is closed
   */
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
        // All tasks of a run listen to the same signal, and Node warns of more than ten listeners.
        setMaxListeners(0, control.signal)
        control.signal.addEventListener('abort', abort, { once: true })
      }
      this.queue.push(queued)
      this.next()
    })
  }

  /** Asks running tasks to end, refuses waiting ones, and waits until every thread has left. */
  async close(): Promise<void> {
    this.closed = true
    for (const waiting of this.queue.splice(0)) waiting.reject(this.interrupted())
    for (const [worker, running] of this.busy) {
      Atomics.store(running.stop, 0, 1)
      this.watch(worker, running, this.options.graceMs)
    }
    for (const worker of this.idle.splice(0)) this.dismiss(worker)
    while (this.busy.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await Promise.all(this.leaving)
  }

  private abort(queued: QueuedTask): void {
    Atomics.store(queued.stop, 0, 1)
    const place = this.queue.indexOf(queued)
    if (place < 0) {
      const [worker] = [...this.busy].find(([, running]) => running === queued) ?? []
      if (worker) this.watch(worker, queued, this.options.graceMs)
      return
    }
    this.queue.splice(place, 1)
    queued.reject(this.interrupted())
  }

  /** Gives the next task to a thread, if one is idle or may be started. */
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
    if (queued.control.watched) this.watch(worker, queued, this.options.silentMs)
    // A thread that works keeps the process alive; an idle one must not.
    worker.ref()
    const message: ThreadMessage = { task: queued.task, stop: queued.stop.buffer as SharedArrayBuffer }
    try {
      worker.postMessage(message)
    } catch (error) {
      // What cannot be sent is the task's fault; the thread has heard nothing of it.
      this.release(worker, queued)
      queued.reject(error)
      this.next()
    }
  }

  /** Says whether a task may start a thread: a long one while the pool has room, a short one only when no thread is busy. */
  private mayHire({ control }: QueuedTask): boolean {
    return this.busy.size < (control.long ? this.options.threads : Math.min(1, this.options.threads))
  }

  private hire(): Worker {
    const { entry, work, youngMb } = this.options
    const worker = new Worker(entry, { resourceLimits: { maxYoungGenerationSizeMb: youngMb } })
    worker.on('message', (answer: ThreadAnswer) => {
      const queued = this.busy.get(worker)
      if (answer.kind === 'progress') {
        // One that was told to stop has its time already.
        if (queued && Atomics.load(queued.stop, 0) === 0) queued.watch?.refresh()
        queued?.control.onProgress?.(answer.done)
        return
      }
      if (this.givenUp.has(worker)) return
      this.release(worker, queued)
      if (answer.kind === 'done') queued?.resolve(answer.result)
      else queued?.reject(DaybreakError.of(answer.problem))
      this.next()
    })
    worker.on('error', (error) => this.lose(worker, `a ${work} thread failed: ${messageOf(error)}`))
    worker.on('exit', (code) => this.lose(worker, `a ${work} thread ended with code ${code}`))
    return worker
  }

  /** Takes a thread back from its task. */
  private release(worker: Worker, queued: QueuedTask | undefined): void {
    clearTimeout(queued?.watch)
    this.busy.delete(worker)
    worker.unref()
    if (this.closed) this.dismiss(worker)
    else this.idle.push(worker)
  }

  private watch(worker: Worker, queued: QueuedTask, ms: number): void {
    clearTimeout(queued.watch)
    queued.watch = setTimeout(() => this.giveUp(worker, queued), ms)
  }

  /** Native code holds the thread: it is left alone, and ends with the process. */
  private giveUp(worker: Worker, queued: QueuedTask): void {
    if (this.busy.get(worker) !== queued) return
    const { work, silentMs, graceMs, onGivenUp } = this.options
    const stopped = Atomics.load(queued.stop, 0) !== 0
    const seconds = (stopped ? graceMs : silentMs) / 1000
    const why = `a ${work} thread has not answered for ${seconds} seconds${stopped ? ' since it was told to stop' : ''}`
    this.busy.delete(worker)
    this.givenUp.add(worker)
    worker.unref()
    if (this.givenUp.size === 1) process.once('exit', endWithThreads)
    queued.reject(stopped ? this.interrupted() : new DaybreakError('ModelBreaks', why))
    onGivenUp?.(why)
    this.next()
  }

  /** Forgets a thread that has ended. Its task fails; another thread takes the next one. */
  private lose(worker: Worker, why: string): void {
    const place = this.idle.indexOf(worker)
    if (place >= 0) this.idle.splice(place, 1)
    const queued = this.busy.get(worker)
    clearTimeout(queued?.watch)
    this.busy.delete(worker)
    queued?.reject(new DaybreakError('ScoringFailed', why))
    this.next()
  }

  /** Asks a thread to leave, and has `close` wait for it. */
  private dismiss(worker: Worker): void {
    this.leaving.push(new Promise((resolve) => worker.once('exit', () => resolve())))
    worker.ref()
    worker.postMessage('leave' satisfies ThreadMessage)
  }

  private interrupted(): DaybreakError {
    return new DaybreakError('Interrupted', `${this.options.work} was stopped`)
  }
}

/** Node waits for its threads when it exits, and this one never returns: the process is ended by a signal, as by Ctrl-C when it was that. */
function endWithThreads(exitCode: number): void {
  const signal = exitCode === EXIT.interrupted ? 'SIGINT' : 'SIGKILL'
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}
