/**
 * Compiles the kernels into dist, except those that were made of the very same sources: compiling takes seconds. It is a part of
 * `npm run build`.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DIST, KERNELS, ROOT } from './layout.js'

const OPTIONS = ['--optimizeLevel', '3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--importMemory']

for (const kernel of KERNELS) await compile(kernel)

async function compile(/** @type {string} */ kernel) {
  const folder = join(ROOT, kernel)
  const target = join(DIST, `${kernel}.wasm`)
  const stamp = join(DIST, `${kernel}.sources`)
  const sources = fingerprint(folder)
  if (read(stamp) === sources && read(target) !== undefined) return
  const { main } = await import('assemblyscript/asc')
  const words = ['index.ts', '--baseDir', folder, '--outFile', target, ...OPTIONS]
  mkdirSync(dirname(target), { recursive: true })
  const { error, stderr } = await main(words)
  // This remark is about the optimizer's search, not about the code.
  const said = stderr.toString().replace('Last converge was suboptimal.\n', '')
  if (said.trim() !== '') process.stderr.write(said)
  if (error) process.exitCode = 1
  else writeFileSync(stamp, sources)
}

/** Gives the hex sha256 of all that a kernel is made of: options, sources and compiler. */
function fingerprint(/** @type {string} */ folder) {
  const hash = createHash('sha256').update(OPTIONS.join(' '))
  for (const name of readdirSync(folder).sort()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)))
  hash.update(readFileSync(join(ROOT, 'node_modules/assemblyscript/package.json')))
  return hash.digest('hex')
}

function read(/** @type {string} */ file) {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}
