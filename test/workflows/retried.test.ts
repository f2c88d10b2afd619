import { expect, test } from 'vitest'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { type RetryRuntime, retried, tellEach } from '../../workflows/retried.js'

const heals = new DaybreakError('ChannelFailed', 'away')

/** A clock that only notes how long it was asked to wait. */
function clock() {
  const waits: number[] = []
  const runtime: RetryRuntime = { sleep: async (ms) => void waits.push(ms), isCancellation: (error) => error === 'cancelled' }
  return { waits, runtime }
}

const failing = (times: number, error: unknown) => {
  const lasts: boolean[] = []
  const call = async (last: boolean) => {
    lasts.push(last)
    if (lasts.length <= times) throw error
    return 'done'
  }
  return { lasts, call }
}

test('what heals is called again, each wait longer by the backoff, and the last call knows that it is', async () => {
  const { waits, runtime } = clock()
  const { lasts, call } = failing(3, heals)
  const told: string[] = []
  const retries = { maximum: 3, delayMs: 100, backoff: 2 }
  expect(await retried(runtime, retries, 'notify', call, ({ message, step }) => told.push(`${step} ${message}`))).toBe('done')
  expect(waits).toEqual([100, 200, 400])
  expect(lasts).toEqual([false, false, false, true])
  expect(told).toEqual(['notify away', 'notify away', 'notify away'])
})

test('nobody is asked again before the time they named', async () => {
  const { waits, runtime } = clock()
  const patient = new DaybreakError('ChannelFailed', 'later', { retryAfterMs: 5000 })
  await retried(runtime, { maximum: 1, delayMs: 100, backoff: 1 }, 'notify', failing(1, patient).call)
  expect(waits).toEqual([5000])
})

test('after the last try the error is thrown, and names the step', async () => {
  const { waits, runtime } = clock()
  await expect(retried(runtime, { maximum: 1, delayMs: 1, backoff: 1 }, 'notify', failing(9, heals).call)).rejects.toMatchObject({
    code: 'ChannelFailed',
    problem: { step: 'notify' },
  })
  expect(waits).toHaveLength(1)
})

test.each([
  ['an error that no try heals', new DaybreakError('ContractBroken', 'no')],
  ['a cancellation', 'cancelled'],
  ['what is no error of ours', new TypeError('no')],
])('%s is thrown at once', async (_name, error) => {
  const { waits, runtime } = clock()
  await expect(retried(runtime, { maximum: 5, delayMs: 1, backoff: 1 }, 'inspect', failing(9, error).call)).rejects.toBe(error)
  expect(waits).toEqual([])
})

test('a channel that stays broken keeps nobody else from being told; a defect is thrown', async () => {
  const { runtime } = clock()
  const told: number[] = []
  const retries = { maximum: 1, delayMs: 1, backoff: 1 }
  await tellEach(runtime, retries, 3, async (channel) => {
    if (channel === 1) throw heals
    told.push(channel)
  })
  expect(told).toEqual([0, 2])
  await expect(tellEach(runtime, retries, 1, async () => Promise.reject(new TypeError('no')))).rejects.toThrow('no')
})
