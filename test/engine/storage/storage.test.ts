import { lstat, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256, writeExclusive, writeWhole } from '../../../engine/files/fileSystem.js'
import type { AttemptRecord, AttemptRef, Manifest } from '../../../engine/protocol/documents.js'
import {
  createAttempt,
  findAttemptOfRun,
  hashPredictions,
  readManifest,
  sealAttempt,
  unsealedChanges,
} from '../../../engine/storage/attempts.js'
import { appendEvent, brokenLinks, readEvents } from '../../../engine/storage/events.js'
import { layout } from '../../../engine/storage/layout.js'
import { currentPublication, listPublications, openDoor, publishAttempt } from '../../../engine/storage/publications.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

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
  expect(await readFile(`${layout.publishedPredictions(home.path(), 'churn', date)}.csv`, 'utf8')).toBe('one')
  await openDoor(home.path(), 'churn', date)
  expect(await readFile(`${layout.publishedPredictions(home.path(), 'churn', date)}.csv`, 'utf8')).toBe('two')
  await rm(layout.published(home.path(), 'churn', date))
  await openDoor(home.path(), 'churn', date)
  expect(await readlink(layout.published(home.path(), 'churn', date))).toBe(`../attempts/${date}/${two.attempt}`)
})

test('a reader of the published names sees old or new, whole, during a hundred publications', { timeout: 60_000 }, async () => {
  const texts = Array.from({ length: 100 }, (_, index) => `${index},`.repeat(5000))
  let over = false
  const seen = new Set<string>()
  await publishAttempt(home.path(), await sealed('first', texts[0]!), { seen: 0, ...how })
  const reading = (async () => {
    while (!over) {
      seen.add(await readFile(`${layout.publishedPredictions(home.path(), 'churn', date)}.csv`, 'utf8'))
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

test('whatever attempts publish in whatever order, numbers have one winner each, and the door leads to the newest', {
  timeout: 60_000,
}, async () => {
  const attempts = await Promise.all(['1', '2', '3'].map((run) => sealed(run, run)))
  let known = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 6 }),
      async (moves) => {
        for (const [who, behind] of moves) {
          const before = await currentPublication(home.path(), 'churn', date)
          const seen = Math.max(0, known - behind)
          const ref = attempts[who]!
          const published = await publishAttempt(home.path(), ref, { seen, ...how }).catch((error: unknown) => error)
          if (seen === known) {
            known += 1
            expect(published).toMatchObject({ number: known, attempt: ref.attempt })
          } else if (published instanceof Error) expect(published).toMatchObject({ code: 'PublishedMeanwhile' })
          else expect(await currentPublication(home.path(), 'churn', date)).toEqual(before)
        }
        const publications = await listPublications(home.path(), 'churn', date)
        expect(publications.map(({ number }) => number)).toEqual(Array.from({ length: known }, (_, index) => index + 1))
        expect(await readlink(layout.published(home.path(), 'churn', date))).toBe(`../attempts/${date}/${publications.at(-1)?.attempt}`)
      },
    ),
    { numRuns: 25 },
  )
})

test('events written by many at once are all there, and each follows from the one before', async () => {
  const ref = await sealed('1', 'one')
  const writers = Array.from({ length: 20 }, (_, index) =>
    appendEvent(home.path(), ref, { at: how.at, event: 'message-sent', key: String(index) }),
  )
  await Promise.all(writers)
  const events = await readEvents(home.path(), ref)
  expect(events.map(({ key }) => key).sort()).toEqual([undefined, ...Array.from({ length: 20 }, (_, index) => String(index))].sort())
  expect(await brokenLinks(layout.events(home.path(), ref))).toEqual([])
})

test('a lock that a dead process left behind holds nobody up; one of a living process does', async () => {
  const ref = await sealed('1', 'one')
  const lock = join(layout.attempt(home.path(), ref), '.tmp-lock')
  await writeFile(lock, JSON.stringify({ host: hostname(), pid: 999_999 }))
  await appendEvent(home.path(), ref, { at: how.at, event: 'message-sent', key: 'a' })
  await writeFile(lock, JSON.stringify({ host: hostname(), pid: process.pid }))
  const waiting = appendEvent(home.path(), ref, { at: how.at, event: 'message-sent', key: 'b' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect((await readEvents(home.path(), ref)).map(({ key }) => key)).not.toContain('b')
  await rm(lock)
  await waiting
  expect((await readEvents(home.path(), ref)).map(({ key }) => key)).toContain('b')
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
