import { expect, test } from 'vitest'
import { testServer } from '../setup/server.js'
import { FORMS, MODES, torture } from './torture.js'

test('sixteen kills of workers and servers, anywhere: the day ends as if nothing had happened', { timeout: 240_000 }, async () => {
  const { address } = await testServer()
  const trials = await torture({
    kills: 16,
    seed: 7,
    parallel: 3,
    modes: MODES,
    forms: FORMS,
    address,
    signal: new AbortController().signal,
    onTrial: () => {},
  })
  expect(trials.filter(({ problems }) => problems.length > 0)).toEqual([])
  expect(trials.flatMap(({ kills }) => kills).length).toBeGreaterThan(10)
  expect(new Set(trials.map(({ form }) => form)).size).toBe(2)
  expect(new Set(trials.map(({ mode }) => mode)).size).toBeGreaterThan(1)
})
