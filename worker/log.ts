/** The worker's log is lines: words for people, or JSON for a collector. Nothing in it can forge a line or reach a terminal raw. */
import type { Log, LogEntry } from '../activities/context.js'
import type { Settings } from '../engine/loader/settings.js'
import { visibleText } from '../engine/protocol/text.js'

/** Makes the log that the settings ask for. @param write takes one line */
export function makeLog({ logFormat }: Pick<Settings, 'logFormat'>, write: (line: string) => void): Log {
  const format = logFormat === 'json' ? jsonLine : textLine
  return (entry) => write(format(new Date().toISOString(), entry))
}

function jsonLine(time: string, entry: LogEntry): string {
  return JSON.stringify({ time, ...entry })
}

/** `2026-11-23T06:00:01.000Z info: churn 2026-11-22 a001 seal: pass. …` */
function textLine(time: string, { level, message, pipeline, date, attempt, step, code }: LogEntry): string {
  const where = [pipeline, date, attempt, step].filter((part) => part !== undefined).join(' ')
  return visibleText([`${time} ${level}`, where, code, message].filter((part) => part).join(': '))
}
