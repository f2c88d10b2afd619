import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../../engine/files/fileSystem.js'
import type { InputFile } from '../../../engine/protocol/documents/input.js'
import type { Manifest } from '../../../engine/protocol/documents/manifest.js'
import { whatChanged } from '../../../engine/storage/staleness.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const NOW = { definition: 'd', modelFile: '' }

async function asItIs(name: string): Promise<InputFile> {
  const [{ mtime, size }, content] = await Promise.all([stat(folder.path(name)), readFile(folder.path(name))])
  return { path: folder.path(name), bytes: size, sha256: sha256(content), modifiedAt: mtime.toISOString() }
}

async function touch(name: string): Promise<void> {
  const later = new Date(Date.now() + 60_000)
  await utimes(folder.path(name), later, later)
}

/** What a manifest says of an input or a model. */
const manifest = (parts: Partial<Pick<Manifest, 'input' | 'model'>>) => ({ fingerprints: { definition: 'd' }, ...parts }) as Manifest

async function deliver(): Promise<Manifest> {
  await writeFile(folder.path('in.csv'), 'id\n1\n')
  return manifest({ input: { ...(await asItIs('in.csv')), records: 1 } })
}

test('an input that was only touched is the same; with another byte it is not', async () => {
  const sealed = await deliver()
  await touch('in.csv')
  expect(await whatChanged(NOW, sealed)).toEqual([])
  await writeFile(folder.path('in.csv'), 'id\n2\n')
  await touch('in.csv')
  expect(await whatChanged(NOW, sealed)).toEqual(['input'])
})

test('an input that is gone is no change: there is nothing to run again with', async () => {
  const sealed = await deliver()
  await rm(folder.path('in.csv'))
  expect(await whatChanged(NOW, sealed)).toEqual([])
})

test('a set with a file more or less has changed, and so has one of which a file changed', async () => {
  const names = ['p-1.csv', 'p-2.csv']
  for (const name of names) await writeFile(folder.path(name), 'id\n1\n')
  const files = await Promise.all(names.map(asItIs))
  const sealed = manifest({ input: { ...files[0]!, path: folder.path('p-*.csv'), records: 2, files } })
  expect(await whatChanged(NOW, sealed)).toEqual([])
  await writeFile(folder.path('p-3.csv'), 'id\n1\n')
  expect(await whatChanged(NOW, sealed)).toEqual(['input'])
  await rm(folder.path('p-3.csv'))
  await writeFile(folder.path('p-2.csv'), 'id\n22\n')
  expect(await whatChanged(NOW, sealed)).toEqual(['input'])
  for (const { path } of files) await rm(path)
  expect(await whatChanged(NOW, sealed)).toEqual([])
})

test('another definition and another model are changes, all that there are', async () => {
  const sealed = await deliver()
  await writeFile(folder.path('1.onnx'), 'one')
  await writeFile(folder.path('2.onnx'), 'two')
  const model = { file: folder.path('1.onnx'), version: '1', sha256: sha256('one'), inputs: [], outputs: [], repairs: [], goldenRows: 0 }
  const now = { ...NOW, modelFile: folder.path('1.onnx') }
  expect(await whatChanged(now, { ...sealed, model })).toEqual([])
  expect(await whatChanged({ definition: 'e', modelFile: folder.path('2.onnx') }, { ...sealed, model })).toEqual(['definition', 'model'])
})

test('a step before the model, or weights beside it, are the model too', async () => {
  for (const name of ['m.onnx', 'scaler.onnx']) await writeFile(folder.path(name), name)
  const files = ['m.onnx', 'scaler.onnx'].map((name) => ({ file: folder.path(name), sha256: sha256(basename(name)) }))
  const model = { file: files[0]!.file, version: '1', sha256: 'of both', files, inputs: [], outputs: [], repairs: [], goldenRows: 0 }
  const now = { ...NOW, modelFile: files[0]!.file }
  expect(await whatChanged(now, manifest({ model }))).toEqual([])
  await writeFile(folder.path('scaler.onnx'), 'another')
  expect(await whatChanged(now, manifest({ model }))).toEqual(['model'])
})
