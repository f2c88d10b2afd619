/**
 * Runs that are under way while workers are upgraded must go on: their histories have to replay with today's workflow, whose bundle holds
 * nothing that must not be in it. No server is needed.
 */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { beforeAll, expect, test } from 'vitest'

const HISTORIES = fileURLToPath(new URL('../../../test/workflows/histories/', import.meta.url))
const names = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'))
/** A name with `?` is an empty module: a converter of data or failures that a project may bring, and we do not. */
const ALLOWED =
  /\/dist\/(workflows|definition|engine\/protocol)\/[\w-]+\.js$|\/node_modules\/(@temporalio\/(common|workflow)|nexus-rpc|ms|long)\/|^\?\w+$/
let bundle: WorkflowBundleWithSourceMap

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } })
  bundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.js', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  })
})

test('there is a history of every kind of ending', () => {
  for (const verdict of ['pass', 'warn', 'held', 'already-held', 'refused', 'failed', 'input-missing', 'cancelled'])
    expect(names.some((name) => name.endsWith(`-${verdict}.json`))).toBe(true)
  for (const name of ['scheduled-launcher', 'scheduled-day-pass', 'backfill-done']) expect(names).toContain(`${name}.json`)
})

test.each(names)('%s replays', async (name) => {
  const history = JSON.parse(await readFile(`${HISTORIES}${name}`, 'utf8'))
  await Worker.runReplayHistory({ workflowBundle: bundle }, history, `replay/predict/churn/${name}`)
})

test('a history of other steps does not replay: the test can fail', async () => {
  const [name = ''] = names
  const text = (await readFile(`${HISTORIES}${name}`, 'utf8')).replaceAll('"name": "inspect"', '"name": "inspectOtherwise"')
  await expect(Worker.runReplayHistory({ workflowBundle: bundle }, JSON.parse(text), 'replay')).rejects.toThrow(/[Nn]ondeterminism|inspect/)
})

test('the bundle holds our workflows, the definitions and Temporal, nothing else: no zod, no Node built-in, no file system', () => {
  const modules = [...bundle.code.matchAll(/^\/\*{3}\/ "([^"]+)"/gm)].map(([, name = '']) => name)
  expect(modules.some((name) => name.endsWith('/workflows/predictDay.js'))).toBe(true)
  const strangers = modules.filter((name) => !ALLOWED.test(name))
  expect(strangers).toEqual([])
  expect(bundle.code).not.toMatch(/require\("(node:)?(fs|path|os|net|http|crypto|worker_threads)/)
  expect(bundle.code.length).toBeLessThan(2_000_000)
})

test('the histories name no machine', async () => {
  for (const name of names) {
    const machines: string[] = []
    JSON.parse(await readFile(`${HISTORIES}${name}`, 'utf8'), (key, value) => {
      const text = key === 'data' ? Buffer.from(value, 'base64').toString('utf8') : value
      const named = key === 'identity' ? value !== 'recorded' : /\d@\w|\/(home|root|work|Users)\//.test(String(text))
      if (named) machines.push(`${key}: ${text}`)
      return value
    })
    expect(machines, name).toEqual([])
  }
})

test('Temporal reads histories with protobufjs 8: with the 7 that npm would hoist, replay fails', () => {
  const require = createRequire(createRequire(import.meta.url).resolve('@temporalio/worker'))
  const proto = createRequire(require.resolve('@temporalio/proto'))
  for (const from of [require, proto]) expect((from('protobufjs/package.json') as { version: string }).version).toMatch(/^8\./)
})
