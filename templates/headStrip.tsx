/** Shows the first thing a reader sees: the verdict, why in one sentence, which day, and what readers of the predictions have now. */
import { formatDuration } from '../definition/durations.js'
import type { RunKind } from '../engine/protocol/documents/attempt.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import { dayTitle, utcMinute } from './numbers.js'
import { Brand, Link, Shape } from './parts.js'
import type { ReportData } from './reportData.js'
import { safeText } from './safeText.js'
import { decisionSentence, publishedSentence, SENTENCE, standing } from './wording.js'

const KINDS: Readonly<Record<RunKind, string>> = { scheduled: 'Scheduled', manual: 'By hand', backfill: 'Backfill' }

export function HeadStrip({ data }: { data: ReportData }) {
  const { manifest, published, links } = data
  const { word, tone, mark } = standing(manifest.verdict, data.decision)
  const title = dayTitle(manifest.date)
  const { description } = manifest.pipelineInfo
  const here = published?.attempt === manifest.attempt
  return (
    <header class={`head ${tone}`}>
      <div class="wide">
        <div class="bar">
          <Brand />
          {links.index !== undefined && <Link to={links.index}>All days</Link>}
        </div>
        <div class="badges">
          <span class="badge">
            <Shape mark={mark} size={14} />
            {word}
          </span>
          {manifest.kind === 'backfill' && <span class="kind">Backfill</span>}
        </div>
        <h1 class="title">
          <span class="of">
            {safeText(manifest.pipeline)}
            {description !== undefined && ' '}
            {description !== undefined && <span class="what">{safeText(description, 200)}</span>}
          </span>{' '}
          {title && <span class="weekday">{title.weekday}, </span>}
          {title?.day ?? safeText(manifest.date)}
        </h1>
        <p class="lead">{unbrokenShares(safeText(data.decision ? heldFor(manifest) : manifest.headline, SENTENCE))}</p>
        {data.decision && <p class="state quiet">{decisionSentence(data.decision)}</p>}
        <p class={`state ${here ? 'good' : 'quiet'}`}>
          <Shape mark={here ? 'tick' : 'dash'} size={14} />
          {publishedSentence(manifest, published)}
        </p>
        <HeadFacts data={data} />
        <HeadLinks data={data} />
      </div>
    </header>
  )
}

/** Says why a day was held, once it no longer is. */
const heldFor = ({ problem, headline }: Manifest) => (problem ? `Was held: ${problem.message}.` : headline)

function HeadFacts({ data: { manifest } }: { data: ReportData }) {
  const { pipelineInfo: info, model } = manifest
  const lastedMs = Date.parse(manifest.endedAt) - Date.parse(manifest.startedAt)
  const lasted = lastedMs >= 0 ? `, ${formatDuration(lastedMs)}` : ''
  const by = manifest.requestedBy === undefined ? '' : ` by ${safeText(manifest.requestedBy)}`
  const facts = [
    ['Ran', `${utcMinute(manifest.startedAt)}${lasted}`],
    ['Started', manifest.kind === 'manual' && by !== '' ? upperBy(by) : `${KINDS[manifest.kind]}${by}`],
    ['Attempt', safeText(manifest.attempt)],
    ['Model', model ? `${safeText(fileName(model.file))}, version ${safeText(model.version)}` : undefined],
    ['Owner', info.owner === undefined ? undefined : safeText(info.owner)],
    ['Tags', info.tags?.length ? safeText(info.tags.join(', ')) : undefined],
  ] as const
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

const upperBy = (by: string) => `By hand, ${by.trim()}`

function HeadLinks({ data: { links } }: { data: ReportData }) {
  const named = [
    [links.predictions, 'Predictions'],
    [links.rejects, 'Rejected rows'],
    [links.metrics, 'Metrics'],
    [links.validation, 'Validation'],
    [links.manifest, 'Manifest'],
  ] as const
  const there = named.filter(([path]) => path !== undefined)
  if (there.length === 0) return null
  return (
    <nav class="links" aria-label="Files of this day">
      {there.map(([path, name]) => (
        <Link to={path}>{name}</Link>
      ))}
    </nav>
  )
}

/** Keeps the number and the sign of `62.0 %` on one line. */
function unbrokenShares(text: string) {
  return text.split(/(\d[\d,.]* %)/).map((part, index) => (index % 2 === 1 ? <span class="nowrap">{part}</span> : part))
}

/** Takes the last part of a path. */
function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path
}
