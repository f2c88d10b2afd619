import { appendFile, mkdir, utimes, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { StepContext } from '../../activities/context.js'
import { ageMs, findInput } from '../../activities/findInput.js'
import { writeWork } from '../../days/work.js'
import type { AttemptRecord } from '../../engine/protocol/documents/attempt.js'
import { createAttempt } from '../../engine/storage/attempts.js'
import { smallDay } from '../days/smallDay.js'
import { wanted } from '../engine/storage/sealedAttempts.js'

const { folder, define, context } = smallDay()

/** One look, by a run that was opened with this input. */
async function look(
  input = '',
  { arrived = false, last = false, record = {} }: { arrived?: boolean; last?: boolean; record?: Partial<AttemptRecord> } = {},
) {
  const { compiled } = await define(`input: { ...base.input, ${input} }`)
  const { home } = context().settings
  const attempt = await createAttempt(home, { ...wanted(`run ${Math.random()}`), ...record })
  await writeWork(home, attempt, 'opened', { definition: compiled.fingerprint, modelVersion: '1' })
  const control = { onProgress: () => {}, signal: new AbortController().signal }
  return await findInput(context() as StepContext, { attempt, arrived, last }, control)
}

const RESTS = "arrival: { poll: '1s', timeout: '2h', settle: '1h' }"
const SET = "path: 'in_{date}-*.csv', arrival: { settle: '0s' }"

test('a file that rests is found; one that was just written is looked at again when it will have', async () => {
  await writeFile(folder.path('in_2026-03-03.csv'), 'id,x\na,1\n')
  expect(await look("arrival: { settle: '0s' }")).toEqual({ path: folder.path('in_2026-03-03.csv'), bytes: 9 })
  const error = await look(RESTS).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'InputNotReady', message: expect.stringContaining('must rest for 1h (9 bytes so far)') })
  const { retryAfterMs } = (error as { problem: { retryAfterMs: number } }).problem
  expect(retryAfterMs).toBeGreaterThan(3_590_000)
  expect(retryAfterMs).toBeLessThanOrEqual(3_600_000)
})

test.each([
  ['somebody says that it has arrived', { arrived: true }, ''],
  ['a sidecar stands beside it', {}, 'in_2026-03-03.csv.done'],
])('a file does not rest when %s', async (_why, options, sidecar) => {
  await writeFile(folder.path('in_2026-03-03.csv'), 'id,x\na,1\n')
  if (sidecar) await writeFile(folder.path(sidecar), '')
  expect(await look(RESTS, options)).toMatchObject({ bytes: 9 })
})

test('an old time of a file that was just copied does not count; nor does one from the future', async () => {
  const file = folder.path('in_2026-03-03.csv')
  await writeFile(file, 'id,x\na,1\n')
  await utimes(file, new Date('2020-01-01'), new Date('2020-01-01'))
  await expect(look(RESTS)).rejects.toMatchObject({ code: 'InputNotReady' })
  const now = 1_000_000
  expect([
    ageMs(now - 50, now - 20, now),
    ageMs(now - 10, now - 20, now),
    ageMs(now + 500, now - 20, now),
    ageMs(now, now + 5, now),
  ]).toEqual([20, 10, 20, 0])
})

test('an empty file has not arrived, and neither has a folder', async () => {
  await writeFile(folder.path('in_2026-03-03.csv'), '')
  await expect(look()).rejects.toMatchObject({ code: 'InputNotReady', message: expect.stringContaining('the file is there but empty') })
  await expect(look("path: 'none/in_{date}.csv'", { last: true })).rejects.toMatchObject({ code: 'InputMissing' })
})

test('on the last look what is there instead is told, nearest first', async () => {
  await mkdir(folder.path('data'))
  await writeFile(folder.path('data', 'in_2026-03-04.csv'), 'id,x\n')
  await writeFile(folder.path('data', 'notes.txt'), '')
  const error = await look("path: 'data/in_{date}.csv', arrival: { timeout: '2h' }", { last: true }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'InputMissing',
    message: `${folder.path('data', 'in_2026-03-03.csv')}: there is no such file (waited 2h)`,
    problem: {
      details: [`${folder.path('data')} holds 2 other names`, expect.stringMatching(/^in_2026-03-04\.csv: 5 bytes, changed /)],
    },
  })
})

test.each([
  ['that was given by hand', { givenInput: '/nowhere/in.csv' }],
  ['of a backfill', { kind: 'backfill' as const }],
])('a file %s is not waited for', async (_which, record) => {
  await expect(look('', { record })).rejects.toMatchObject({ code: 'InputMissing', message: expect.not.stringContaining('waited') })
})

test('a set is found when all that its names tell of is there', async () => {
  await writeFile(folder.path('in_2026-03-03-1-of-3.csv'), 'id,x\na,1\n')
  await writeFile(folder.path('in_2026-03-03-3-of-3.csv'), 'id,x\nb,2\n')
  await expect(look(SET)).rejects.toMatchObject({
    code: 'InputNotReady',
    message: expect.stringContaining('2 files are there, and not yet in_2026-03-03-2-of-3.csv'),
  })
  await writeFile(folder.path('in_2026-03-03-2-of-3.csv'), 'id,x\n')
  expect(await look(SET)).toEqual({ path: folder.path('in_2026-03-03-*.csv'), bytes: 23 })
})

test('whoever wrote a folder may say that it is whole: then no file of it rests', async () => {
  const resting = "path: 'in_{date}-*.csv', arrival: { settle: '1h' }"
  await writeFile(folder.path('in_2026-03-03-a.csv'), 'id,x\na,1\n')
  await expect(look(resting)).rejects.toMatchObject({ code: 'InputNotReady' })
  await writeFile(folder.path('_SUCCESS'), '')
  expect(await look(resting)).toMatchObject({ bytes: 9 })
})

test('a definition that changed since the run began is no longer that of the run', async () => {
  const { compiled } = await define()
  const { home } = context().settings
  const attempt = await createAttempt(home, wanted('run'))
  await writeWork(home, attempt, 'opened', { definition: compiled.fingerprint, modelVersion: '1' })
  await appendFile(folder.path('pipelines', 'churn', 'pipeline.ts'), '\nexport const more = 1\n')
  const control = { onProgress: () => {}, signal: new AbortController().signal }
  await expect(findInput(context() as StepContext, { attempt, arrived: false, last: false }, control)).rejects.toMatchObject({
    code: 'DefinitionChanged',
  })
})
