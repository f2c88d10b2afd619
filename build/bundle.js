/**
 * Puts what was compiled, and the libraries it uses, into few files in dist/bin: the command line and its scoring threads start from them
 * in a third less time than from hundreds of modules. It is a part of `npm run build`.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { DIST, ENTRIES } from './layout.js'

const BIN = join(DIST, 'bin')

/** Packages that are not bundled, because they have machine code or look for files beside themselves. */
const STAY_OUTSIDE = ['esbuild', '@temporalio/*']

/** Keeps addresses right: a module goes on to look for files beside the place it was compiled to. Only entries are found as bundled. */
const ownAddresses = {
  name: 'own addresses',
  setup(/** @type {import('esbuild').PluginBuild} */ { onLoad }) {
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(DIST)) return undefined
      const entries = new Map(Object.entries(ENTRIES).map(([name, entry]) => [join(DIST, entry), `./${name}.js`]))
      const address = `new URL('${relative(BIN, path)}', import.meta.url).href`
      const contents = readFileSync(path, 'utf8').replaceAll(/(new URL\('([^']+)', )?import\.meta\.url/g, (_, call = '', target = '') => {
        const bundled = call && entries.get(join(dirname(path), target))
        return bundled ? `new URL('${bundled}', import.meta.url` : `${call}${address}`
      })
      return { contents }
    })
  },
}

const made = new Set()
for (const [name, entry] of Object.entries(ENTRIES)) for (const path of await bundle(entry, name)) made.add(path)

// Files of earlier builds are removed after a day, when hardly a process that began with them is still running.
for (const path of readdirSync(BIN).map((name) => join(BIN, name)))
  if (!made.has(path) && statSync(path).mtimeMs < Date.now() - 86_400_000) rmSync(path)

/** Bundles an entry into one file, and into others what it imports only when that is needed. Gives the paths of all of them. */
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
    // Libraries that are no ES modules ask for Node's own modules by `require`.
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)" },
    plugins: [ownAddresses],
    write: false,
  })
  mkdirSync(BIN, { recursive: true })
  for (const { path, contents } of outputFiles) replace(path, contents)
  return outputFiles.map(({ path }) => path)
}

/**
 * Replaces a file by a rename, because a process may load it at any time: it finds the old one or the new one. A command stays executable.
 */
function replace(/** @type {string} */ file, /** @type {Uint8Array} */ contents) {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}`)
  const isCommand = Buffer.from(contents.subarray(0, 2)).toString() === '#!'
  writeFileSync(temporary, contents, { mode: isCommand ? 0o755 : 0o644 })
  renameSync(temporary, file)
}
