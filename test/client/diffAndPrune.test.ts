/** `diff`: what two attempts of a date differ in. `prune`: what goes and what never does. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PredictionChanges } from '../../engine/quality/compareAttempts.js'
import { comparePredictions } from '../../engine/quality/compareAttempts.js'
import { layout } from '../../engine/storage/layout.js'
import { verifyDate } from '../../engine/storage/verify.js'
import { DATE, install } from '../installation.js'

const MINUTE = { timeout: 60_000 }

describe.concurrent('diff', () => {
  test('of a rerun of the same finds the same results and exits 0; the report and manifest say so too', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    await here.runLocally()
    await here.runLocally({ rerun: true })
    const result = await here.command('diff', 'churn', '--date', DATE, '--json')
    expect(result.code).toBe(0)
    expect(JSON.parse(result.stdout)).toMatchObject({
      before: 'a001',
      after: 'a002',
      sameResults: true,
      differences: [],
      predictions: { compared: 5000, added: 0, gone: 0, labelsChanged: 0, meanChange: 0, largestChange: null },
    })
    expect((await here.manifest('a002'))?.comparison).toEqual({ attempt: 'a001', sameResults: true, changed: [] })
    expect(await readFile(layout.report(here.settings.home, 'churn', DATE), 'utf8')).toContain('the results of attempt a001')
  })

  test('names rows added and gone, labels changed, scores, and the fingerprint that differs', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    await here.runLocally()
    const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
    // The first row goes, the second gets other figures, one comes at the end.
    const changed = rows[1]!.replace(/^([^,]*),[^,]*,[^,]*,[^,]*/, '$1,20,10000,0')
    await writeFile(here.inputPath(), `${[header, changed, ...rows.slice(2), rows[2]!.replace(/^[^,]*/, 'NEW-1')].join('\n')}\n`)
    await here.runLocally({ rerun: true })
    const result = await here.command('diff', 'churn', '--date', DATE, '--attempts', 'a001', 'a002', '--json')
    expect(result.code).toBe(1)
    const { differences, predictions } = JSON.parse(result.stdout) as { differences: { what: string }[]; predictions: PredictionChanges }
    expect(differences.map(({ what }) => what)).toEqual(['input', 'results'])
    expect(predictions).toMatchObject({ matchedBy: 'key', compared: 4999, added: 1, gone: 1, examples: { added: ['NEW-1'] } })
    expect(predictions.largestChange?.key).toBe(changed.split(',')[0])
    expect((await here.manifest('a002'))?.comparison).toEqual({ attempt: 'a001', sameResults: false, changed: ['input'] })
    const words = await here.command('diff', 'churn', '--date', DATE)
    expect(words.stdout).toMatch(/added +1: NEW-1[\s\S]*a001 and a002 have different results/)
  })

  test('matches rows whatever their order, twice the same key, and a label that flips', MINUTE, async (context) => {
    const here = await install(context)
    const [before, after] = [join(here.folder, 'a.csv'), join(here.folder, 'b.csv')]
    await writeFile(before, 'id,prediction,probability\nx,1,0.75\ny,0,0.9\nz,1,0.6\nz,0,0.7\n')
    await writeFile(after, 'id,prediction,probability\nz,1,0.6\ny,1,0.5\nw,0,0.5\nz,0,0.7\nx,1,0.75\n')
    expect(await comparePredictions([before], [after], { key: 'id', task: 'binary', positive: 1 })).toMatchObject({
      compared: 4,
      added: 1,
      gone: 0,
      labelsChanged: 1,
      largestChange: { key: 'y', from: expect.closeTo(0.1), to: 0.5 },
      examples: { added: ['w'], labels: [{ key: 'y', from: '0', to: '1' }] },
    })
  })

  test('of one attempt, or one that is not there, says what there is', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    await here.runLocally()
    expect(await here.command('diff', 'churn', '--date', DATE)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a001 have results'),
    })
    expect((await here.command('diff', 'churn', '--date', DATE, '--attempts', 'a001', 'a007')).code).toBe(2)
  })
})

describe.concurrent('prune', () => {
  const HOLDS = "notify: {}, anomalies: [{ ...churn.anomalies[0], below: 0.01, above: 0.5, action: 'hold' }]"

  test('removes old attempts that nobody sees, and never what is published, held or newest of its date', MINUTE, async (context) => {
    const here = await install(context, HOLDS)
    const words = ['prune', 'churn', '--keep-days', '0']
    await here.deliver(DATE, 'anomalous')
    await here.runLocally()
    await here.deliver()
    for (let time = 0; time < 3; time += 1) await here.runLocally({ rerun: true })
    expect((await here.command('publish', 'churn', '--date', DATE, '--attempt', 'a002')).code).toBe(0)
    await here.deliver(DATE, 'column-gone')
    await here.runLocally({ rerun: true })
    // a001 held, a002 published, a003 and a004 published before, a005 failed and newest.
    const dry = await here.command(...words, '--dry-run', '--json')
    expect(JSON.parse(dry.stdout)).toMatchObject({ removed: 0, attempts: [{ attempt: 'a001' }, { attempt: 'a003' }, { attempt: 'a004' }] })
    expect(await here.attempts()).toHaveLength(5)
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await here.command('prune', '--keep-days', '7', '--yes')).stdout).toContain('Nothing to remove')
    expect((await here.command(...words, '--yes')).code).toBe(0)
    expect(await here.attempts()).toEqual(['a002', 'a005'])
    expect((await verifyDate(here.settings.home, 'churn', DATE)).differences).toEqual([])
    expect(await here.runLocally({ rerun: true })).toMatchObject({ attempt: 'a006' })
  })

  test('leaves a held attempt that waits, and one that runs', MINUTE, async (context) => {
    const here = await install(context, HOLDS)
    await here.deliver(DATE, 'anomalous')
    await here.runLocally()
    await here.runLocally({ rerun: true })
    const unsealed = await here.copyOf('a001', 'a003')
    await rm(join(unsealed, 'manifest.json'))
    await here.copyOf('a001', 'a004')
    expect((await here.command('prune', 'churn', '--keep-days', '0', '--yes')).stdout).toContain('Nothing to remove')
  })
})
