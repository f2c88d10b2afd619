/** Gives each test of a file a temporary folder, which is gone afterwards. */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** Call at the top of a test file; `path()` is the folder of the running test. */
export function temporaryFolder(): { path(...names: string[]): string } {
  let folder = ''
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'daybreak-test-')))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  return { path: (...names) => join(folder, ...names) }
}
