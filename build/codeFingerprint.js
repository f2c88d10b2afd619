/**
 * Computes the code fingerprint: sha256 over every compiled file that a prediction depends on, and over the versions of the packages that
 * those files import. They are found by following imports, so that a file that moves stays covered. It is a part of `npm run build`.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { DIST, ROOT, SCORING } from './layout.js'

/** A file that is looked for beside a module, such as a kernel. */
const BESIDE = /new URL\('([^']+)', import\.meta\.url\)/g

/** Gives the fingerprint as hex. @param dist the folder of what was compiled; a copy of it has the same fingerprint */
export async function codeFingerprint(/** @type {string} */ dist) {
  const { files, packages } = await dependencies(dist)
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(dist, file)))
  for (const name of packages) {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
    hash.update(`${name}@${version}\n`)
  }
  return hash.digest('hex')
}

/** Lists the files below `dist` that scoring needs, and the packages that they import, both sorted. */
export async function dependencies(/** @type {string} */ dist) {
  const { metafile } = await build({
    entryPoints: SCORING.map((entry) => join(dist, entry)),
    absWorkingDir: dist,
    outdir: 'unwritten',
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  })
  const files = new Set(Object.keys(metafile.inputs))
  for (const file of [...files]) {
    for (const [, target = ''] of readFileSync(join(dist, file), 'utf8').matchAll(BESIDE)) {
      const path = join(dist, dirname(file), target)
      if (existsSync(path)) files.add(relative(dist, path).split(sep).join('/'))
    }
  }
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external))
  const packages = imported.map(({ path }) => path).filter((path) => !isBuiltin(path))
  return { files: [...files].sort(), packages: [...new Set(packages.map(packageOf))].sort() }
}

/** Gives the package that an import names: `@scope/name` or `name`. */
function packageOf(/** @type {string} */ specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(DIST, 'code.sha256'), await codeFingerprint(DIST))
