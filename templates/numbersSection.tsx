/** Shows the day in numbers: the figures a manager asks for, and how the predictions and their scores are spread. */
import type { PipelineInfo } from '../engine/protocol/documents/manifest.js'
import type { Metrics } from '../engine/protocol/documents/metrics.js'
import { upperFirst } from '../engine/protocol/text.js'
import { andMore, cut } from './attention.js'
import { type Bar, ScoreHistogram, ShareBars } from './charts.js'
import { count, number, share } from './numbers.js'
import { Section, Table } from './parts.js'
import type { ReportData } from './reportData.js'
import { factsOf, keyFigures, labelText, scoreWord, taskWord } from './wording.js'

/** So many classes are drawn and listed; the others are counted. */
const MOST_CLASSES = 24

export function NumbersSection({ data: { manifest, metrics } }: { data: ReportData }) {
  const figures = keyFigures(manifest, metrics)
  if (figures.length === 0) return null
  return (
    <Section id="numbers" title="The day in numbers">
      <dl class="tiles">
        {figures.map((figure) => (
          <div class="tile">
            <dt>{figure.label}</dt>
            <dd>{figure.value}</dd>
            {figure.note !== undefined && <dd class="aside">{figure.note}</dd>}
          </div>
        ))}
      </dl>
    </Section>
  )
}

export function PredictionsSection({ data: { manifest, metrics } }: { data: ReportData }) {
  if (!metrics || metrics.predicted === 0 || (metrics.classCounts.length === 0 && !metrics.histogram)) return null
  return (
    <Section id="predictions" title="Predictions">
      {metrics.classCounts.length > 0 && <Classes info={manifest.pipelineInfo} metrics={metrics} />}
      {metrics.histogram?.counts.some((each) => each > 0) && <Scores info={manifest.pipelineInfo} metrics={metrics} />}
    </Section>
  )
}

function Classes({ info, metrics }: { info: PipelineInfo; metrics: Metrics }) {
  const { predicted } = metrics
  const { hasPositive = false } = factsOf(info)
  const isPositive = (label: string | number) => hasPositive && String(label) === String(info.positive)
  const bars = metrics.classCounts.map(
    ({ label, count: of }): Bar => ({
      label: hasPositive ? upperFirst(labelText(info, label)) : labelText(info, label),
      count: of,
      main: isPositive(label),
    }),
  )
  // Of two classes the positive one comes first. Several keep the order of the model, or begin with the largest when there are too many to
  // draw.
  const ordered = hasPositive
    ? bars.toSorted((a, b) => Number(b.main) - Number(a.main))
    : bars.length > MOST_CLASSES
      ? bars.toSorted((a, b) => b.count - a.count)
      : bars
  const { shown, more } = cut(ordered, MOST_CLASSES)
  const largest = bars.reduce((a, b) => (b.count > a.count ? b : a))
  const about = ordered.find(({ main }) => main) ?? largest
  return (
    <>
      <ShareBars
        id="classes"
        title={hasPositive ? 'Predictions by outcome' : `Predictions by ${taskWord(info)}`}
        conclusion={`${about.label}: ${count(about.count)} of ${count(predicted)} predictions, ${share(about.count / predicted)}.`}
        bars={shown}
        whole={predicted}
      />
      {more > 0 && <p class="soft small">{andMore(more, 'class', 'classes')} with fewer predictions each</p>}
      <details>
        <summary>The numbers of this chart</summary>
        <Table
          caption="Predictions by class"
          columns={[
            { title: 'Class', cell: (bar) => bar.label },
            { title: 'Count', kind: 'number', cell: (bar) => count(bar.count) },
            { title: 'Share', kind: 'number', cell: (bar) => share(bar.count / predicted) },
          ]}
          rows={shown}
        />
      </details>
    </>
  )
}

function Scores({ info, metrics }: { info: PipelineInfo; metrics: Metrics }) {
  const mean = metrics.meanScore === null ? '' : `Mean ${number(metrics.meanScore)}`
  const range =
    metrics.minScore === null || metrics.maxScore === null ? '' : `, from ${number(metrics.minScore)} to ${number(metrics.maxScore)}`
  return (
    <ScoreHistogram
      id="scores"
      title={scoreTitle(info)}
      conclusion={mean === '' ? 'How many predictions have which score.' : `${mean}${range}.`}
      histogram={metrics.histogram!}
      {...(info.threshold === undefined ? {} : { threshold: info.threshold })}
    />
  )
}

function scoreTitle(info: PipelineInfo): string {
  const { classifies, hasPositive } = factsOf(info)
  if (hasPositive) return `Score: the model’s ${scoreWord(info)} of ${labelText(info, info.positive ?? '')}`
  if (classifies) return `Score: the ${scoreWord(info)} of the predicted class`
  return `Predicted ${info.taskName === undefined ? 'values' : taskWord(info)}`
}
