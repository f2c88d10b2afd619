/** Others read our files by the published schemas: these must fit what real runs write, of every kind of outcome. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { readIfThere } from '../../engine/files/fileSystem.js'
import { layout } from '../../engine/storage/layout.js'
import { runLocally } from '../../worker/localRun.js'
import { Installation } from '../setup/installation.js'

const SCHEMAS = fileURLToPath(new URL('../../../docs/schemas/', import.meta.url))
let here: Installation

beforeEach(async () => {
  here = await Installation.make()
})

afterEach(() => here.remove())

async function schema(name: string) {
  return z.fromJSONSchema(JSON.parse(await readFile(`${SCHEMAS}${name}.schema.json`, 'utf8')))
}

test.each([
  ['good', '2026-03-03', 'pass'],
  ['some-bad-rows', '2026-03-04', 'warn'],
  ['column-gone', '2026-03-05', 'failed'],
  ['anomalous', '2026-03-06', 'warn'],
] as const)('the files of a day that is %s', async (kind, date, verdict) => {
  await here.deliver(date, kind)
  const result = await runLocally(
    { pipeline: 'churn', date, kind: 'manual', rerun: false },
    { settings: here.settings, signal: new AbortController().signal, onProgress: () => {} },
  )
  expect(result.verdict).toBe(verdict)
  const folder = layout.attempt(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })
  for (const name of ['manifest', 'validation', 'metrics', 'profile']) {
    const text = await readIfThere(join(folder, `${name}.json`))
    if (text === undefined) expect([['metrics', 'profile'], verdict]).toEqual([expect.arrayContaining([name]), 'failed'])
    else expect((await schema(name)).safeParse(JSON.parse(text)).error?.issues ?? []).toEqual([])
  }
  const events = (await readFile(join(folder, 'events.jsonl'), 'utf8')).trimEnd().split('\n')
  for (const line of events) (await schema('event')).parse(JSON.parse(line))
  const publication = await readIfThere(join(layout.publications(here.settings.home, 'churn', date), '0001.json'))
  expect(publication === undefined).toBe(verdict === 'failed')
  if (publication) (await schema('publication')).parse(JSON.parse(publication))
})

test('the files of a day that came as a compressed set, with bad lines', async () => {
  await here.deliver('2026-03-04', 'some-bad-rows')
  const text = await readFile(here.inputPath('2026-03-04'), 'utf8')
  await writeFile(`${here.inputPath('2026-03-04')}.1.gz`, gzipSync(text))
  await writeFile(`${here.inputPath('2026-03-04')}.2.gz`, gzipSync(text))
  await here.define("notify: {}, input: { ...base.input, path: 'data/daily/customers_{date}.csv.?.gz' }")
  expect(await here.runLocally({ date: '2026-03-04' })).toMatchObject({ published: true })
  const folder = layout.attempt(here.settings.home, { pipeline: 'churn', date: '2026-03-04', attempt: 'a001' })
  for (const name of ['manifest', 'validation']) {
    const found = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as unknown
    expect((await schema(name)).safeParse(found).error?.issues ?? []).toEqual([])
  }
})

test('a file that is not as described does not fit: the test can fail', async () => {
  expect((await schema('manifest')).safeParse({ format: 1 }).success).toBe(false)
  expect((await schema('validation')).safeParse({ valid: 'yes' }).success).toBe(false)
})
