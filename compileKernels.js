/** Compiles the kernels into dist, except those there that were made of the very same sources: part of `npm run build`. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const KERNELS = ['table/kernel', 'model/kernel']
const OPTIONS = ['--optimizeLevel', '3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--importMemory']

for (const kernel of KERNELS) await compile(kernel)

async function compile(/** @type {string} */ kernel) {
  const folder = new URL(`./${kernel}/`, import.meta.url)
  const target = new URL(`./dist/${kernel}.wasm`, import.meta.url)
  const stamp = new URL(`./dist/${kernel}.sources`, import.meta.url)
  const sources = fingerprint(folder)
  if (read(stamp) === sources && read(target) !== undefined) return
  const { main } = await import('assemblyscript/asc')
  const words = ['index.ts', '--baseDir', fileURLToPath(folder), '--outFile', fileURLToPath(target), ...OPTIONS]
  mkdirSync(new URL('./', target), { recursive: true })
  const { error, stderr } = await main(words)
  const said = stderr.toString().replace('Last converge was suboptimal.\n', '')
  if (said.trim() !== '') process.stderr.write(said)
  if (error) process.exitCode = 1
  else writeFileSync(stamp, sources)
}

function fingerprint(/** @type {URL} */ folder) {
  const hash = createHash('sha256').update(OPTIONS.join(' '))
  for (const name of readdirSync(folder).sort()) hash.update(`${name}\n`).update(readFileSync(new URL(name, folder)))
  hash.update(readFileSync(new URL('./node_modules/assemblyscript/package.json', import.meta.url)))
  return hash.digest('hex')
}

function read(/** @type {URL} */ file) {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}
