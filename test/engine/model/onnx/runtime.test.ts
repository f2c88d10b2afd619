/** The ONNX runtime is beside the code, for every system that Daybreak runs on; where it cannot be loaded, people are told. */
import { execFile } from 'node:child_process'
import { cp, readdir, readFile, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const PROJECT = fileURLToPath(new URL('../../../../../', import.meta.url))
const RUNTIME = join(PROJECT, 'dist', 'onnxruntime')

/** What is compiled, without tests and without the runtime's machine code. */
async function withoutMachineCode(): Promise<string> {
  const skipped = /^(test|bench|onnxruntime\/bin)(\/|$)/
  await cp(join(PROJECT, 'dist'), folder.path('dist'), {
    recursive: true,
    filter: (path) => !skipped.test(relative(join(PROJECT, 'dist'), path)),
  })
  for (const name of ['node_modules', 'package.json']) await symlink(join(PROJECT, name), folder.path(name))
  return folder.path('dist', 'bin', 'daybreak.js')
}

/** Its exit code, and what it wrote on standard error. */
async function command(...words: readonly string[]): Promise<{ readonly code: unknown; readonly stderr: string }> {
  return await new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: folder.path() }, (error, _stdout, stderr) => resolve({ code: error?.code ?? 0, stderr }))
  })
}

test('a machine for which there is no runtime is told so, and where one is', async () => {
  const main = await withoutMachineCode()
  const model = join(PROJECT, 'pipelines', 'churn', 'model', 'churn.onnx')
  for (const words of [
    ['model', model],
    ['check', 'churn', '--pipelines', join(PROJECT, 'pipelines'), '--home', folder.path('output')],
  ]) {
    const { code, stderr } = await command(main, ...words)
    expect(stderr).toContain(`The ONNX runtime cannot be loaded on ${process.platform} ${process.arch}`)
    expect(stderr).toContain('RuntimeUnusable')
    expect(stderr).toContain('onnxruntime_binding.node')
    expect(stderr).toContain('Next: Use Linux with glibc')
    expect(code).toBe(1)
  }
})

test('what is beside the code has no script, nothing for GPUs, and its licence', async () => {
  const files = (await readdir(RUNTIME, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).map(({ name }) => name)
  expect(files.filter((name) => !name.endsWith('.js')).sort()).toEqual([
    'LICENSE',
    'ThirdPartyNotices.txt',
    'libonnxruntime.1.dylib',
    'libonnxruntime.so.1',
    'libonnxruntime.so.1',
    'onnxruntime.dll',
    'onnxruntime_binding.node',
    'onnxruntime_binding.node',
    'onnxruntime_binding.node',
    'onnxruntime_binding.node',
    'package.json',
  ])
  const { scripts, version } = JSON.parse(await readFile(join(RUNTIME, 'package.json'), 'utf8'))
  expect(scripts).toBeUndefined()
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8'))
  // Who installs the package gets no onnxruntime-node, whose install script would run there.
  expect(dependencies).not.toHaveProperty('onnxruntime-node')
  expect([devDependencies['onnxruntime-node'], dependencies['onnxruntime-common']]).toEqual([version, version])
})
