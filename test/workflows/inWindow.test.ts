import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inWindow } from '../../workflows/inWindow.js'

const never = () => expect.unreachable()

test.each([
  [10, 3],
  [2, 5],
  [7, 1],
  [0, 4],
])('each of %i is done once, and of %i never more at a time', async (count, width) => {
  const [done, most]: [number[], { now: number; ever: number }] = [[], { now: 0, ever: 0 }]
  await inWindow(
    count,
    width,
    async (index) => {
      most.now += 1
      most.ever = Math.max(most.ever, most.now)
      await delay(index % 3)
      most.now -= 1
      done.push(index)
    },
    never,
  )
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index))
  expect(most.ever).toBe(Math.min(count, width))
})

test('after a failure none is started, those under way end, and the first one is thrown', async () => {
  const [started, ended, failures]: [number[], number[], unknown[]] = [[], [], []]
  const work = async (index: number) => {
    started.push(index)
    await delay(index === 1 ? 5 : 30)
    if (index <= 1) throw new Error(`no ${index}`)
    ended.push(index)
  }
  await expect(inWindow(20, 3, work, () => failures.push('told'))).rejects.toThrow('no 1')
  expect([started, ended, failures]).toEqual([[0, 1, 2], [2], ['told']])
})
