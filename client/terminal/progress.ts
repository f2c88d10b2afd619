/** The progress of a run or a backfill is one line with a bar on a terminal, and a line for each step where output is piped. */
import { formatDuration } from '../../definition/durations.js'
import { type BackfillProgress, backfillCounts } from '../../engine/protocol/backfill.js'
import { type DayProgress, STEP_TITLES } from '../../engine/protocol/steps.js'
import { visible } from './output.js'

const BAR_WIDTH = 24

export interface ProgressView {
  show(progress: DayProgress): void
  /** Clears the line, because something else is printed next. */
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
  return `  ${drawn(share)} ${Math.floor(share * 100)} % of ${recordsInAll} rows`
}

function drawn(share: number): string {
  const full = Math.round(share * BAR_WIDTH)
  return `[${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}]`
}

function retrying({ retrying: why }: DayProgress): string {
  return why === undefined ? '' : `  (again soon: ${why})`
}

export interface BackfillView {
  show(progress: BackfillProgress): void
  /** Clears the line, because something else is printed next. */
  end(): void
}

/** A backfill has one line with a bar and an estimate on a terminal, and a line for each day that ended where output is piped. */
export function makeBackfillProgress(stream: NodeJS.WriteStream, now: () => number = Date.now): BackfillView {
  return stream.isTTY ? terminalBackfill(stream, now) : plainBackfill(stream)
}

function terminalBackfill(stream: NodeJS.WriteStream, now: () => number): BackfillView {
  return {
    show: (progress) => {
      const { done, planned } = backfillCounts(progress.days)
      const text = `${drawn(planned === 0 ? 1 : done / planned)} ${progressText(progress, now())}`
      stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, stream.columns - 1))}`)
    },
    end: () => void stream.write('\r\u001b[2K'),
  }
}

function plainBackfill(stream: NodeJS.WriteStream): BackfillView {
  const said = new Set<string>()
  return {
    show: ({ days }) => {
      const { planned } = backfillCounts(days)
      for (const { date, state, published } of days) {
        if (said.has(date) || ['waiting', 'running', 'skipped', 'not-started'].includes(state)) continue
        said.add(date)
        stream.write(`${date}: ${state}, ${published ? 'published' : 'not published'} (${said.size} of ${planned})\n`)
      }
    },
    end: () => {},
  }
}

/** The rest is estimated from the days that ended and the time they took together; before the first one nothing is known. */
function remainingMs({ startedAt, days }: BackfillProgress, nowMs: number): number | undefined {
  const { done, planned } = backfillCounts(days)
  if (!startedAt || done === 0) return undefined
  return ((nowMs - Date.parse(startedAt)) / done) * (planned - done)
}

/** `12 of 30 days · 1 failed · 2 running · about 3m left` */
export function progressText(progress: BackfillProgress, nowMs: number): string {
  const { done, planned, failed } = backfillCounts(progress.days)
  const running = progress.days.filter(({ state }) => state === 'running').length
  const leftMs = remainingMs(progress, nowMs)
  return [
    `${done} of ${planned} days`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(progress.state === 'paused' || progress.state === 'stopping' ? [progress.state] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(leftMs === undefined ? [] : [`about ${formatDuration(leftMs)} left`]),
  ].join(' · ')
}
