/** Whoever starts to host runs is told which pipelines can be used, and what keeps the others from it. */
import { type LoadedPipeline, listPipelines, loadPipeline } from '../../engine/loader/loadPipeline.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { errorText, type Output } from './output.js'

/** Names each pipeline; a broken one is named with its error and does not stop the others. Returns those that can be used. */
export async function sayPipelines(settings: Settings, output: Output): Promise<readonly LoadedPipeline[]> {
  const usable: LoadedPipeline[] = []
  for (const name of await listPipelines(settings.pipelines)) {
    try {
      const loaded = await loadPipeline(settings.pipelines, name)
      usable.push(loaded)
      output.say(`Pipeline ${name}`)
      for (const warning of loaded.warnings) output.say(`  warning: ${warning}`)
    } catch (error) {
      if (!(error instanceof DaybreakError)) throw error
      output.say(`Pipeline ${name} cannot be used:\n${errorText(error)}`)
    }
  }
  return usable
}
