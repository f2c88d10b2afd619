import { appendFile, cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../setup/temporaryFolder.js'

const folder = temporaryFolder()
const DIST = fileURLToPath(new URL('../../', import.meta.url))

interface Fingerprints {
  codeFingerprint(dist: string): Promise<string>
  dependencies(dist: string): Promise<{ readonly files: readonly string[]; readonly packages: readonly string[] }>
}

const { codeFingerprint, dependencies } = (await import(new URL('../../../build/codeFingerprint.js', import.meta.url).href)) as Fingerprints

/** A copy of what is compiled, without what scoring does not need. */
async function copyOfDist(): Promise<string> {
  const copy = folder.path('dist')
  for (const file of (await dependencies(DIST)).files) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await cp(join(DIST, file), join(copy, file))
  }
  return copy
}

test('a copy of the code has the fingerprint of the code', async () => {
  expect(await codeFingerprint(await copyOfDist())).toBe(await codeFingerprint(DIST))
})

test('it covers kernels, decoders, the model, quality rules, and the packages that they use', async () => {
  const { files, packages } = await dependencies(DIST)
  for (const name of [
    'decode.js',
    'preflight.js',
    'kernel.wasm',
    'session.js',
    'fillSlots.js',
    'scoringThread.js',
    'anomalies.js',
    'tasks.js',
  ])
    expect(files.filter((file) => file.endsWith(`/${name}`))).not.toEqual([])
  expect(packages).toEqual(expect.arrayContaining(['csv-parse', 'protobufjs']))
  // It says which version of the ONNX runtime is beside the code.
  expect(files).toContain('onnxruntime/package.json')
  expect(files.filter((file) => /^(client|worker|workflows|activities|templates)\//.test(file))).toEqual([])
})

/** Files of the rooms that compute, which decide neither a prediction nor a verdict: they carry work to threads and processes, or help to write a definition. */
const BESIDE_SCORING = [
  'batch/knownModels.js',
  'batch/scoringPool.js',
  'batch/threadPool.js',
  'batch/trial.js',
  'batch/trialProcess.js',
  'input/columnCandidates.js',
  'input/inferColumns.js',
  'input/plainFile.js',
  'input/valueCounts.js',
  'quality/compareAttempts.js',
  'scoring/untriedBlanks.js',
]

test('whatever else stands in the rooms that compute is covered', async () => {
  const { files } = await dependencies(DIST)
  const compiled = (await readdir(join(DIST, 'engine'), { recursive: true })).filter((name) =>
    /^(batch|input|model|quality|scoring|table)\/.*\.js$/.test(name),
  )
  expect(compiled.length).toBeGreaterThan(90)
  expect(compiled.filter((name) => !files.includes(`engine/${name}`)).sort()).toEqual(BESIDE_SCORING)
})

test('a change of any file that scoring needs moves it, a kernel among them', async () => {
  const copy = await copyOfDist()
  let before = await codeFingerprint(copy)
  for (const file of (await dependencies(copy)).files.filter((one) => /decode\.js$|kernel\.wasm$|tasks\.js$/.test(one))) {
    await appendFile(join(copy, file), '\n')
    const after = await codeFingerprint(copy)
    expect(after, file).not.toBe(before)
    before = after
  }
})

test('a file that moves one folder deeper stays covered', async () => {
  const copy = await copyOfDist()
  const decode = (await dependencies(copy)).files.find((file) => file.endsWith('/decode.js'))!
  const nested = join(copy, dirname(decode), 'nested', 'deeper')
  await mkdir(nested, { recursive: true })
  await rename(join(copy, decode), join(nested, 'decode.js'))
  await writeFile(join(copy, decode), "export * from './nested/deeper/decode.js'\n")
  // Its own imports start two folders up now.
  const text = await readFile(join(nested, 'decode.js'), 'utf8')
  await writeFile(join(nested, 'decode.js'), text.replaceAll(/from '\.(?=\.?\/)/g, "from '../../."))
  const before = await codeFingerprint(copy)
  await appendFile(join(nested, 'decode.js'), '\n')
  expect(await codeFingerprint(copy)).not.toBe(before)
})
