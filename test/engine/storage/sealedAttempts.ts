/** Tests of the storage begin with attempts of a day that are sealed in a temporary home. */
import { join } from 'node:path'
import { writeWhole } from '../../../engine/files/fileSystem.js'
import type { AttemptRecord, AttemptRef } from '../../../engine/protocol/documents/attempt.js'
import type { Manifest } from '../../../engine/protocol/documents/manifest.js'
import { createAttempt, sealAttempt } from '../../../engine/storage/attempts.js'
import { layout } from '../../../engine/storage/layout.js'

export const date = '2026-03-03'

/** What a run asks for when it begins. */
export const wanted = (runKey: string): Omit<AttemptRecord, 'attempt'> => ({
  pipeline: 'churn',
  date,
  runKey,
  kind: 'manual',
  startedAt: '2026-03-04T06:00:00.000Z',
  seenPublication: 0,
})

/** What it says when it ends. */
export const manifest = (record: AttemptRecord): Omit<Manifest, 'files'> => ({
  ...record,
  format: 1,
  verdict: 'pass',
  headline: 'Fine.',
  endedAt: '2026-03-04T06:00:01.000Z',
  pipelineInfo: { name: 'churn' },
  fingerprints: { code: 'c' },
  checks: [],
  rules: [],
  warnings: [],
  timings: [],
})

/** When, by whom and why something was published. */
export const how = { at: '2026-03-04T06:00:02.000Z', by: 'test', why: 'Fine.' }

/** An attempt with these bytes for predictions and for metrics, sealed. @param changes of its record and its manifest */
export async function sealed(
  home: string,
  runKey: string,
  predictions: string,
  changes: Partial<AttemptRecord & Manifest> = {},
): Promise<AttemptRef> {
  const record = await createAttempt(home, { ...wanted(runKey), ...changes })
  await writeWhole(join(layout.attempt(home, record), 'predictions.csv'), predictions)
  await writeWhole(join(layout.attempt(home, record), 'metrics.json'), predictions)
  await sealAttempt(home, record, { ...manifest(record), ...changes })
  return { pipeline: record.pipeline, date: record.date, attempt: record.attempt }
}
