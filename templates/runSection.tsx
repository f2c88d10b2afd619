/** Shows model and run: what it takes to repeat the day, and to find it in Temporal while its history is kept. */
import { formatDuration } from '../definition/durations.js'
import type { TemporalIds } from '../engine/protocol/documents/attempt.js'
import type { Comparison, Manifest, ModelFingerprint, StepTiming } from '../engine/protocol/documents/manifest.js'
import { andMore, cut, stepTitle } from './attention.js'
import { bytes, count, utcSecond } from './numbers.js'
import { Link, Pairs, Section, Table } from './parts.js'
import type { ReportData } from './reportData.js'
import { safeText } from './safeText.js'
import { SENTENCE } from './wording.js'

const MOST_NAMES = 40

export function RunSection({ data: { manifest } }: { data: ReportData }) {
  const files = Object.entries(manifest.files)
  const steps = stepRows(manifest.timings)
  return (
    <Section id="run" title="Model and run">
      {manifest.model && <Model model={manifest.model} />}
      <Run manifest={manifest} />
      {steps.length > 0 && <Steps steps={steps} />}
      {files.length > 0 && (
        <div class="block">
          <Table
            caption="Sealed files"
            columns={[
              { title: 'File', cell: ([name]) => safeText(name) },
              { title: 'Size', kind: 'number', cell: ([, file]) => bytes(file.bytes) },
              { title: 'sha256', kind: 'hash', cell: ([, file]) => safeText(file.sha256) },
            ]}
            rows={files}
          />
        </div>
      )}
    </Section>
  )
}

function names(list: readonly string[]): string {
  const { shown, more } = cut(list, MOST_NAMES)
  return `${shown.map((name) => safeText(name)).join(', ')}${more > 0 ? ` ${andMore(more, 'name')}` : ''}`
}

const hash = (value: string | undefined) => value !== undefined && <span class="hash">{safeText(value)}</span>

function Model({ model }: { model: ModelFingerprint }) {
  return (
    <div class="block">
      <h3>Model</h3>
      <Pairs
        pairs={[
          ['File', <code>{safeText(model.file, 200)}</code>],
          ['Version', safeText(model.version)],
          ['Made by', [model.producer, model.opset].flatMap((part) => (part === undefined ? [] : [safeText(part)])).join(', opset ')],
          ['Inputs', names(model.inputs)],
          ['Outputs', names(model.outputs)],
          ['Adapted', model.repairs.length === 0 ? 'no' : model.repairs.map((repair) => safeText(repair, SENTENCE)).join('; ')],
          ['Golden rows', model.goldenRows === 0 ? 'none to try' : `${count(model.goldenRows)} tried, all as recorded`],
          ['sha256', hash(model.sha256)],
        ]}
      />
    </div>
  )
}

function Run({ manifest }: { manifest: Manifest }) {
  const { fingerprints, temporal } = manifest
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['Definition', fingerprints.definition],
    ['Contract', fingerprints.contract],
    ['Code', fingerprints.code],
    ['Results digest', manifest.resultsDigest],
  ]
  return (
    <div class="block">
      <h3>Run</h3>
      <Pairs
        pairs={[
          ['Started, ended', `${utcSecond(manifest.startedAt)}, ${utcSecond(manifest.endedAt)}`],
          ['Attempt', `${safeText(manifest.attempt)}, run ${safeText(manifest.runKey)}`],
          ['Given file', manifest.givenInput === undefined ? undefined : <code>{safeText(manifest.givenInput, 200)}</code>],
          ['Micro-batch', manifest.microBatch === undefined ? undefined : `${count(manifest.microBatch)} rows at once`],
          ['Workflow', temporal && safeText(temporal.workflowId, 200)],
          ['Workflow run', temporal && <WorkflowRun temporal={temporal} />],
          ['Compared', manifest.comparison && comparisonText(manifest.comparison)],
          ...pairs.map(([name, value]) => [name, value === undefined ? undefined : hash(value)] as const),
        ]}
      />
    </div>
  )
}

function comparisonText({ attempt, sameResults, changed }: Comparison): string {
  const other = changed.length === 0 ? 'same input, model, definition and code' : `other ${changed.join(', ')}`
  return `${sameResults ? 'the results of' : 'other results than'} attempt ${safeText(attempt)}; ${other}`
}

function WorkflowRun({ temporal }: { temporal: TemporalIds }) {
  const { ui } = temporal
  const part = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))
  const to =
    ui !== undefined && /^https?:\/\//i.test(ui)
      ? `${ui.replace(/\/+$/, '')}/namespaces/${part(temporal.namespace)}/workflows/${part(temporal.workflowId)}/${part(temporal.runId)}/history`
      : undefined
  return (
    <>
      {safeText(temporal.runId)}, namespace {safeText(temporal.namespace)}
      {to !== undefined && (
        <>
          {' · '}
          <Link to={to}>history in Temporal</Link>
        </>
      )}
    </>
  )
}

interface StepRow {
  readonly step: string
  readonly times: number
  readonly startedAt: string
  /** From the first start to the last end: what somebody who waits feels. */
  readonly ms: number
  readonly retries: number
}

/** Makes one row for each step: hundreds of partitions are one step to a reader. */
function stepRows(timings: readonly StepTiming[]): readonly StepRow[] {
  const groups = new Map<string, StepTiming[]>()
  for (const timing of timings) groups.set(timing.step, [...(groups.get(timing.step) ?? []), timing])
  return [...groups].map(([step, group]) => {
    const starts = group.map(({ startedAt }) => Date.parse(startedAt))
    const ends = group.map(({ ms }, index) => (starts[index] ?? 0) + ms)
    const first = group.reduce((a, b) => (Date.parse(b.startedAt) < Date.parse(a.startedAt) ? b : a))
    return {
      step,
      times: group.length,
      startedAt: first.startedAt,
      ms: ends.reduce((a, b) => Math.max(a, b)) - starts.reduce((a, b) => Math.min(a, b)),
      retries: group.reduce((sum, { retries }) => sum + retries, 0),
    }
  })
}

function Steps({ steps }: { steps: readonly StepRow[] }) {
  return (
    <div class="block">
      <Table<StepRow>
        caption="Steps"
        columns={[
          { title: 'Step', cell: ({ step, times }) => (times > 1 ? `${stepTitle(step)}, ${count(times)} times` : stepTitle(step)) },
          { title: 'Started', kind: 'short', cell: ({ startedAt }) => utcSecond(startedAt) },
          { title: 'Took', kind: 'number', cell: ({ ms }) => (Number.isFinite(ms) ? formatDuration(ms) : '') },
          { title: 'Retries', kind: 'number', cell: ({ retries }) => count(retries) },
        ]}
        rows={steps}
      />
    </div>
  )
}
