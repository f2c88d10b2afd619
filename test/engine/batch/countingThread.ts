/** The pool and its threads are tested with a thread that knows nothing of scoring. */
import { answerTasks } from '../../../engine/batch/answerTasks.js'
import { DaybreakError } from '../../../engine/protocol/errors.js'

export interface CountingTasks {
  readonly double: { readonly request: number; readonly result: number }
  /** Counts until it is stopped, and answers how far it came. */
  readonly count: { readonly request: number; readonly result: number }
  readonly fail: { readonly request: string; readonly result: undefined }
  readonly leave: { readonly request: number; readonly result: undefined }
}

answerTasks<CountingTasks>({
  double: (number) => 2 * number,
  count: async (most, { onProgress, stopped }) => {
    for (let count = 0; count < most; count += 1) {
      if (stopped()) throw new DaybreakError('Interrupted', `stopped at ${count}`)
      onProgress(1)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return most
  },
  fail: (message) => {
    throw new DaybreakError('StorageDamaged', message)
  },
  leave: (code) => process.exit(code),
})
