/**
 * A process that a model is tried in before a scoring thread opens it: what takes this process down, or holds it, takes nobody else with it.
 * It has one trial done in a thread, hands on what came of it, and leaves; `trial.ts` started it and ends it when it does not come back.
 */
// A thread has a copy of the environment, and the runtime reads that of the process.
import '../model/onnx/noTelemetry.js'

import { writeFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { TrialAnswer, TrialRequest } from './trialThread.js'

process.once('message', (request: TrialRequest) => void inThread(request))
// Nobody waits for the answer any more.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))

/** A thread has half of a process's stack, and models are opened in threads: so the trial is in one too. */
async function inThread(request: TrialRequest): Promise<void> {
  // Where memory runs out the system takes this process, and not one with pipelines in it.
  await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined)
  const thread = new Worker(new URL('./trialThread.js', import.meta.url), { workerData: request })
  thread.once('message', (answer: TrialAnswer) => {
    process.send?.(answer, undefined, undefined, () => process.exit(0))
  })
}
