import { expect, test } from 'vitest'
import { currentPlan, openedPipeline, type StepContext, settledValue } from '../../activities/context.js'
import { type PlanWork, writeWork } from '../../days/work.js'
import { createAttempt } from '../../engine/storage/attempts.js'
import { smallDay } from '../days/smallDay.js'
import { wanted } from '../engine/storage/sealedAttempts.js'

const { define, context } = smallDay()
const steps = () => context() as StepContext
const attempt = () => createAttempt(context().settings.home, wanted('run'))

test('a plan is taken by the version of the product that made it, and by no other', async () => {
  const ref = await attempt()
  await writeWork(context().settings.home, ref, 'plan', { code: 'the code', microBatch: 64 } as PlanWork)
  expect(await currentPlan(steps(), ref)).toMatchObject({ microBatch: 64 })
  await writeWork(context().settings.home, ref, 'plan', { code: 'other code' } as PlanWork)
  await expect(currentPlan(steps(), ref)).rejects.toMatchObject({ code: 'CodeChanged' })
})

test('a definition is that of the run as long as nothing in it changes', async () => {
  const { compiled } = await define()
  const ref = await attempt()
  await writeWork(context().settings.home, ref, 'opened', { definition: compiled.fingerprint, modelVersion: '1' })
  expect((await openedPipeline(steps(), ref)).compiled.fingerprint).toBe(compiled.fingerprint)
  await define('features: { x: (row) => row.x + 1 }')
  await expect(openedPipeline(steps(), ref)).rejects.toMatchObject({ code: 'DefinitionChanged' })
})

test('a step whose run left nothing to work by says that the place is damaged', async () => {
  await expect(currentPlan(steps(), await attempt())).rejects.toMatchObject({ code: 'StorageDamaged' })
})

test('what a promise came to is its value, or what it was rejected with', async () => {
  const [good, bad] = await Promise.allSettled([Promise.resolve(7), Promise.reject(new Error('no'))])
  expect(settledValue(good)).toBe(7)
  expect(() => settledValue(bad)).toThrow('no')
})
