/** The ONNX runtime and the Temporal server would report to their makers, unless they are told not to. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cliEnvironment } from '../../worker/dev/temporalCli.js'
import { temporaryFolder } from '../setup/temporaryFolder.js'

const folder = temporaryFolder()
const MAIN = fileURLToPath(new URL('../../bin/daybreak.js', import.meta.url))
const PROJECT = fileURLToPath(new URL('../../../', import.meta.url))
const CHURN = join(PROJECT, 'pipelines', 'churn')

/**
 * Runs a program of Node's with a home and an environment of its own, and returns what is in the home afterwards.
 * Nothing of the caller's environment: the runtime says nothing where a variable of a CI server is set, and then no test here could fail.
 */
async function homeAfter(...words: readonly string[]): Promise<readonly string[]> {
  const home = folder.path('home')
  await mkdir(home, { recursive: true })
  const env = { PATH: process.env.PATH, HOME: home }
  await promisify(execFile)(process.execPath, words, { env, cwd: folder.path() })
  return (await readdir(home, { recursive: true })).filter((name) => /onnxruntime/.test(name))
}

const model = join(CHURN, 'model', 'churn.onnx')

test.runIf(process.platform === 'linux')('the runtime by itself keeps a database of its use', async () => {
  const runtime = JSON.stringify(pathToFileURL(join(PROJECT, 'node_modules', 'onnxruntime-node', 'dist', 'index.js')).href)
  const source = `import { InferenceSession } from ${runtime}; await (await InferenceSession.create(${JSON.stringify(model)})).release()`
  expect(await homeAfter('--input-type=module', '-e', source)).not.toEqual([])
})

test('in a command it does not', async () => {
  expect(await homeAfter(MAIN, 'model', model)).toEqual([])
})

test('nor in scoring threads', async () => {
  expect(await homeAfter(MAIN, 'check', 'churn', '--pipelines', join(PROJECT, 'pipelines'), '--home', folder.path('output'))).toEqual([])
})

test('the runtime is loaded in one place, behind what keeps it quiet', async () => {
  const built = join(PROJECT, 'dist')
  const files = (await readdir(built, { recursive: true })).filter(
    (name) => name.endsWith('.js') && !/^(bin|onnxruntime|test)\//.test(name),
  )
  const texts = await Promise.all(files.map((name) => readFile(join(built, name), 'utf8')))
  expect(files.filter((_, index) => texts[index]!.match(/['"/]onnxruntime(-node|-common)?['"/]/))).toEqual([
    join('engine', 'model', 'onnx', 'runtime.js'),
  ])
})

test('a Temporal server of ours does not ask for newer versions', () => {
  expect(cliEnvironment({ TEMPORAL_ADDRESS: 'elsewhere:7233', PATH: '/bin' })).toEqual({
    PATH: '/bin',
    TEMPORAL_VERSION_CHECK_DISABLED: '1',
  })
})
