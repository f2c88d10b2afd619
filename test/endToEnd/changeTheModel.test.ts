/** It must be known which model a run used, and a version must never mean two files. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { DATE, type Installation, install } from '../setup/installation.js'
import { linearClassifierModel } from '../setup/onnxBuilder.js'

const MINUTE = { timeout: 60_000 }
const folderOf = (here: Installation) => join(here.project.pipelines, 'churn', 'model')
const another = (bias: number) =>
  linearClassifierModel({ features: 4, coefficients: [[0.001, 0, 0.001, -0.01]], intercept: [bias], labels: [0, 1], zipMap: true })

describe.concurrent('the model of a run', () => {
  test(
    'that is another file under a version that was used is refused, by run and by check; a version of its own is not',
    MINUTE,
    async (context) => {
      const here = await install(context, 'notify: {}, anomalies: [], model: { ...churn.model, golden: undefined }')
      await here.deliver()
      expect(await here.runLocally()).toMatchObject({ published: true })
      const file = join(folderOf(here), 'churn.onnx')
      const former = await readFile(file)
      await writeFile(file, another(-1))
      expect(await here.runLocally({ rerun: true })).toMatchObject({
        verdict: 'failed',
        published: false,
        problem: { code: 'ModelVersionChanged', next: expect.stringContaining('model.version') },
      })
      expect(await here.command('check', 'churn')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('version "1.0.0" of churn was before'),
      })
      expect((await here.command('status', 'churn', '--date', DATE, '--json')).stdout).toContain('"model"')
      await here.define("notify: {}, anomalies: [], model: { ...churn.model, golden: undefined, version: '1.0.1' }")
      expect(await here.runLocally({ rerun: true })).toMatchObject({ published: true })
      await writeFile(file, former)
      expect(await here.runLocally({ rerun: true })).toMatchObject({ problem: { code: 'ModelVersionChanged' } })
      await here.define('notify: {}, anomalies: [], model: { ...churn.model, golden: undefined }')
      expect(await here.runLocally({ rerun: true })).toMatchObject({ published: true })
    },
  )

  test('is the latest when it begins, and predictions and manifest say which', MINUTE, async (context) => {
    const here = await install(
      context,
      "notify: {}, anomalies: [], model: { ...churn.model, golden: undefined, file: 'model/{version}/churn.onnx', version: 'latest' }, output: { columns: ['customer_id', 'score', 'model_version'] }",
    )
    await here.deliver()
    expect(await here.runLocally()).toMatchObject({
      verdict: 'failed',
      problem: { code: 'ModelUnusable', message: expect.stringContaining('no version of the model') },
    })
    for (const version of ['9', '10']) await mkdir(join(folderOf(here), version))
    await cp(join(folderOf(here), 'churn.onnx'), join(folderOf(here), '9', 'churn.onnx'))
    await writeFile(join(folderOf(here), '10', 'churn.onnx'), another(-2))
    const { predictions } = await here.runLocally()
    const rows = parse(await readFile(predictions!), { columns: true }) as Record<string, string>[]
    expect(new Set(rows.map(({ model_version }) => model_version))).toEqual(new Set(['10']))
    expect((await here.manifest('a002'))?.model).toMatchObject({ version: '10', file: join(folderOf(here), '10', 'churn.onnx') })
    await mkdir(join(folderOf(here), '11'))
    await writeFile(join(folderOf(here), '11', 'churn.onnx'), another(-3))
    expect((await here.command('status', 'churn', '--date', DATE, '--json')).stdout).toContain('"model"')
  })

  test('may have a scaler before it: both are in the fingerprint', MINUTE, async (context) => {
    const here = await install(
      context,
      "notify: {}, anomalies: [], model: { ...churn.model, golden: undefined, steps: ['model/scaler.onnx'] }",
    )
    await here.deliver()
    const failed = await here.runLocally()
    expect(failed).toMatchObject({ problem: { code: 'ModelUnusable', message: expect.stringContaining('scaler.onnx') } })
    await writeFile(join(folderOf(here), 'scaler.onnx'), await scaler())
    expect(await here.runLocally()).toMatchObject({ published: true })
    const { model } = (await here.manifest('a002'))!
    expect(model?.files?.map(({ file }) => file)).toEqual([join(folderOf(here), 'churn.onnx'), join(folderOf(here), 'scaler.onnx')])
    await writeFile(join(folderOf(here), 'scaler.onnx'), await scaler(2))
    expect((await here.command('status', 'churn', '--date', DATE, '--json')).stdout).toContain('"model"')
    expect(await here.runLocally({ rerun: true })).toMatchObject({ problem: { code: 'ModelVersionChanged' } })
  })

  test.each([
    ["task: { kind: 'binary', name: 'churn', positive: 1, threshold: 0, scores: 'margin' }", ['prediction', 'score'], null],
    ["task: { kind: 'binary', name: 'churn', positive: 1, threshold: 0.5, scores: 'label' }", ['prediction'], null],
  ])('%s: what it does not give is in no column and no metric', MINUTE, async (task, results, confidence) => {
    const context = { onTestFinished: () => {} }
    const here = await install(
      context as never,
      // The model gives probabilities, whatever the task calls them: its own labels would not fit.
      `notify: {}, anomalies: [], output: {}, model: { ...churn.model, golden: undefined, ownLabels: false, ${task} }`,
    )
    try {
      await here.deliver()
      const { predictions, verdict } = await here.runLocally()
      expect(verdict).toBe('pass')
      const rows = parse(await readFile(predictions!), { columns: true }) as Record<string, string>[]
      expect(Object.keys(rows[0]!)).toEqual(['customer_id', ...results, 'timestamp'])
      const metrics = JSON.parse(await readFile(join(here.settings.home, 'churn', 'metrics', `metrics_${DATE}.json`), 'utf8')) as Record<
        string,
        unknown
      >
      expect(metrics).toMatchObject({
        total_predictions: 5000,
        avg_confidence: confidence,
        high_confidence_predictions: null,
        churn_rate: expect.any(Number),
      })
      const page = await readFile(join(here.settings.home, 'churn', 'reports', `report_${DATE}.html`), 'utf8')
      expect(page).not.toMatch(/NaN|undefined|Infinity/)
    } finally {
      await here.remove()
    }
  })
})

async function scaler(scale = 1): Promise<Uint8Array> {
  const { onnxModel } = await import('../setup/onnxBuilder.js')
  const attributes = { offset: { floats: [0, 0, 0, 0] }, scale: { floats: [scale, 1, 1, 1] } }
  return onnxModel({
    nodes: [{ operator: 'Scaler', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['scaled'], attributes }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 4] }],
    outputs: [{ name: 'scaled', type: 'float32', shape: ['n', 4] }],
  })
}
