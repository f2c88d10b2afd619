/**
 * Writes the results as a table of ratios: for each pair the peer's time is divided by ours, and the table has the median and the spread.
 */
import type { Job } from './job.js'
import type { Measured } from './measure.js'

const HEADER = [
  'model',
  'rows',
  'peer',
  'ours s',
  'peer s',
  'ratio',
  'spread',
  'ours MB',
  'peer MB',
  'ours CPU s',
  'peer CPU s',
  'labels alike',
]

/** Gives the table as Markdown. Times are medians, memory is the most of all runs. */
export function tableOf(jobs: readonly Job[]): string {
  const rows = [HEADER, ...jobs.map(row)]
  const widths = HEADER.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  const lines = rows.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  return [lines[0], `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.slice(1)].join('\n')
}

function row({ model, rows, peer, ours, theirs, agreement }: Job): string[] {
  const ratios = theirs.map(({ wallMs }, index) => wallMs / ours[index]!.wallMs).sort((a, b) => a - b)
  const seconds = (all: readonly Measured[], of: 'wallMs' | 'cpuMs') =>
    all.length === 0 ? '' : (median(all.map((one) => one[of])) / 1000).toFixed(2)
  const memory = (all: readonly Measured[]) => (all.length === 0 ? '' : Math.max(...all.map(({ peakMb }) => peakMb)).toFixed(0))
  return [
    model,
    String(rows),
    peer ?? '',
    seconds(ours, 'wallMs'),
    seconds(theirs, 'wallMs'),
    ratios.length === 0 ? '' : `${median(ratios).toFixed(2)}x`,
    ratios.length === 0 ? '' : `${ratios[0]!.toFixed(2)}-${ratios.at(-1)!.toFixed(2)}`,
    memory(ours),
    memory(theirs),
    seconds(ours, 'cpuMs'),
    seconds(theirs, 'cpuMs'),
    agreement
      ? agreement.labels === 0
        ? 'all'
        : `all but ${agreement.labels}, within ${agreement.farthestFromHalf.toExponential(0)} of a half`
      : '',
  ]
}

/** Gives the median; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
