import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { closeOrphans } from '../../days/closeOrphans.js'
import type { AttemptRecord } from '../../engine/protocol/documents/attempt.js'
import type { OpenRequest } from '../../engine/protocol/steps.js'
import { createAttempt, readManifest } from '../../engine/storage/attempts.js'
import { date, wanted } from '../engine/storage/sealedAttempts.js'
import { smallDay } from './smallDay.js'

const { define, context } = smallDay()
const temporal = { namespace: 'default', workflowId: 'daybreak/predict/churn/2026-03-03', runId: 'now' }
const request: OpenRequest = { pipeline: 'churn', date, kind: 'manual', rerun: false, runKey: 'mine', temporal }

/** The number of a process that has ended. */
const ended = () => spawnSync(process.execPath, ['--version']).pid

async function verdictOf(record: Partial<AttemptRecord>): Promise<string | undefined> {
  await define()
  const { home } = context().settings
  const { attempt } = await createAttempt(home, { ...wanted('another run'), ...record })
  await closeOrphans(context(), request)
  const manifest = await readManifest(home, { pipeline: 'churn', date, attempt })
  return manifest && `${manifest.verdict} ${manifest.problem?.code}`
}

test('what a process that has ended left open is sealed as failed, and says so', async () => {
  expect(await verdictOf({ process: { host: hostname(), pid: ended() } })).toBe('failed RunTerminated')
})

test('so is what an earlier run of the same workflow left: only one of them can be running', async () => {
  expect(await verdictOf({ temporal: { ...temporal, runId: 'before' } })).toBe('failed RunTerminated')
})

test.each([
  ['a process that is alive', { process: { host: hostname(), pid: process.pid } }],
  ['a process of another host', { process: { host: 'elsewhere', pid: ended() } }],
  ['a run by another server', { temporal: { ...temporal, namespace: 'other' } }],
  ['this very run', { runKey: 'mine', process: { host: hostname(), pid: ended() } }],
])('what %s has open stays open', async (_whose, record) => {
  expect(await verdictOf(record)).toBeUndefined()
})
