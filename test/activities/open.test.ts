import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { StepContext } from '../../activities/context.js'
import { open } from '../../activities/open.js'
import { readWork } from '../../days/work.js'
import type { OpenRequest } from '../../engine/protocol/steps.js'
import { listAttempts, readAttempt } from '../../engine/storage/attempts.js'
import { recordDecision } from '../../engine/storage/holds.js'
import { publishAttempt } from '../../engine/storage/publications.js'
import { smallDay } from '../days/smallDay.js'
import { date, how, sealed } from '../engine/storage/sealedAttempts.js'

const { folder, define, context } = smallDay()
const home = () => context().settings.home
const attempts = () => listAttempts(home(), 'churn', date)

const opened = (changes: Partial<OpenRequest> = {}) =>
  open(
    context() as StepContext,
    { pipeline: 'churn', date, kind: 'manual', rerun: false, runKey: 'mine', ...changes },
    { onProgress: () => {}, signal: new AbortController().signal },
  )

test('a date that nothing is known of gets its first attempt, and later steps what it was opened with', async () => {
  const { compiled } = await define("description: 'Who will leave', lateAfter: '2h'")
  expect(await opened({ requestedBy: 'ada', input: '/data/in.csv' })).toMatchObject({
    decision: 'run',
    attempt: { pipeline: 'churn', date, attempt: 'a001' },
    policy: { lateAtMs: expect.any(Number) },
    about: expect.stringContaining('Who will leave'),
  })
  const ref = { pipeline: 'churn', date, attempt: 'a001' }
  expect(await readAttempt(home(), ref)).toMatchObject({
    runKey: 'mine',
    requestedBy: 'ada',
    givenInput: '/data/in.csv',
    seenPublication: 0,
    process: { pid: process.pid },
  })
  expect(await readWork(home(), ref, 'opened')).toEqual({ definition: compiled.fingerprint, modelVersion: '1' })
})

test('a step that is done again finds the attempt that it made, and another run gets its own', async () => {
  await define()
  await opened()
  expect(await opened()).toMatchObject({ attempt: { attempt: 'a001' } })
  expect(await opened({ runKey: 'another' })).toMatchObject({ attempt: { attempt: 'a002' } })
})

test('a published date is left alone, unless a rerun is asked for', async () => {
  await define()
  await publishAttempt(home(), await sealed(home(), 'before', 'one', { verdict: 'warn' }), { seen: 0, ...how })
  expect(await opened()).toMatchObject({ decision: 'already-published', attempt: { attempt: 'a001' }, verdict: 'warn' })
  expect(await attempts()).toEqual(['a001'])
  expect(await opened({ rerun: true })).toMatchObject({ decision: 'run', attempt: { attempt: 'a002' } })
  expect(await readAttempt(home(), { pipeline: 'churn', date, attempt: 'a002' })).toMatchObject({ seenPublication: 1 })
})

test('a rerun that may replace one publication leaves a newer one alone', async () => {
  await define()
  await publishAttempt(home(), await sealed(home(), '1', 'one'), { seen: 0, ...how })
  await publishAttempt(home(), await sealed(home(), '2', 'two'), { seen: 1, ...how })
  expect(await opened({ rerun: true, replaces: 1 })).toMatchObject({ decision: 'already-published', attempt: { attempt: 'a002' } })
  expect(await opened({ rerun: true, replaces: 2 })).toMatchObject({ decision: 'run' })
})

test('a date that waits for a decision is left alone until it has one', async () => {
  await define()
  const held = await sealed(home(), 'before', 'one', { verdict: 'held' })
  expect(await opened()).toMatchObject({ decision: 'already-held', attempt: { attempt: 'a001' }, problem: { code: 'Held' } })
  await recordDecision(home(), held, { decision: 'rejected', at: how.at, by: 'ada', why: 'No.' })
  expect(await opened()).toMatchObject({ decision: 'run', attempt: { attempt: 'a002' } })
})

test('a definition that cannot be read still gets its attempt, and the problem goes with it', async () => {
  await define()
  await writeFile(folder.path('pipelines', 'churn', 'pipeline.ts'), 'export default 7')
  expect(await opened()).toMatchObject({ decision: 'run', problem: { code: 'DefinitionInvalid' } })
  expect(await attempts()).toEqual(['a001'])
})

test('a pipeline or a date that there is not leaves nothing behind', async () => {
  await define()
  await expect(opened({ pipeline: 'chrun' })).rejects.toMatchObject({ code: 'PipelineUnknown' })
  await expect(opened({ date: '2026-02-30' })).rejects.toMatchObject({ code: 'DateInvalid' })
  expect(await attempts()).toEqual([])
})
