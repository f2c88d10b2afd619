import { readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeExclusive } from '../../../engine/files/fileSystem.js'
import { layout } from '../../../engine/storage/layout.js'
import { currentPublication, listPublications, openDoor, publishAttempt } from '../../../engine/storage/publications.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { date, how, sealed } from './sealedAttempts.js'

const home = temporaryFolder()

test('of two that publish at once one wins and the other is told; the same one twice changes nothing', async () => {
  const [one, two] = [await sealed(home.path(), '1', 'one'), await sealed(home.path(), '2', 'two')]
  const results = await Promise.allSettled([one, two].map((ref) => publishAttempt(home.path(), ref, { seen: 0, ...how })))
  const [won] = results.filter((result) => result.status === 'fulfilled')
  expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'PublishedMeanwhile' } }])
  const current = await currentPublication(home.path(), 'churn', date)
  expect(current).toEqual(won?.value)
  await publishAttempt(home.path(), { pipeline: 'churn', date, attempt: current!.attempt }, { seen: 0, ...how })
  expect((await currentPublication(home.path(), 'churn', date))?.number).toBe(1)
})

test('a crash between record and link is healed from the record', async () => {
  const [one, two] = [await sealed(home.path(), '1', 'one'), await sealed(home.path(), '2', 'two')]
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
  await publishAttempt(home.path(), await sealed(home.path(), 'first', texts[0]!), { seen: 0, ...how })
  const reading = (async () => {
    while (!over) {
      seen.add(await readFile(`${layout.publishedPredictions(home.path(), 'churn', date)}.csv`, 'utf8'))
      const resolved = await readlink(layout.published(home.path(), 'churn', date))
      const folder = join(home.path('churn', 'published'), resolved)
      expect(await readFile(join(folder, 'predictions.csv'), 'utf8')).toBe(await readFile(join(folder, 'metrics.json'), 'utf8'))
    }
  })()
  for (const [index, text] of texts.slice(1).entries())
    await publishAttempt(home.path(), await sealed(home.path(), `${index}`, text), { seen: index + 1, ...how })
  over = true
  await reading
  expect(seen.size).toBeGreaterThan(2)
  for (const text of seen) expect(texts).toContain(text)
})

test('whatever attempts publish in whatever order, numbers have one winner each, and the door leads to the newest', {
  timeout: 60_000,
}, async () => {
  const attempts = await Promise.all(['1', '2', '3'].map((run) => sealed(home.path(), run, run)))
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
