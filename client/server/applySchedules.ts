/** The schedules of many definitions are applied one by one. What is wrong with one does not stop the others. */
import { loadPipeline } from '../../engine/loader/loadPipeline.js'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { type Applied, applySchedule, type Difference } from './applySchedule.js'
import type { Server } from './openServer.js'

export interface Refused {
  readonly pipeline: string
  readonly error: DaybreakError
}

/** With `all`, definitions without a schedule are passed over; otherwise one without is wrong. */
export async function applySchedules(
  server: Server,
  settings: Settings,
  names: readonly string[],
  { say, dryRun = false, all = true }: { say: (line: string) => void; dryRun?: boolean; all?: boolean },
): Promise<{ applied: readonly Applied[]; refused: readonly Refused[] }> {
  const applied: Applied[] = []
  const refused: Refused[] = []
  for (const name of names) {
    try {
      const { definition } = await loadPipeline(settings.pipelines, name)
      if (!definition.schedule && all) continue
      const show = (differences: readonly Difference[]) => say(differenceText(name, differences, dryRun))
      applied.push(await applySchedule(server, settings, definition, show, dryRun))
    } catch (error) {
      if (!(error instanceof DaybreakError)) throw error
      refused.push({ pipeline: name, error })
    }
  }
  return { applied, refused }
}

function differenceText(pipeline: string, differences: readonly Difference[], dryRun: boolean): string {
  if (differences.length === 0) return `${pipeline}: the schedule is as the definition asks.`
  const is = differences.some(({ from }) => from !== undefined) ? 'changes' : 'new'
  const lines = differences.map(({ field, from, to }) => `  ${field}: ${from === undefined ? '' : `${from} → `}${to}`)
  return [`${pipeline}: ${is}${dryRun ? ' (dry run, nothing is written)' : ''}`, ...lines].join('\n')
}
