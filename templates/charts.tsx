/**
 * Draws charts as SVG: horizontally in percent, so that they fit any width with text of one size, and readable without any style. Each says
 * its conclusion in words and has its numbers in a table beneath. There are no scripts and no style attributes.
 */
import { max } from 'd3-array'
import { scaleLinear } from 'd3-scale'
import type { Histogram } from '../engine/protocol/documents/metrics.js'
import { count, number, share } from './numbers.js'
import { Table } from './parts.js'

/** These colours are for where the style sheet is not allowed; otherwise it overrides them. */
const INK = { main: '#3b4cc0', other: '#b9bccb', track: '#f2f0ea', text: '#1b1d23', axis: '#5b606b', line: '#d8d6cf' }

/** Three decimals of a percentage are less than a pixel. */
const percent = (value: number) => `${Number(value.toFixed(3))}%`

export interface Bar {
  readonly label: string
  readonly count: number
  /** The one bar that the page is about. */
  readonly main?: boolean
}

const BAR_STEP = 48

/** Draws shares of a whole, one bar each, on a common scale from 0 to 100 %. */
export function ShareBars({
  id,
  title,
  conclusion,
  bars,
  whole,
}: {
  id: string
  title: string
  conclusion: string
  bars: readonly Bar[]
  whole: number
}) {
  const highlighted = bars.some(({ main }) => main)
  return (
    <figure class="chart">
      <h3>{title}</h3>
      <svg width="100%" height={bars.length * BAR_STEP} role="img" aria-labelledby={`${id}-name ${id}-says`}>
        <title id={`${id}-name`}>{title}</title>
        <desc id={`${id}-says`}>{conclusion}</desc>
        {bars.map((bar, index) => {
          const top = index * BAR_STEP
          const part = whole > 0 ? bar.count / whole : 0
          return (
            <g>
              <text x="0" y={top + 15} font-size="13" fill={INK.text}>
                {bar.label}
              </text>
              <text x="100%" y={top + 15} font-size="13" fill={INK.text} text-anchor="end">
                {`${count(bar.count)} · ${share(part)}`}
              </text>
              <rect class="track" x="0" y={top + 23} width="100%" height="12" rx="3" fill={INK.track} />
              {part > 0 && (
                <rect
                  class={bar.main || !highlighted ? 'main' : 'other'}
                  x="0"
                  y={top + 23}
                  width={percent(Math.max(0.3, part * 100))}
                  height="12"
                  rx="3"
                  fill={bar.main || !highlighted ? INK.main : INK.other}
                />
              )}
            </g>
          )
        })}
      </svg>
    </figure>
  )
}

const PLOT = { top: 26, height: 170, foot: 26 }

export interface HistogramProps {
  readonly id: string
  readonly title: string
  readonly conclusion: string
  readonly histogram: Histogram
  /** Scores at or above it are positive: marked, and the bins beyond it in the accent colour. */
  readonly threshold?: number
}

/** Draws counts by bin of a score. The counts start at zero. */
export function ScoreHistogram({ id, title, conclusion, histogram, threshold }: HistogramProps) {
  const { edges, counts } = histogram
  const low = edges[0] ?? 0
  const high = edges.at(-1) ?? 1
  const whole = counts.reduce((sum, each) => sum + each, 0)
  const x = scaleLinear([low, high > low ? high : low + 1], [0, 100])
  const y = scaleLinear([0, Math.max(1, max(counts) ?? 1)], [PLOT.top + PLOT.height, PLOT.top]).nice(3)
  const ticks = y.ticks(3).filter(Number.isInteger)
  const base = PLOT.top + PLOT.height
  const bins = counts.map((each, index) => ({ from: edges[index] ?? low, to: edges[index + 1] ?? high, count: each }))
  const marked = threshold !== undefined && threshold >= low && threshold <= high
  const range = (bin: { from: number; to: number }) => `${number(bin.from)} to ${number(bin.to)}`
  return (
    <figure class="chart">
      <h3>{title}</h3>
      <p class="soft small">{conclusion}</p>
      <svg width="100%" height={base + PLOT.foot} role="img" aria-labelledby={`${id}-name ${id}-says`}>
        <title id={`${id}-name`}>{title}</title>
        <desc id={`${id}-says`}>{conclusion}</desc>
        {ticks.map((tick) => (
          <line class="grid" x1="0" x2="100%" y1={y(tick)} y2={y(tick)} stroke={INK.line} />
        ))}
        {bins.map((bin) => {
          const left = x(bin.from)
          const main = threshold === undefined || bin.from >= threshold
          return (
            bin.count > 0 && (
              <rect
                class={main ? 'main' : 'other'}
                x={percent(left + (x(bin.to) - left) * 0.06)}
                y={Number(Math.min(base - 1.5, y(bin.count)).toFixed(2))}
                width={percent((x(bin.to) - left) * 0.88)}
                height={Number(Math.max(1.5, base - y(bin.count)).toFixed(2))}
                fill={main ? INK.main : INK.other}
              >
                <title>{`${range(bin)}: ${count(bin.count)}, ${share(bin.count / whole)}`}</title>
              </rect>
            )
          )
        })}
        {ticks
          .filter((tick) => tick > 0)
          .map((tick) => (
            <text
              class="axis over"
              x="0"
              y={y(tick) - 5}
              font-size="12"
              fill={INK.axis}
              stroke="#fff"
              stroke-width="4"
              paint-order="stroke"
            >
              {count(tick)}
            </text>
          ))}
        {marked && (
          <g>
            <line
              class="mark"
              x1={percent(x(threshold))}
              x2={percent(x(threshold))}
              y1="14"
              y2={base}
              stroke={INK.text}
              stroke-dasharray="3 3"
            />
            <text x={percent(x(threshold))} y="9" font-size="12" fill={INK.text} text-anchor={anchorAt(x(threshold))}>
              {`threshold ${number(threshold)}`}
            </text>
          </g>
        )}
        {x.ticks(5).map((tick) => (
          <text class="axis" x={percent(x(tick))} y={base + 18} font-size="12" fill={INK.axis} text-anchor={anchorAt(x(tick))}>
            {number(tick)}
          </text>
        ))}
      </svg>
      <details>
        <summary>The numbers of this chart</summary>
        <Table
          caption={title}
          columns={[
            { title: 'From, to', cell: range },
            { title: 'Count', kind: 'number', cell: (bin) => count(bin.count) },
            { title: 'Share', kind: 'number', cell: (bin) => share(whole > 0 ? bin.count / whole : null) },
          ]}
          rows={bins}
        />
      </details>
    </figure>
  )
}

/** Keeps a label inside the chart. */
function anchorAt(position: number): 'start' | 'middle' | 'end' {
  if (position < 6) return 'start'
  return position > 94 ? 'end' : 'middle'
}
