import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import type { ThreadAnswer, ThreadMessage } from '../../../engine/batch/answerTasks.js'

function startThread() {
  const thread = new Worker(new URL('./countingThread.js', import.meta.url))
  onTestFinished(async () => void (await thread.terminate()))
  const answers: ThreadAnswer[] = []
  thread.on('message', (answer: ThreadAnswer) => answers.push(answer))
  const send = (message: ThreadMessage) => thread.postMessage(message)
  const ask = (kind: string, request: unknown) => {
    const stop = new SharedArrayBuffer(4)
    send({ task: { kind, request }, stop })
    return new Int32Array(stop)
  }
  /** The answer to a task: what is no progress. */
  const answered = async () => {
    for (;;) {
      const last = answers.find(({ kind }) => kind !== 'progress')
      if (last) return last
      await once(thread, 'message')
    }
  }
  return { thread, send, ask, answers, answered }
}

test('a task is answered with its result, after what it told on the way', async () => {
  const { ask, answers, answered } = startThread()
  ask('count', 3)
  expect(await answered()).toEqual({ kind: 'done', result: 3 })
  expect(answers).toEqual([...Array.from({ length: 3 }, () => ({ kind: 'progress', done: 1 })), { kind: 'done', result: 3 }])
})

test('a flag stops a task between two of its pieces', async () => {
  const { thread, ask, answered } = startThread()
  const stop = ask('count', 1_000_000)
  await once(thread, 'message')
  Atomics.store(stop, 0, 1)
  expect(await answered()).toMatchObject({
    kind: 'failed',
    problem: { code: 'Interrupted', message: expect.stringMatching(/^stopped at \d+$/) },
  })
})

test('an error that is none of the table is answered as one that is, and the thread stays', async () => {
  const { ask, answers, answered } = startThread()
  ask('nothing of the kind', 0)
  expect(await answered()).toMatchObject({ kind: 'failed', problem: { code: 'Unexpected' } })
  answers.length = 0
  ask('double', 4)
  expect(await answered()).toEqual({ kind: 'done', result: 8 })
})

test('a thread that is asked to leave ends by itself', async () => {
  const { thread, send } = startThread()
  const left = once(thread, 'exit')
  send('leave')
  expect(await left).toEqual([0])
})
