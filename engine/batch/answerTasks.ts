/**
 * The thread's side of a pool: does the tasks that the pool sends, one after the other. A thread is stopped by a flag and asked to leave.
 * It is never terminated, because that would abort the process while native code runs in it.
 */
import { parentPort } from 'node:worker_threads'
import { asDaybreakError, type Problem } from '../protocol/errors.js'

/** Kinds of tasks: what a thread is given for each, and what it answers. Both are sent between threads, so they are data alone. */
export type TasksOf<T> = { readonly [K in keyof T]: { readonly request: unknown; readonly result: unknown } }

/** What a task may use while it is done. */
export interface TaskProgress {
  /** Tells the pool how much was done since the last call, in the task's own units. */
  readonly onProgress: (done: number) => void
  /** Says whether the task should end before it is done. */
  readonly stopped: () => boolean
}

/** How each kind of task is done. */
export type TaskHandlers<T extends TasksOf<T>> = {
  readonly [K in keyof T]: (request: T[K]['request'], progress: TaskProgress) => T[K]['result'] | Promise<T[K]['result']>
}

/** What a pool sends. `stop` is one Int32 that both sides see: anything but 0 asks the task to end. */
export type ThreadMessage =
  | { readonly task: { readonly kind: string; readonly request: unknown }; readonly stop: SharedArrayBuffer }
  | 'leave'

/** What a thread sends back: any number of `progress`, then one of the others. */
export type ThreadAnswer =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** Does what the pool of this thread asks for, until it is asked to leave. */
export function answerTasks<T extends TasksOf<T>>(handlers: TaskHandlers<T>): void {
  const port = parentPort
  const answer = (reply: ThreadAnswer) => port?.postMessage(reply)
  const known = handlers as Readonly<Record<string, (request: unknown, progress: TaskProgress) => unknown>>
  const perform = async ({ task, stop }: Extract<ThreadMessage, object>): Promise<unknown> => {
    const flag = new Int32Array(stop)
    return await known[task.kind]!(task.request, {
      onProgress: (done) => answer({ kind: 'progress', done }),
      stopped: () => Atomics.load(flag, 0) !== 0,
    })
  }
  port?.on('message', (message: ThreadMessage) => {
    if (message === 'leave') {
      port.close()
      return
    }
    perform(message).then(
      (result) => answer({ kind: 'done', result }),
      (error: unknown) => answer({ kind: 'failed', problem: asDaybreakError(error).problem }),
    )
  })
}
