/** Old attempts that nobody needs are removed; which ones is said before it happens. */
import { namesIn } from '../../engine/files/fileSystem.js'
import { readSettings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { prunableAttempts, removeAttempt } from '../../engine/storage/prune.js'
import { isWanted } from '../terminal/ask.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, table } from '../terminal/output.js'
import { mustHaveRun } from './mustHaveRun.js'

interface PruneOptions extends CommonOptions {
  readonly keepDays: number
  readonly dryRun?: boolean
  readonly yes?: boolean
}

const DAY_MS = 86_400_000

export async function prune(pipeline: string | undefined, options: PruneOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const { home } = readSettings(process.env, options)
  if (pipeline !== undefined) await mustHaveRun(home, pipeline)
  const pipelines = pipeline === undefined ? (await namesIn(home)).filter((name) => !name.startsWith('.')).sort() : [pipeline]
  const nowMs = Date.now()
  const beforeMs = nowMs - options.keepDays * DAY_MS
  const attempts = (await Promise.all(pipelines.map((name) => prunableAttempts(home, name, beforeMs, nowMs)))).flat()
  const rows = attempts.map(({ pipeline: name, date, attempt, endedAt }) => [name, date, attempt, endedAt])
  const list = rows.length > 0 ? `${table(['pipeline', 'date', 'attempt', 'sealed'], rows)}\n` : ''
  const kept = 'What is published, held, running or newest of its date stays.'
  if (options.dryRun || attempts.length === 0) {
    const what = attempts.length === 0 ? 'Nothing to remove' : `${attempts.length} attempts would be removed; nothing was`
    output.answer({ removed: 0, attempts }, `${list}${what}. ${kept}`)
    return EXIT.done
  }
  if (!options.yes) {
    output.say(list)
    if (!(await isWanted(`Remove these ${attempts.length} attempts for good?`))) {
      throw new DaybreakError('UsageInvalid', 'nothing was removed', {
        next: 'Look with --dry-run, then say yes, or --yes without a terminal.',
      })
    }
  }
  for (const attempt of attempts) await removeAttempt(home, attempt)
  output.answer({ removed: attempts.length, attempts }, `${list}${attempts.length} attempts removed. ${kept}`)
  return EXIT.done
}
