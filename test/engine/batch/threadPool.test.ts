import { afterEach, beforeEach, expect, test } from 'vitest'
import { ThreadPool } from '../../../engine/batch/threadPool.js'
import type { CountingTasks } from './countingThread.js'

let pool: ThreadPool<CountingTasks>

beforeEach(() => {
  pool = new ThreadPool({
    entry: new URL('./countingThread.js', import.meta.url),
    threads: 2,
    work: 'counting',
    youngMb: 2,
    silentMs: 60_000,
    graceMs: 60_000,
  })
})

afterEach(() => pool.close())

test('tasks are answered, each with its own result, whatever order they end in', async () => {
  const tasks = [pool.run('count', 20, { long: true }), ...[1, 2, 3].map((number) => pool.run('double', number))]
  expect(await Promise.all(tasks)).toEqual([20, 2, 4, 6])
})

test('an error of the table comes back as it was thrown, and the thread goes on', async () => {
  await expect(pool.run('fail', 'part 3 is missing')).rejects.toMatchObject({ code: 'StorageDamaged', message: 'part 3 is missing' })
  expect(await pool.run('double', 4)).toBe(8)
})

test('a request that cannot be sent fails alone, and keeps no thread', async () => {
  const unsendable = (() => 1) as unknown as number
  for (const _ of [1, 2, 3]) await expect(pool.run('double', unsendable)).rejects.toMatchObject({ name: 'DataCloneError' })
  expect(await pool.run('double', 4)).toBe(8)
})

test('progress is told while a task runs; a signal stops it, and takes out what waits', async () => {
  const stop = new AbortController()
  let done = 0
  const running = pool.run('count', 1_000_000, {
    signal: stop.signal,
    onProgress: (more) => {
      done += more
      if (done === 3) stop.abort()
    },
  })
  const waiting = pool.run('double', 1, { signal: stop.signal })
  expect(await Promise.allSettled([running, waiting])).toMatchObject([
    { status: 'rejected', reason: { code: 'Interrupted', message: expect.stringContaining('stopped at') } },
    { status: 'rejected', reason: { code: 'Interrupted', message: 'counting was stopped' } },
  ])
  await expect(pool.run('double', 1, { signal: stop.signal })).rejects.toMatchObject({ code: 'Interrupted' })
})

test('only long tasks start another thread beside a busy one', async () => {
  const order: string[] = []
  const note = (name: string) => () => order.push(name)
  const long = pool.run('count', 150, { long: true }).then(note('long'))
  await Promise.all([long, pool.run('double', 1).then(note('short'))])
  expect(order).toEqual(['long', 'short'])
  order.length = 0
  const first = pool.run('count', 300, { long: true }).then(note('first'))
  await Promise.all([first, pool.run('count', 1, { long: true }).then(note('second'))])
  expect(order).toEqual(['second', 'first'])
})

test('a patient task waits for all others', async () => {
  const order: string[] = []
  const note = (name: string) => () => order.push(name)
  const tasks = [
    pool.run('count', 30),
    pool.run('double', 1, { patient: true }).then(note('patient')),
    pool.run('double', 2).then(note('usual')),
  ]
  await Promise.all(tasks)
  expect(order).toEqual(['usual', 'patient'])
})

test('a thread that ends costs its own task, and the next one gets another thread', async () => {
  await expect(pool.run('leave', 3)).rejects.toMatchObject({ code: 'ScoringFailed', message: 'a counting thread ended with code 3' })
  expect(await pool.run('double', 5)).toBe(10)
})

test('a pool that is closed takes nothing more, and its threads have left', async () => {
  expect(pool.warm(5)).toBe(2)
  await pool.close()
  await expect(pool.run('double', 1)).rejects.toMatchObject({ code: 'Interrupted' })
})
