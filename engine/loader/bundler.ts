/**
 * Runs the bundler's own process, which all who build share. The first build starts it. Whoever ends it must know that nobody waits for an
 * answer, because `stop` leaves builds under way unanswered for ever.
 */
import * as esbuild from 'esbuild'

/** So many builds have not been answered. */
let building = 0

/** @throws an esbuild error when it does not build, any other when its process was lost */
export const build: typeof esbuild.build = async (options) => {
  building += 1
  try {
    return await esbuild.build(options)
  } finally {
    building -= 1
  }
}

/** Ends the process, 12 MB, unless somebody waits for it. The next build starts it again. */
export async function dismissBundler(): Promise<void> {
  if (building === 0) await esbuild.stop()
}
