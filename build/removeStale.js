/**
 * Removes from dist what was compiled of sources that are gone: a file that moved would be found, and its test run, in both places. It is
 * a part of `npm run build`.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DIST, ROOT, SOURCES } from './layout.js'

for (const folder of SOURCES) {
  const compiled = join(DIST, folder)
  if (!existsSync(compiled)) continue
  for (const entry of readdirSync(compiled, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const [, stem] = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(relative(DIST, path)) ?? []
    if (entry.isFile() && stem !== undefined && !['.ts', '.tsx'].some((ending) => existsSync(join(ROOT, `${stem}${ending}`)))) rmSync(path)
  }
}
