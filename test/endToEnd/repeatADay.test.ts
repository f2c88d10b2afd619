/**
 * The same input, model and definition must give the same results digest: in any zone, locale and number of threads, and by three runs at
 * once.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DayResult } from '../../engine/protocol/steps.js'
import { listPublications } from '../../engine/storage/publications.js'
import { verifyDate } from '../../engine/storage/verify.js'
import { DATE, install } from '../setup/installation.js'
import { deliverMixed, mixedForm } from '../setup/mixedForm.js'

const MINUTE = { timeout: 90_000 }

describe.concurrent('a local run', () => {
  test.for(['csv', 'jsonl'] as const)(
    'gives the same results in any time zone, locale and number of threads: %s',
    MINUTE,
    async (form, context) => {
      const here = await install(context, form === 'csv' ? 'notify: {}' : mixedForm())
      await here.deliver(DATE, 'some-bad-rows')
      if (form === 'jsonl') await deliverMixed(here)
      const digests: (string | undefined)[] = []
      const files = new Set<string>()
      for (const env of [
        { TZ: 'UTC', LANG: 'C', DAYBREAK_THREADS: '1' },
        { TZ: 'Asia/Kolkata', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', DAYBREAK_THREADS: '2' },
        { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', DAYBREAK_THREADS: '3' },
        { TZ: 'America/St_Johns', LANG: 'ar_EG.UTF-8', LC_NUMERIC: 'ar_EG.UTF-8', DAYBREAK_THREADS: '4' },
      ]) {
        const { stdout } = await here.commandWith(env, 'run', 'churn', '--date', DATE, '--local', '--rerun', '--json')
        const result = JSON.parse(stdout) as DayResult
        digests.push(result.resultsDigest)
        const names = form === 'csv' ? [''] : (await readdir(result.predictions!)).sort()
        const text = (await Promise.all(names.map((name) => readFile(join(result.predictions!, name), 'utf8')))).join('')
        files.add(text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'started'))
      }
      expect(new Set(digests).size).toBe(1)
      expect(digests[0]).toMatch(/^[0-9a-f]{64}$/)
      expect(files.size).toBe(1)
      const manifests = await Promise.all(['a002', 'a003', 'a004'].map((attempt) => here.manifest(attempt)))
      for (const manifest of manifests) expect(manifest?.comparison).toMatchObject({ sameResults: true, changed: [] })
    },
  )

  test('beside another one and one by Temporal, all of one date at once: one publishes, the others are told', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    await here.startWorker()
    const words = ['run', 'churn', '--date', DATE, '--json']
    const all = await Promise.all([here.command(...words, '--local'), here.command(...words, '--local'), here.command(...words)])
    const results = all.map(({ stdout }) => JSON.parse(stdout) as DayResult)
    const published = results.filter(({ published: did }) => did)
    expect(published).toHaveLength(1)
    for (const result of results.filter(({ published: did }) => !did)) {
      if (!result.alreadyPublished) expect(result.problem?.code).toBe('PublishedMeanwhile')
    }
    expect(await listPublications(here.settings.home, 'churn', DATE)).toMatchObject([{ number: 1, attempt: published[0]?.attempt }])
    const { attempts, differences } = await verifyDate(here.settings.home, 'churn', DATE)
    expect([...attempts.flatMap((attempt) => attempt.differences), ...differences]).toEqual([])
    expect(new Set(attempts.flatMap(({ resultsDigest }) => resultsDigest ?? [])).size).toBe(1)
  })
})
