import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256, writeWhole } from '../../../engine/files/fileSystem.js'
import {
  createAttempt,
  findAttemptOfRun,
  hashPredictions,
  readManifest,
  sealAttempt,
  unsealedChanges,
} from '../../../engine/storage/attempts.js'
import { layout } from '../../../engine/storage/layout.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { date, manifest, wanted } from './sealedAttempts.js'

const home = temporaryFolder()

test('attempts created at once get numbers of their own, and a run finds its own again', async () => {
  const made = await Promise.all(Array.from({ length: 12 }, (_, index) => createAttempt(home.path(), wanted(`run-${index}`))))
  expect(made.map(({ attempt }) => attempt).sort()).toEqual(
    Array.from({ length: 12 }, (_, index) => `a${String(index + 1).padStart(3, '0')}`),
  )
  for (const { runKey, attempt } of made) expect((await findAttemptOfRun(home.path(), 'churn', date, runKey))?.attempt).toBe(attempt)
  expect((await readdir(layout.attempts(home.path(), 'churn', date))).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a sealed attempt has the hash of each file, no working files, and is not sealed again', async () => {
  const record = await createAttempt(home.path(), wanted('run'))
  await writeWhole(join(layout.work(home.path(), record), 'plan.json'), '{}')
  await writeFile(join(layout.attempt(home.path(), record), '.tmp-1-left'), 'half')
  const first = await sealAttempt(home.path(), record, manifest(record))
  expect(Object.keys(first.files)).toEqual(['attempt.json'])
  expect((await readdir(layout.attempt(home.path(), record))).sort()).toEqual(['attempt.json', 'events.jsonl', 'manifest.json'])
  expect(await sealAttempt(home.path(), record, { ...manifest(record), headline: 'Other.' })).toEqual(first)
  expect((await readManifest(home.path(), record))?.headline).toBe('Fine.')
})

test('what is sealed is what was checked: a file that changed in between is told', async () => {
  const record = await createAttempt(home.path(), wanted('run'))
  const file = join(layout.attempt(home.path(), record), 'predictions.csv')
  await writeWhole(file, 'checked')
  const checked = await hashPredictions(home.path(), record)
  expect(checked).toEqual({ 'predictions.csv': { sha256: sha256('checked'), bytes: 7 } })
  await writeWhole(file, 'changed')
  const made = await sealAttempt(home.path(), record, manifest(record), checked)
  expect(made.files['predictions.csv']).toEqual(checked['predictions.csv'])
  expect(await unsealedChanges(home.path(), made)).toEqual(['predictions.csv is not what was sealed: 7 bytes, 7 then'])
})
