/** Whoever goes back to an earlier attempt must see it on every page and in every file, or be refused before anything is published. */
import { appendFile, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { publishAgain } from '../../days/publishAgain.js'
import type { PublicationRecord } from '../../engine/protocol/documents/events.js'
import { createAttempt } from '../../engine/storage/attempts.js'
import { readEvents } from '../../engine/storage/events.js'
import { layout } from '../../engine/storage/layout.js'
import { currentPublication } from '../../engine/storage/publications.js'
import { textOf } from '../setup/htmlText.js'
import { DATE, Installation } from '../setup/installation.js'

let here: Installation
const home = () => here.settings.home
const ref = (attempt: string) => ({ pipeline: 'churn', date: DATE, attempt })
const file = (attempt: string, name: string) => join(layout.attempt(home(), ref(attempt)), name)
const publish = (attempt: string, ...words: string[]) => here.command('publish', 'churn', '--date', DATE, '--attempt', attempt, ...words)
const published = async () => (await currentPublication(home(), 'churn', DATE)) as PublicationRecord
const page = async (path: string) => textOf(await readFile(path, 'utf8'))

/** Two published attempts with different numbers, then one that failed. */
beforeAll(async () => {
  here = await Installation.make()
  await here.define('notify: {}')
  for (const kind of ['good', 'anomalous', 'column-gone'] as const) {
    await here.deliver(DATE, kind)
    await here.runLocally({ rerun: true })
  }
}, 60_000)
afterAll(() => here.remove())

describe('going back', () => {
  beforeEach(async () => {
    await publishAgain(home(), ref('a002'), { by: 'test', why: 'the start of a test' })
  })

  test('readers get the earlier numbers, and record and events say who and why', async () => {
    const { number } = await published()
    const result = await publish('a001', '--reason', 'the new file was wrong')
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining(`attempt a001 is published now as number ${number + 1}`) })
    expect(await published()).toMatchObject({ number: number + 1, attempt: 'a001', why: 'the new file was wrong' })
    for (const name of ['predictions', 'metrics', 'validation'] as const) {
      const door = {
        predictions: (...of: [string, string, string]) => `${layout.publishedPredictions(...of)}.csv`,
        metrics: layout.publishedMetrics,
        validation: layout.publishedValidation,
      }[name]
      const own = file('a001', name === 'predictions' ? 'predictions.csv' : `${name}.json`)
      expect(await readFile(door(home(), 'churn', DATE), 'utf8')).toBe(await readFile(own, 'utf8'))
    }
    expect((await readEvents(home(), ref('a001'))).at(-1)).toMatchObject({
      event: 'published',
      detail: expect.stringMatching(new RegExp(`^publication ${number + 1} by .+: the new file was wrong$`)),
    })
  })

  test("the date's report is the earlier attempt's; the later ones say that it is published; the index follows", async () => {
    await publish('a001', '--reason', 'the <new> file')
    const report = await page(layout.report(home(), 'churn', DATE))
    expect(report).toMatch(/Published by hand, .* UTC, by .+: the <new> file/)
    expect(report).toContain('Attempt a001')
    expect(await page(file('a001', 'report.html'))).toContain('Published by hand')
    for (const later of ['a002', 'a003']) {
      expect(await page(file(later, 'report.html'))).toMatch(/Not published: attempt a001 of .* UTC is published/)
    }
    expect(await page(layout.index(home(), 'churn'))).toMatch(new RegExp(`${DATE} Pass .* yes a001`))
    await publish('a002')
    expect(await page(layout.report(home(), 'churn', DATE))).toMatch(/Warn .*Published by hand.*no reason given/)
  })

  test('to the published attempt changes nothing and says so', async () => {
    const { number } = await published()
    const result = await publish('a002', '--json')
    expect(result.code).toBe(0)
    expect(JSON.parse(result.stdout)).toMatchObject({
      attempt: 'a002',
      changed: false,
      publication: { number },
    })
    expect((await published()).number).toBe(number)
  })

  test('a run that fails afterwards is what the date shows, with the attempt that stays', async () => {
    await publish('a001')
    await here.runLocally({ rerun: true })
    expect(await page(layout.report(home(), 'churn', DATE))).toMatch(/Failed .*attempt a001 of .* UTC stays published/)
    expect(await page(layout.index(home(), 'churn'))).toMatch(/Failed .* yes a004/)
    await rm(dirname(file('a004', 'x')), { recursive: true })
  })

  test('two at once: one is published, the other is told who was first', async () => {
    await publishAgain(home(), ref('a001'), { by: 'test', why: 'before' })
    const other = await here.copyOf('a002', 'a005')
    try {
      const both = await Promise.allSettled(
        ['a002', 'a005'].map((attempt) => publishAgain(home(), ref(attempt), { by: attempt, why: 'at once' })),
      )
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const { attempt } = await published()
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'PublishedMeanwhile', message: expect.stringContaining(`attempt ${attempt} was published as number`) },
      })
    } finally {
      await rm(other, { recursive: true })
    }
  })

  test('control characters of a reason do not reach the terminal', async () => {
    const { stdout } = await publish('a001', '--reason', '\u001b[31mred\u0007')
    expect(stdout).toContain('[31mred')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
  })
})

