/** Stored histories replay with today's workflow, and the workflow's bundle holds nothing that must not be in it. No server needed. */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { beforeAll, expect, test } from 'vitest'

const HISTORIES = fileURLToPath(new URL('../../../test/workflows/histories/', import.meta.url))
const names = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'))
let bundle: WorkflowBundleWithSourceMap

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } })
  bundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.js', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  })
})

test('there is a history of every kind of ending', () => {
  for (const verdict of ['pass', 'warn', 'failed', 'input-missing', 'cancelled'])
    expect(names.some((name) => name.endsWith(`-${verdict}.json`))).toBe(true)
})

test.each(names)('%s replays', async (name) => {
  const history = JSON.parse(await readFile(`${HISTORIES}${name}`, 'utf8'))
  const date = name.slice(0, 10)
  await Worker.runReplayHistory({ workflowBundle: bundle }, history, `replay/predict/churn/${date}`)
})

test('a history of other steps does not replay: the test can fail', async () => {
  const [name = ''] = names
  const text = (await readFile(`${HISTORIES}${name}`, 'utf8')).replaceAll('"name": "inspect"', '"name": "inspectOtherwise"')
  await expect(Worker.runReplayHistory({ workflowBundle: bundle }, JSON.parse(text), 'replay')).rejects.toThrow(/[Nn]ondeterminism|inspect/)
})

test('the bundle has no zod, no Node built-in, no file system, and stays small', () => {
  for (const word of ['zod', 'node:fs', 'node:crypto', 'onnxruntime', 'csv-parse', 'nodemailer'])
    expect(bundle.code).not.toContain(`/${word}/`)
  expect(bundle.code).not.toMatch(/require\("(node:)?(fs|path|os|net|http|crypto|worker_threads)/)
  expect(bundle.code.length).toBeLessThan(2_500_000)
})

test('Temporal reads histories with protobufjs 8: with the 7 that npm would hoist, replay fails', () => {
  const require = createRequire(createRequire(import.meta.url).resolve('@temporalio/worker'))
  const proto = createRequire(require.resolve('@temporalio/proto'))
  for (const from of [require, proto]) expect((from('protobufjs/package.json') as { version: string }).version).toMatch(/^8\./)
})
