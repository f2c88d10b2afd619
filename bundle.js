/**
 * Puts what was compiled, and the libraries it uses, into few files in dist/bin: the command line and its scoring threads start from them,
 * in a third less time than from hundreds of modules. Part of `npm run build`.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const DIST = fileURLToPath(new URL('./dist', import.meta.url))
const BIN = join(DIST, 'bin')

/** Machine code, files that are looked for beside the library, and a module that is there for the order in which it imports two others. */
const STAY_OUTSIDE = ['esbuild', '@temporalio/*', join(DIST, 'model/runtime.js')]

/** A module goes on to look for files beside where it was compiled to. The pool does not: beside it, in the bundle too, is its thread. */
const ownAddresses = {
  name: 'own addresses',
  setup(/** @type {import('esbuild').PluginBuild} */ { onLoad }) {
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(DIST) || path === join(DIST, 'scoring/pool.js')) return undefined
      const address = `new URL('${relative(BIN, path)}', import.meta.url).href`
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', address) }
    })
  },
}

const made = new Set([...(await bundle('client/main.js', 'daybreak')), ...(await bundle('scoring/thread.js', 'thread'))])

// Of builds before this one, which nobody runs any more.
for (const path of readdirSync(BIN).map((name) => join(BIN, name)))
  if (!made.has(path) && statSync(path).mtimeMs < Date.now() - 86_400_000) rmSync(path)

/** One file, and others for what is imported only when it is needed. */
async function bundle(/** @type {string} */ entry, /** @type {string} */ name) {
  const { outputFiles } = await build({
    entryPoints: { [name]: join(DIST, entry) },
    outdir: BIN,
    chunkNames: `${name}-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: STAY_OUTSIDE,
    sourcemap: 'linked',
    sourcesContent: false,
    // Libraries that are no ES modules ask for Node's own by `require`.
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)" },
    plugins: [ownAddresses],
    write: false,
  })
  mkdirSync(BIN, { recursive: true })
  for (const { path, contents } of outputFiles) replace(path, contents)
  return outputFiles.map(({ path }) => path)
}

/** What runs already may load a file at any time: it finds the old one or the new one. */
function replace(/** @type {string} */ file, /** @type {Uint8Array} */ contents) {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}`)
  writeFileSync(temporary, contents)
  renameSync(temporary, file)
}
