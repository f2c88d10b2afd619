/**
 * Puts the ONNX runtime beside what was compiled: onnxruntime-node's own files, without its install script, which would download a GPU
 * build, and without the libraries of GPUs. The package carries it: whoever installs that runs no script and needs no other network than
 * the registry's. It is a part of `npm run build`.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DIST, ROOT, RUNTIME } from './layout.js'

const TARGET = join(DIST, RUNTIME)
const SOURCE = join(ROOT, 'node_modules', 'onnxruntime-node')
const NOTICES = join(ROOT, 'build', 'onnxruntime')

/** Platforms for which both the runtime and Temporal have machine code, by Node's names, and the library that the binding loads on each. */
const LIBRARIES = {
  'linux/x64': 'libonnxruntime.so.1',
  'linux/arm64': 'libonnxruntime.so.1',
  'darwin/arm64': 'libonnxruntime.1.dylib',
  'win32/x64': 'onnxruntime.dll',
}

const { name, version, license, repository, main, dependencies } = read(join(SOURCE, 'package.json'))
const common = read(join(ROOT, 'node_modules', 'onnxruntime-common', 'package.json')).version
if (dependencies['onnxruntime-common'] !== common)
  throw new Error(
    `onnxruntime-node ${version} belongs to onnxruntime-common ${dependencies['onnxruntime-common']}; package.json has ${common}`,
  )

const glue = readdirSync(join(SOURCE, 'dist')).filter((file) => file.endsWith('.js'))
const libraries = Object.entries(LIBRARIES).flatMap(([place, library]) => [`${place}/onnxruntime_binding.node`, `${place}/${library}`])
for (const file of [...glue.map((one) => `dist/${one}`), ...libraries.map((one) => `bin/napi-v6/${one}`)])
  place(join(SOURCE, file), join(TARGET, file))
for (const file of readdirSync(NOTICES)) place(join(NOTICES, file), join(TARGET, file))
writeFileSync(join(TARGET, 'package.json'), `${JSON.stringify({ name, version, license, repository, main }, undefined, 2)}\n`)

/** Copies a file, unless the copy is younger. An old copy is replaced by a rename, because a process may have loaded it. */
function place(/** @type {string} */ from, /** @type {string} */ to) {
  const copied = statSync(to, { throwIfNoEntry: false })
  if (copied && copied.mtimeMs >= statSync(from).ctimeMs) return
  mkdirSync(dirname(to), { recursive: true })
  const temporary = join(dirname(to), `.${basename(to)}.${process.pid}`)
  copyFileSync(from, temporary)
  renameSync(temporary, to)
}

function read(/** @type {string} */ file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
