import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { PredictionChanges } from '../../engine/quality/compareAttempts.js'
import { layout } from '../../engine/storage/layout.js'
import { DATE, install } from '../setup/installation.js'

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
