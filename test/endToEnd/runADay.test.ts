/** Scripts and people meet the command line here: by exit codes, by one JSON document, by words that name the place. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readManifest } from '../../engine/storage/attempts.js'
import { currentPublication } from '../../engine/storage/publications.js'
import { DATE, until, WAITS_LONG } from '../setup/installation.js'
import { linearRegressorModel } from '../setup/onnxBuilder.js'
import { localDay } from './localDay.js'

const { here, local } = localDay()

describe('run --local', () => {
  test('publishes a good day, does nothing the second time, and makes a new attempt when told', async () => {
    await here().deliver(DATE)
    const first = await local('--json')
    expect(first.code).toBe(0)
    expect(JSON.parse(first.stdout)).toMatchObject({ verdict: 'pass', published: true, attempt: 'a001' })
    const second = await local()
    expect(second.code).toBe(0)
    expect(second.stdout).toContain('published already (attempt a001, pass); nothing was done')
    const third = JSON.parse((await local('--rerun', '--json')).stdout)
    expect(third).toMatchObject({ attempt: 'a002', published: true, resultsDigest: JSON.parse(first.stdout).resultsDigest })
    const predictions = await readFile(join(here().settings.home, 'churn', 'predictions', `predictions_${DATE}.csv`), 'utf8')
    expect(predictions.split('\n', 1)[0]).toBe('customer_id,prediction,probability,timestamp')
  })

  test.each([
    ['an empty file', '', 'is empty', 3],
    ['a header only', 'customer_id,age,income,purchase_history,last_purchase_date\n', 'has a header but no rows', 3],
    ['an HTML page', '<!doctype html><html></html>', 'is an HTML page', 3],
    [
      'a column doubled',
      'customer_id,age,age,income,purchase_history,last_purchase_date\n1,2,2,3,4,2026-01-01\n',
      'column "age" stands 2 times',
      3,
    ],
    ['columns gone', 'customer_id,age\n1,2\n', '3 columns are missing or doubled', 3],
    ['another delimiter', 'customer_id;age;income;purchase_history;last_purchase_date\n1;2;3;4;2026-01-01\n', 'with 4 of semicolon', 3],
    [
      'rows beyond the budget',
      `customer_id,age,income,purchase_history,last_purchase_date\n${'1,old,3,4,2026-01-01\n'.repeat(50)}`,
      '50 of 50 rows were rejected',
      3,
    ],
  ])('%s is refused once, with a report and the reason', async (_name, content, reason, code) => {
    const file = join(here().folder, 'given.csv')
    await writeFile(file, content)
    const result = await local('--input', file)
    if (content === '') {
      // An empty file has not arrived.
      expect(result).toMatchObject({ code: 4, stdout: expect.stringContaining('empty') })
      return
    }
    expect(result.code).toBe(code)
    expect(result.stdout).toContain(reason)
    const manifest = await readManifest(here().settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' })
    expect(manifest?.verdict).toBe('failed')
    expect(await readFile(join(here().settings.home, 'churn', 'reports', `report_${DATE}.html`), 'utf8')).toContain('Nothing is published')
  })

  test('columns may come in another order, and others may stand between them', async () => {
    const file = join(here().folder, 'given.csv')
    await writeFile(file, 'last_purchase_date,note,age,customer_id,purchase_history,income\n2026-01-01,x,30,7,4,50000\n')
    expect(JSON.parse((await local('--input', file, '--json')).stdout)).toMatchObject({
      published: true,
      accounts: { read: 1, predicted: 1 },
    })
  })

  test('a file given by hand that is not there ends at once with 4', async () => {
    const result = await local('--input', join(here().folder, 'nowhere.csv'))
    expect(result.code).toBe(4)
    expect(result.stdout).toContain('there is no such file')
  })

  test('an anomaly rule that says fail refuses the day with 5 and publishes nothing', async () => {
    await here().define("notify: {}, anomalies: [{ rule: 'positive-rate', above: 0.01, action: 'fail', fits: { binary: true } }]")
    await here().deliver(DATE)
    const result = await local('--json')
    expect(result.code).toBe(5)
    expect(JSON.parse(result.stdout)).toMatchObject({ verdict: 'refused', published: false, problem: { code: 'AnomalyRefused' } })
  })

  test.each(['waits', 'scores'])('Ctrl-C while it %s seals the attempt as cancelled, publishes nothing and ends with 130', async (what) => {
    await here().define(WAITS_LONG)
    if (what === 'scores') await here().deliverSlow()
    const running = here().startCommand('run', 'churn', '--local', '--date', DATE)
    const sign = what === 'scores' ? 'Predict' : 'Wait for the input'
    await until(`the run ${what}`, () => running.said().includes(sign))
    running.signal('SIGINT')
    const { code, stdout } = await running.result
    expect(code).toBe(130)
    expect(stdout).toContain('cancelled, not published (attempt a001)')
    expect(await here().manifest()).toMatchObject({ verdict: 'cancelled', problem: { code: 'Interrupted' } })
    expect(await currentPublication(here().settings.home, 'churn', DATE)).toBeUndefined()
  })

  test('a day of which no row is left fails whatever its budget, and is not told to raise it', async () => {
    await here().define('notify: {}, input: { ...base.input, rejects: { maxRatio: 1 } }')
    await here().deliver()
    const header = 'customer_id,age,income,purchase_history,last_purchase_date'
    await writeFile(here().inputPath(), `${header}\n1,old,1,1,2026-01-01\n2,old,1,1,2026-01-01\n`)
    const { code, stdout } = await local('--json')
    expect(code).toBe(3)
    const { code: name, next } = JSON.parse(stdout).problem
    expect(name).toBe('RejectBudgetExceeded')
    expect(next).toContain('Raising input.rejects does not help')
  })

  test('scores that are no probabilities are refused with what to declare', async () => {
    await writeFile(
      join(here().project.pipelines, 'churn', 'model', 'margins.onnx'),
      linearRegressorModel({ coefficients: [1, 0, 0, 0], intercept: -50 }),
    )
    await here().define("notify: {}, model: { file: 'model/margins.onnx', version: '2', task: churn.model.task }")
    await here().deliver(DATE)
    const { problem } = JSON.parse((await local('--json')).stdout)
    expect(problem).toMatchObject({ code: 'ResultCheckFailed', next: expect.stringMatching(/scores: 'logit' or scores: 'margin'/) })
  })

  test('a home that is no folder is named', async () => {
    await writeFile(join(here().folder, 'file'), '')
    await here().deliver(DATE)
    const result = await local('--home', join(here().folder, 'file'))
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('The output folder cannot be used (HomeUnusable)')
  })
})

describe('a wrong command or definition ends with 2 and words', () => {
  test.each([
    [['run', 'churn', '--local', '--date', '2026-02-30'], '"2026-02-30" is not a calendar day'],
    [['run', 'chrun', '--local', '--date', DATE], 'did you mean "churn"?'],
    [['run', 'churn'], '--date'],
    [['rum'], 'rum'],
  ])('%j', async (words, said) => {
    const result = await here().command(...words)
    expect(result.code).toBe(2)
    expect(result.stderr).toContain(said)
  })

  test('a definition that does not compile is named with file and line, and the run has a report', async () => {
    await writeFile(join(here().project.pipelines, 'churn', 'pipeline.ts'), "import { colum } from 'daybreak'\nexport default colum\n")
    const result = await local()
    expect(result.code).toBe(2)
    expect(result.stdout).toContain('pipelines/churn/pipeline.ts:1')
    expect(await readManifest(here().settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' })).toMatchObject({
      problem: { code: 'DefinitionInvalid' },
    })
  })

  test.each([
    ['missing', "model: { ...churn.model, file: 'model/none.onnx' }", 'ModelUnusable'],
    ['corrupt', "model: { ...churn.model, file: 'README.md' }", 'ModelUnusable'],
    ['with too few features', 'features: { age: churn.features.age }', 'ModelMismatch'],
    ['with other answers than its golden rows', 'features: { ...churn.features, age: (row) => row.age + 40 }', 'GoldenRowsDiffer'],
  ])('a model %s is refused before data is read', async (_name, overrides, code) => {
    await here().define(`notify: {}, ${overrides}`)
    await here().deliver(DATE)
    const result = await local('--json')
    expect(result.code).toBe(2)
    expect(JSON.parse(result.stdout).problem).toMatchObject({ code, step: 'inspect' })
  })
})
