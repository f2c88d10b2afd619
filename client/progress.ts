/** Progress of a run: one line with a bar on a terminal, a line a step where output is piped. */
import { formatDuration } from '../definition/durations.js'
import { type DayProgress, STEP_TITLES } from '../definition/steps.js'
import { visible } from './output.js'

const BAR_WIDTH = 24

export interface ProgressView {
  show(progress: DayProgress): void
  /** Clears the line: something else is printed next. */
  end(): void
}

/** @param stream where people look: standard error, so that a piped answer stays clean */
export function makeProgress(stream: NodeJS.WriteStream, now: () => number = Date.now): ProgressView {
  return stream.isTTY ? terminalProgress(stream, now) : plainProgress(stream)
}

function terminalProgress(stream: NodeJS.WriteStream, now: () => number): ProgressView {
  const startedMs = now()
  let drawn = false
  return {
    show: (progress) => {
      const text = visible(`${STEP_TITLES[progress.step]}${bar(progress)}${retrying(progress)}  ${formatDuration(now() - startedMs)}`)
      stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, stream.columns - 1))}`)
      drawn = true
    },
    end: () => {
      if (drawn) stream.write('\r\u001b[2K')
      drawn = false
    },
  }
}

function plainProgress(stream: NodeJS.WriteStream): ProgressView {
  let last = ''
  return {
    show: (progress) => {
      const text = `${STEP_TITLES[progress.step]}${retrying(progress)}`
      if (text !== last) stream.write(`${visible(text)}\n`)
      last = text
    },
    end: () => {},
  }
}

function bar({ step, recordsDone, recordsInAll }: DayProgress): string {
  if (step !== 'scorePartition' || recordsInAll === 0) return ''
  const share = Math.min(1, recordsDone / recordsInAll)
  const full = Math.round(share * BAR_WIDTH)
  return `  [${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}] ${Math.floor(share * 100)} % of ${recordsInAll} rows`
}

function retrying({ retrying: why }: DayProgress): string {
  return why === undefined ? '' : `  (again soon: ${why})`
}
