import { lstat, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AttemptRecord, AttemptRef, Manifest } from '../../definition/records.js'
import { createAttempt, findAttemptOfRun, readManifest, sealAttempt, writeWork } from '../../storage/attempts.js'
import { appendEvent, readEvents } from '../../storage/events.js'
import { writeExclusive, writeWhole } from '../../storage/fileSystem.js'
import { layout } from '../../storage/layout.js'
import { currentPublication, openDoor, publishAttempt } from '../../storage/publications.js'
import { temporaryFolder } from '../temporaryFolder.js'

const home = temporaryFolder()
const date = '2026-03-03'
const wanted = (runKey: string): Omit<AttemptRecord, 'attempt'> => ({
  pipeline: 'churn',
  date,
  runKey,
  kind: 'manual',
  startedAt: '2026-03-04T06:00:00.000Z',
  seenPublication: 0,
})
const manifest = (record: AttemptRecord): Omit<Manifest, 'files'> => ({
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
const how = { at: '2026-03-04T06:00:02.000Z', by: 'test', why: 'Fine.' }

async function sealed(runKey: string, predictions: string): Promise<AttemptRef> {
  const record = await createAttempt(home.path(), wanted(runKey))
  await writeWhole(join(layout.attempt(home.path(), record), 'predictions.csv'), predictions)
  await writeWhole(join(layout.attempt(home.path(), record), 'metrics.json'), predictions)
  await sealAttempt(home.path(), record, manifest(record))
  return { pipeline: 'churn', date, attempt: record.attempt }
}

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
  await writeWork(home.path(), record, 'plan.json', {})
  await writeFile(join(layout.attempt(home.path(), record), '.tmp-1-left'), 'half')
  const first = await sealAttempt(home.path(), record, manifest(record))
  expect(Object.keys(first.files)).toEqual(['attempt.json'])
  expect((await readdir(layout.attempt(home.path(), record))).sort()).toEqual(['attempt.json', 'events.jsonl', 'manifest.json'])
  expect(await sealAttempt(home.path(), record, { ...manifest(record), headline: 'Other.' })).toEqual(first)
  expect((await readManifest(home.path(), record))?.headline).toBe('Fine.')
})

test('of two that publish at once one wins and the other is told; the same one twice changes nothing', async () => {
  const [one, two] = [await sealed('1', 'one'), await sealed('2', 'two')]
  const results = await Promise.allSettled([one, two].map((ref) => publishAttempt(home.path(), ref, { seen: 0, ...how })))
  const [won] = results.filter((result) => result.status === 'fulfilled')
  expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'PublishedMeanwhile' } }])
  const current = await currentPublication(home.path(), 'churn', date)
  expect(current).toEqual(won?.value)
  await publishAttempt(home.path(), { pipeline: 'churn', date, attempt: current!.attempt }, { seen: 0, ...how })
  expect((await currentPublication(home.path(), 'churn', date))?.number).toBe(1)
})

test('a crash between record and link is healed from the record', async () => {
  const [one, two] = [await sealed('1', 'one'), await sealed('2', 'two')]
  await publishAttempt(home.path(), one, { seen: 0, ...how })
  const record = { number: 2, attempt: two.attempt, ...how }
  await writeExclusive(join(layout.publications(home.path(), 'churn', date), '0002.json'), JSON.stringify(record))
  expect(await readFile(layout.publishedPredictions(home.path(), 'churn', date), 'utf8')).toBe('one')
  await openDoor(home.path(), 'churn', date)
  expect(await readFile(layout.publishedPredictions(home.path(), 'churn', date), 'utf8')).toBe('two')
  await rm(layout.published(home.path(), 'churn', date))
  await openDoor(home.path(), 'churn', date)
  expect(await readlink(layout.published(home.path(), 'churn', date))).toBe(`../attempts/${date}/${two.attempt}`)
})

test('a reader of the published names sees old or new, whole, during many publications', async () => {
  const texts = Array.from({ length: 25 }, (_, index) => `${index},`.repeat(5000))
  let over = false
  const seen = new Set<string>()
  await publishAttempt(home.path(), await sealed('first', texts[0]!), { seen: 0, ...how })
  const reading = (async () => {
    while (!over) {
      seen.add(await readFile(layout.publishedPredictions(home.path(), 'churn', date), 'utf8'))
      const resolved = await readlink(layout.published(home.path(), 'churn', date))
      const folder = join(home.path('churn', 'published'), resolved)
      expect(await readFile(join(folder, 'predictions.csv'), 'utf8')).toBe(await readFile(join(folder, 'metrics.json'), 'utf8'))
    }
  })()
  for (const [index, text] of texts.slice(1).entries())
    await publishAttempt(home.path(), await sealed(`${index}`, text), { seen: index + 1, ...how })
  over = true
  await reading
  expect(seen.size).toBeGreaterThan(2)
  for (const text of seen) expect(texts).toContain(text)
})

test('a file that cannot be written is named, and nothing half-written stays', async () => {
  await writeFile(home.path('file'), '')
  await expect(writeWhole(home.path('file', 'below.json'), '{}')).rejects.toMatchObject({
    code: 'HomeUnusable',
    problem: { place: { file: home.path('file', 'below.json') } },
  })
  await mkdir(home.path('folder'))
  await expect(writeWhole(home.path('folder'), '{}')).rejects.toMatchObject({ code: 'HomeUnusable' })
  expect((await readdir(home.path())).sort()).toEqual(['file', 'folder'])
  expect((await lstat(home.path('folder'))).isDirectory()).toBe(true)
})

test('events come back in their order', async () => {
  const record = await createAttempt(home.path(), wanted('run'))
  for (const key of ['a', 'b', 'c']) await appendEvent(home.path(), record, { at: how.at, event: 'message-sent', key })
  expect((await readEvents(home.path(), record)).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
})
