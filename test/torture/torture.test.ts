import { expect, test } from 'vitest'
import { testServer } from '../server.js'
import { MODES, torture } from './torture.js'

test('ten kills of workers and servers, anywhere: the day ends as if nothing had happened', { timeout: 240_000 }, async () => {
  const { address } = await testServer()
  const trials = await torture({
    kills: 10,
    seed: 7,
    parallel: 3,
    modes: MODES,
    address,
    signal: new AbortController().signal,
    onTrial: () => {},
  })
  expect(trials.filter(({ problems }) => problems.length > 0)).toEqual([])
  expect(trials.flatMap(({ kills }) => kills).length).toBeGreaterThan(6)
  expect(new Set(trials.map(({ mode }) => mode)).size).toBeGreaterThan(1)
})
