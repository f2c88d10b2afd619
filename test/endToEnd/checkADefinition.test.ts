/** `check` and `model` say of a definition, a file and a model what a run would find, before anything runs. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readManifest } from '../../engine/storage/attempts.js'
import { layout } from '../../engine/storage/layout.js'
import { DATE } from '../setup/installation.js'
import { invertedModel, treeModel } from '../setup/onnxBuilder.js'
import { localDay } from './localDay.js'

const { here, local } = localDay()

describe('check and model', () => {
  test('a model whose own labels are the other way round is refused before anything is predicted, by check and by a run', async () => {
    await writeFile(join(here().project.pipelines, 'churn', 'model', 'inverted.onnx'), invertedModel([1, 0, 0, 0], -50))
    await here().define("notify: {}, model: { file: 'model/inverted.onnx', version: '2', task: { ...churn.model.task, scores: 'logit' } }")
    await here().deliver(DATE)
    const checked = await here().command('check', 'churn', '--input', here().inputPath(DATE), '--json')
    expect(checked.code).toBe(2)
    const refused = {
      code: 'ModelMismatch',
      message: expect.stringContaining('contradicts itself'),
      next: expect.stringContaining('label'),
    }
    expect(JSON.parse(checked.stdout).error).toMatchObject(refused)
    const run = await local('--json')
    expect(run.code).toBe(2)
    expect(JSON.parse(run.stdout).problem).toMatchObject({ ...refused, step: 'inspect' })
  })

  test('check tells the whole contract of a file without scoring it', async () => {
    await here().deliver(DATE, 'some-bad-rows')
    const result = await here().command('check', 'churn', '--input', here().inputPath(DATE), '--json')
    expect(result.code).toBe(0)
    const { valid, goldenRows, validation } = JSON.parse(result.stdout)
    expect({ valid, goldenRows }).toEqual({ valid: true, goldenRows: 200 })
    expect(validation.accounts).toEqual({ read: 5000, predicted: 4980, rejected: 20 })
    await mkdir(here().settings.home, { recursive: true })
    expect(await readManifest(here().settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' })).toBeUndefined()
  })

  test('check says why a value is wrong, and what would help', async () => {
    const header = 'customer_id,age,income,purchase_history,last_purchase_date'
    const rows = ['1,130,1,1,2026-01-01', '2,131,1,1,2026-01-01', '3,20,"1,5",1,2026-01-01', '4,20,1,1', '5,,1,1,2026-01-01']
    const file = join(here().folder, 'given.csv')
    await writeFile(file, `${header}\n${rows.join('\n')}\n`)
    const { stdout } = await here().command('check', 'churn', '--input', file)
    for (const said of [
      'age  number.max: 2 (lines 2, 3), such as "130"\n    age "130" is above 120',
      'income  number.invalid: 1 (lines 4), such as "1,5"\n    income "1,5" is not a number: it has a decimal comma (decimal: \',\' would accept it)',
      'row  row.fields: 1 (lines 5), such as "4,20,1,1"\n    the row has 4 fields',
      'age  null: 1 (lines 6)\n    age is blank',
    ]) {
      expect(stdout).toContain(said)
    }
    const { validation } = JSON.parse((await here().command('check', 'churn', '--input', file, '--json')).stdout)
    expect(validation.findings[0]).toMatchObject({ rule: 'number.max', example: '130', reason: 'age "130" is above 120' })
    // What a run writes has none: its bytes count for the digest.
    await local('--input', file)
    const attempt = layout.attempt(here().settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' })
    expect(await readFile(join(attempt, 'validation.json'), 'utf8')).not.toContain('"reason"')
  })

  test('check says what it could not check', async () => {
    await writeFile(join(here().project.pipelines, 'churn', 'model', 'tree.onnx'), treeModel({ place: 1 }))
    await here().define(
      "notify: {}, model: { file: 'model/tree.onnx', version: '2', task: { kind: 'regression', name: 'value' } }, output: {}, anomalies: []",
    )
    const { code, stdout } = await here().command('check', 'churn')
    expect(code).toBe(0)
    expect(stdout).toContain('that 4 are right was not checked. Its trees look at the first 2 alone.')
  })

  test('model describes a file, and refuses what is none with the reason', async () => {
    const good = await here().command('model', join(here().project.pipelines, 'churn', 'model', 'churn.onnx'), '--json')
    expect(good.code).toBe(0)
    expect(JSON.parse(good.stdout)).toMatchObject({ usable: true, repairs: [expect.stringContaining('ZipMap removed')] })
    const bad = await here().command('model', join(here().folder, 'none.onnx'), '--json')
    expect(bad.code).toBe(2)
    expect(JSON.parse(bad.stdout).error.code).toBe('ModelUnusable')
  })
})
