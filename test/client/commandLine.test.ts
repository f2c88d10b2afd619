/** The command line as scripts and people meet it: exit codes, one JSON document, words that name the place. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readManifest } from '../../engine/storage/attempts.js'
import { layout } from '../../engine/storage/layout.js'
import { currentPublication } from '../../engine/storage/publications.js'
import { invertedModel, linearRegressorModel, treeModel } from '../engine/model/onnxBuilder.js'
import { Installation, until, WAITS_LONG } from '../installation.js'

const date = '2026-03-03'
let here: Installation

beforeEach(async () => {
  here = await Installation.make()
  await here.define('notify: {}')
})

afterEach(() => here.remove())

const local = (...words: string[]) => here.command('run', 'churn', '--local', '--date', date, ...words)

describe('run --local', () => {
  test('publishes a good day, does nothing the second time, and makes a new attempt when told', async () => {
    await here.deliver(date)
    const first = await local('--json')
    expect(first.code).toBe(0)
    expect(JSON.parse(first.stdout)).toMatchObject({ verdict: 'pass', published: true, attempt: 'a001' })
    const second = await local()
    expect(second.code).toBe(0)
    expect(second.stdout).toContain('published already (attempt a001, pass); nothing was done')
    const third = JSON.parse((await local('--rerun', '--json')).stdout)
    expect(third).toMatchObject({ attempt: 'a002', published: true, resultsDigest: JSON.parse(first.stdout).resultsDigest })
    const predictions = await readFile(join(here.settings.home, 'churn', 'predictions', `predictions_${date}.csv`), 'utf8')
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
    const file = join(here.folder, 'given.csv')
    await writeFile(file, content)
    const result = await local('--input', file)
    if (content === '') {
      // An empty file has not arrived.
      expect(result).toMatchObject({ code: 4, stdout: expect.stringContaining('empty') })
      return
    }
    expect(result.code).toBe(code)
    expect(result.stdout).toContain(reason)
    const manifest = await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })
    expect(manifest?.verdict).toBe('failed')
    expect(await readFile(join(here.settings.home, 'churn', 'reports', `report_${date}.html`), 'utf8')).toContain('Nothing is published')
  })

  test('columns may come in another order, and others may stand between them', async () => {
    const file = join(here.folder, 'given.csv')
    await writeFile(file, 'last_purchase_date,note,age,customer_id,purchase_history,income\n2026-01-01,x,30,7,4,50000\n')
    expect(JSON.parse((await local('--input', file, '--json')).stdout)).toMatchObject({
      published: true,
      accounts: { read: 1, predicted: 1 },
    })
  })

  test('a file given by hand that is not there ends at once with 4', async () => {
    const result = await local('--input', join(here.folder, 'nowhere.csv'))
    expect(result.code).toBe(4)
    expect(result.stdout).toContain('there is no such file')
  })

  test('an anomaly rule that says fail refuses the day with 5 and publishes nothing', async () => {
    await here.define("notify: {}, anomalies: [{ rule: 'positive-rate', above: 0.01, action: 'fail', fits: { binary: true } }]")
    await here.deliver(date)
    const result = await local('--json')
    expect(result.code).toBe(5)
    expect(JSON.parse(result.stdout)).toMatchObject({ verdict: 'refused', published: false, problem: { code: 'AnomalyRefused' } })
  })

  test.each(['waits', 'scores'])('Ctrl-C while it %s seals the attempt as cancelled, publishes nothing and ends with 130', async (what) => {
    await here.define(WAITS_LONG)
    if (what === 'scores') await here.deliverSlow()
    const running = here.startCommand('run', 'churn', '--local', '--date', date)
    const sign = what === 'scores' ? 'Predict' : 'Wait for the input'
    await until(`the run ${what}`, () => running.said().includes(sign))
    running.signal('SIGINT')
    const { code, stdout } = await running.result
    expect(code).toBe(130)
    expect(stdout).toContain('cancelled, not published (attempt a001)')
    expect(await here.manifest()).toMatchObject({ verdict: 'cancelled', problem: { code: 'Interrupted' } })
    expect(await currentPublication(here.settings.home, 'churn', date)).toBeUndefined()
  })

  test('a home that is no folder is named', async () => {
    await writeFile(join(here.folder, 'file'), '')
    await here.deliver(date)
    const result = await local('--home', join(here.folder, 'file'))
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('The output folder cannot be used (HomeUnusable)')
  })
})

describe('a wrong command or definition ends with 2 and words', () => {
  test.each([
    [['run', 'churn', '--local', '--date', '2026-02-30'], '"2026-02-30" is not a calendar day'],
    [['run', 'chrun', '--local', '--date', date], 'did you mean "churn"?'],
    [['run', 'churn'], '--date'],
    [['rum'], 'rum'],
  ])('%j', async (words, said) => {
    const result = await here.command(...words)
    expect(result.code).toBe(2)
    expect(result.stderr).toContain(said)
  })

  test('a definition that does not compile is named with file and line, and the run has a report', async () => {
    await writeFile(join(here.project.pipelines, 'churn', 'pipeline.ts'), "import { colum } from 'daybreak'\nexport default colum\n")
    const result = await local()
    expect(result.code).toBe(2)
    expect(result.stdout).toContain('pipelines/churn/pipeline.ts:1')
    expect(await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })).toMatchObject({
      problem: { code: 'DefinitionInvalid' },
    })
  })

  test.each([
    ['missing', "model: { ...churn.model, file: 'model/none.onnx' }", 'ModelUnusable'],
    ['corrupt', "model: { ...churn.model, file: 'README.md' }", 'ModelUnusable'],
    ['with too few features', 'features: { age: churn.features.age }', 'ModelMismatch'],
    ['with other answers than its golden rows', 'features: { ...churn.features, age: (row) => row.age + 40 }', 'GoldenRowsDiffer'],
  ])('a model %s is refused before data is read', async (_name, overrides, code) => {
    await here.define(`notify: {}, ${overrides}`)
    await here.deliver(date)
    const result = await local('--json')
    expect(result.code).toBe(2)
    expect(JSON.parse(result.stdout).problem).toMatchObject({ code, step: 'inspect' })
  })
})

describe('check and model', () => {
  test('a model whose own labels are the other way round is refused before anything is predicted, by check and by a run', async () => {
    await writeFile(join(here.project.pipelines, 'churn', 'model', 'inverted.onnx'), invertedModel([1, 0, 0, 0], -50))
    await here.define("notify: {}, model: { file: 'model/inverted.onnx', version: '2', task: { ...churn.model.task, scores: 'logit' } }")
    await here.deliver(date)
    const checked = await here.command('check', 'churn', '--input', here.inputPath(date), '--json')
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
    await here.deliver(date, 'some-bad-rows')
    const result = await here.command('check', 'churn', '--input', here.inputPath(date), '--json')
    expect(result.code).toBe(0)
    const { valid, goldenRows, validation } = JSON.parse(result.stdout)
    expect({ valid, goldenRows }).toEqual({ valid: true, goldenRows: 200 })
    expect(validation.accounts).toEqual({ read: 5000, predicted: 4980, rejected: 20 })
    await mkdir(here.settings.home, { recursive: true })
    expect(await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })).toBeUndefined()
  })

  test('check says why a value is wrong, and what would help', async () => {
    const header = 'customer_id,age,income,purchase_history,last_purchase_date'
    const rows = ['1,130,1,1,2026-01-01', '2,131,1,1,2026-01-01', '3,20,"1,5",1,2026-01-01', '4,20,1,1', '5,,1,1,2026-01-01']
    const file = join(here.folder, 'given.csv')
    await writeFile(file, `${header}\n${rows.join('\n')}\n`)
    const { stdout } = await here.command('check', 'churn', '--input', file)
    for (const said of [
      'age  number.max: 2 (lines 2, 3), such as "130"\n    age "130" is above 120',
      'income  number.invalid: 1 (lines 4), such as "1,5"\n    income "1,5" is not a number: it has a decimal comma (decimal: \',\' would accept it)',
      'row  row.fields: 1 (lines 5), such as "4,20,1,1"\n    the row has 4 fields',
      'age  null: 1 (lines 6)\n    age is blank',
    ]) {
      expect(stdout).toContain(said)
    }
    const { validation } = JSON.parse((await here.command('check', 'churn', '--input', file, '--json')).stdout)
    expect(validation.findings[0]).toMatchObject({ rule: 'number.max', example: '130', reason: 'age "130" is above 120' })
    // What a run writes has none: its bytes count for the digest.
    await local('--input', file)
    const attempt = layout.attempt(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })
    expect(await readFile(join(attempt, 'validation.json'), 'utf8')).not.toContain('"reason"')
  })

  test('scores that are no probabilities are refused with what to declare', async () => {
    await writeFile(
      join(here.project.pipelines, 'churn', 'model', 'margins.onnx'),
      linearRegressorModel({ coefficients: [1, 0, 0, 0], intercept: -50 }),
    )
    await here.define("notify: {}, model: { file: 'model/margins.onnx', version: '2', task: churn.model.task }")
    await here.deliver(date)
    const { problem } = JSON.parse((await local('--json')).stdout)
    expect(problem).toMatchObject({ code: 'ResultCheckFailed', next: expect.stringMatching(/scores: 'logit' or scores: 'margin'/) })
  })

  test('check says what it could not check', async () => {
    await writeFile(join(here.project.pipelines, 'churn', 'model', 'tree.onnx'), treeModel({ place: 1 }))
    await here.define(
      "notify: {}, model: { file: 'model/tree.onnx', version: '2', task: { kind: 'regression', name: 'value' } }, output: {}, anomalies: []",
    )
    const { code, stdout } = await here.command('check', 'churn')
    expect(code).toBe(0)
    expect(stdout).toContain('that 4 are right was not checked. Its trees look at the first 2 alone.')
  })

  test('model describes a file, and refuses what is none with the reason', async () => {
    const good = await here.command('model', join(here.project.pipelines, 'churn', 'model', 'churn.onnx'), '--json')
    expect(good.code).toBe(0)
    expect(JSON.parse(good.stdout)).toMatchObject({ usable: true, repairs: [expect.stringContaining('ZipMap removed')] })
    const bad = await here.command('model', join(here.folder, 'none.onnx'), '--json')
    expect(bad.code).toBe(2)
    expect(JSON.parse(bad.stdout).error.code).toBe('ModelUnusable')
  })
})
