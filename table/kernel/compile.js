/** Compiles the kernel into dist, unless the one there was made of the very same sources: part of `npm run build`. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = new URL('./', import.meta.url)
const target = new URL('../../dist/table/kernel.wasm', here)
const stamp = new URL('../../dist/table/kernel.sources', here)
const OPTIONS = ['--optimizeLevel', '3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--importMemory']

const hash = createHash('sha256')
const names = readdirSync(here).sort()
for (const name of names) hash.update(`${name}\n`).update(readFileSync(new URL(name, here)))
hash.update(readFileSync(new URL('../../node_modules/assemblyscript/package.json', here)))
const sources = hash.digest('hex')

if (read(stamp) !== sources || read(target) === undefined) {
  const { main } = await import('assemblyscript/asc')
  const words = ['index.ts', '--baseDir', fileURLToPath(here), '--outFile', fileURLToPath(target), ...OPTIONS]
  mkdirSync(new URL('./', target), { recursive: true })
  const { error, stderr } = await main(words)
  const said = stderr.toString().replace('Last converge was suboptimal.\n', '')
  if (said.trim() !== '') process.stderr.write(said)
  if (error) process.exitCode = 1
  else writeFileSync(stamp, sources)
}

function read(/** @type {URL} */ file) {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}