describe('refused, with nothing published', () => {
  let before: readonly string[]
  const records = () => readdir(layout.publications(home(), 'churn', DATE))
  beforeEach(async () => {
    await publishAgain(home(), ref('a002'), { by: 'test', why: 'the start of a test' })
    before = await records()
  })

  test('an attempt that does not exist: what there is is named', async () => {
    const result = await publish('a009', '--json')
    expect(result.code).toBe(2)
    expect(JSON.parse(result.stdout).error).toMatchObject({ code: 'AttemptUnknown', details: ['there is a001, a002, a003'] })
    const otherDate = await here.command('publish', 'churn', '--date', '2026-03-09', '--attempt', 'a001')
    expect(otherDate).toMatchObject({ code: 2, stderr: expect.stringContaining('the date never ran') })
    expect(await records()).toEqual(before)
  })

  test('an attempt that failed, with its reason', async () => {
    const result = await publish('a003')
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('ended as failed') })
    expect(result.stderr).toContain('column "income" is missing')
    expect(await records()).toEqual(before)
  })

  test('an attempt whose run has not ended', async () => {
    const { attempt } = await createAttempt(home(), {
      pipeline: 'churn',
      date: DATE,
      runKey: 'test',
      kind: 'manual',
      startedAt: new Date().toISOString(),
      seenPublication: 0,
    })
    const result = await publish(attempt)
    await rm(dirname(file(attempt, 'x')), { recursive: true })
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('is not sealed') })
  })

  test('an attempt whose files are not as they were sealed, each file named', async () => {
    const damaged = await here.copyOf('a001', 'a006')
    await appendFile(join(damaged, 'predictions.csv'), 'one more row\n')
    await rm(join(damaged, 'metrics.json'))
    const result = await publish('a006', '--json')
    await rm(damaged, { recursive: true })
    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout).error).toMatchObject({
      code: 'StorageDamaged',
      details: [expect.stringMatching(/^predictions\.csv is not what was sealed/), 'metrics.json is missing'],
    })
    expect(await records()).toEqual(before)
  })

  test.each([
    [['publish', 'chrun', '--date', DATE, '--attempt', 'a001'], 'no pipeline "chrun" has run'],
    [['publish', '../home', '--date', DATE, '--attempt', 'a001'], 'no pipeline "../home" has run'],
    [['publish', 'churn', '--date', '2026-02-30', '--attempt', 'a001'], 'is not a calendar day'],
    [['publish', 'churn', '--date', DATE, '--attempt', '../a001'], 'there is no attempt "../a001"'],
    [['publish', 'churn', '--date', DATE], '--attempt'],
  ])('%j', async (words, said) => {
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) })
  })
})
