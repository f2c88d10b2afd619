/** Models and files that would hold a command, or end it: each is refused by name, and a run can be stopped. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deepTreeModel, endlessModel } from '../setup/heavyModels.js'
import { Installation, until } from '../setup/installation.js'

const date = '2026-03-03'
let here: Installation

beforeEach(async () => {
  here = await Installation.make()
  await here.define('notify: {}')
})

afterEach(() => here.remove())

async function defineModel(model: Uint8Array): Promise<void> {
  await writeFile(join(here.project.pipelines, 'churn', 'model', 'odd.onnx'), model)
  const features = 'features: { age: (row) => row.age, income: (row) => row.income }'
  const checks = "checks: { ...churn.checks, probability_range_valid: 'warn' }"
  await here.define(`notify: {}, ${features}, ${checks}, model: { file: 'model/odd.onnx', version: '2', task: churn.model.task }`)
}

test('a pipe or a device is refused by every command that is given a file', { timeout: 60_000 }, async () => {
  const pipe = join(here.folder, 'pipe.csv')
  execFileSync('mkfifo', [pipe])
  for (const words of [
    ['check', 'churn', '--input', pipe],
    ['columns', pipe],
  ])
    expect(await here.command(...words)).toMatchObject({ code: 3, stderr: expect.stringContaining('is a pipe, not a file') })
  expect(await here.command('columns', '/dev/zero')).toMatchObject({ code: 3, stderr: expect.stringContaining('is a device, not a file') })
  expect(await here.command('model', pipe)).toMatchObject({ code: 2, stderr: expect.stringContaining('it is a pipe, not a file') })
  expect(await here.command('model', '/dev/zero')).toMatchObject({ code: 2, stderr: expect.stringContaining('it is a device, not a file') })
})

test('a model that ends the process that opens it is refused by model, check and a run, and the run has its report', {
  timeout: 60_000,
}, async () => {
  await defineModel(deepTreeModel(10_000))
  await here.deliver(date)
  const refused = expect.stringMatching(/ends the process that opens it \(SIG/)
  const model = await here.command('model', join(here.project.pipelines, 'churn', 'model', 'odd.onnx'), '--json')
  expect(model.code).toBe(2)
  expect(JSON.parse(model.stdout).error).toMatchObject({ code: 'ModelBreaks', message: refused })
  const check = await here.command('check', 'churn', '--json')
  expect(JSON.parse(check.stdout).error).toMatchObject({ code: 'ModelBreaks', message: refused })
  const run = await here.command('run', 'churn', '--local', '--date', date, '--json')
  expect(run.code).toBe(2)
  expect(JSON.parse(run.stdout)).toMatchObject({ verdict: 'failed', problem: { code: 'ModelBreaks', step: 'inspect', message: refused } })
})

test('a model that loops on a value of the day does not keep a run that is interrupted', { timeout: 90_000 }, async () => {
  await defineModel(endlessModel(1_000_000))
  const file = join(here.folder, 'given.csv')
  const row = (index: number, income: number) => `${index},30,${income},4,2026-01-01\n`
  const interrupted = async (step: string, rows: readonly string[]) => {
    await writeFile(file, `customer_id,age,income,purchase_history,last_purchase_date\n${rows.join('')}`)
    const running = here.startCommand('run', 'churn', '--local', '--date', date, '--input', file)
    await until(`it comes to ${step}`, () => running.said().includes(step))
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    running.signal('SIGINT')
    const { code, stdout } = await running.result
    expect(stdout).toContain('cancelled')
    return code
  }
  const ordinary = Array.from({ length: 20_000 }, (_, index) => row(index, 100))
  // The process ends by the signal, which a shell says as 130.
  expect(await interrupted('Predict', [...ordinary, row(20_000, 2_000_000)])).toBeNull()
  // Among the first records, which are tried before any is scored.
  expect(await interrupted('Inspect', [row(1, 2_000_000)])).toBeNull()
})
