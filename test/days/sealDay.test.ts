import { expect, test } from 'vitest'
import { sealDay } from '../../days/sealDay.js'
import { writeWork } from '../../days/work.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { createAttempt } from '../../engine/storage/attempts.js'
import { wanted } from '../engine/storage/sealedAttempts.js'
import { smallDay } from './smallDay.js'

const { define, context } = smallDay()
const { problem } = new DaybreakError('InputRefused', 'the file has no header')

async function opened() {
  const { compiled } = await define("hold: { expires: '2d' }")
  const attempt = await createAttempt(context().settings.home, wanted('run'))
  await writeWork(context().settings.home, attempt, 'opened', { definition: compiled.fingerprint, modelVersion: '1' })
  return { attempt, fingerprint: compiled.fingerprint }
}

test('a run that failed early is sealed with what is known of it', async () => {
  const { attempt, fingerprint } = await opened()
  await writeWork(context().settings.home, attempt, 'excerpt', { message: problem.message, excerpt: ['line 1: a,b'] })
  const manifest = await sealDay(context(), { attempt, outcome: { verdict: 'failed', problem }, timings: [] })
  expect(manifest).toMatchObject({
    verdict: 'failed',
    problem: { code: 'InputRefused', excerpt: ['line 1: a,b'] },
    fingerprints: { code: 'the code', definition: fingerprint },
    pipelineInfo: { name: 'churn', task: 'binary' },
    checks: [],
  })
  expect(manifest.accounts).toBeUndefined()
  expect(await sealDay(context(), { attempt, outcome: { verdict: 'pass' }, timings: [] })).toEqual(manifest)
})

test('lines of the input go to the problem that they belong to, and to no other', async () => {
  const { attempt } = await opened()
  await writeWork(context().settings.home, attempt, 'excerpt', { message: 'another problem', excerpt: ['line 1: a,b'] })
  const manifest = await sealDay(context(), { attempt, outcome: { verdict: 'failed', problem }, timings: [] })
  expect(manifest.problem).toEqual(problem)
})

test('a held attempt can be approved for as long as the definition says', async () => {
  const { attempt } = await opened()
  const { endedAt, holdExpiresAt } = await sealDay(context(), { attempt, outcome: { verdict: 'held' }, timings: [] })
  expect(Date.parse(holdExpiresAt!) - Date.parse(endedAt)).toBe(2 * 86_400_000)
})

test('an attempt that is not there is not made up', async () => {
  const attempt = { pipeline: 'churn', date: '2026-03-03', attempt: 'a009' }
  await expect(sealDay(context(), { attempt, outcome: { verdict: 'failed' }, timings: [] })).rejects.toMatchObject({
    code: 'StorageDamaged',
  })
})
