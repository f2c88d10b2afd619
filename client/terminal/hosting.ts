/** What every process that hosts runs does first: is the home fit to be written, and which pipelines can be used? */
import { access, constants, mkdir } from 'node:fs/promises'
import { type LoadedPipeline, listPipelines, loadPipeline } from '../../engine/loader/loadPipeline.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError, systemErrorText } from '../../engine/protocol/errors.js'
import { errorText, type Output } from './output.js'

/** Names each pipeline; a broken one with its error, which does not stop the others. Returns those that can be used. */
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

/** Makes the folder if it is not there. @throws HomeUnusable */
export async function mustBeWritable(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true })
    await access(home, constants.W_OK)
  } catch (error) {
    throw new DaybreakError('HomeUnusable', `${home} cannot be written: ${systemErrorText(error)}`, { cause: error, place: { file: home } })
  }
}
