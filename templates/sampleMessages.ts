/**
 * Makes up one message of every kind, for a team that wants to see whether its channels work and what will come through them. Each says in
 * subject and text that it is a sample. It is a pure function of the pipeline's words; nothing here is a record of anything.
 */
import type { RuleAction } from '../definition/rules.js'
import type { BackfillDay, BackfillResult } from '../engine/protocol/backfill.js'
import type { MessageKind } from '../engine/protocol/documents/events.js'
import type { Manifest, PipelineInfo, RuleResult } from '../engine/protocol/documents/manifest.js'
import type { Metrics } from '../engine/protocol/documents/metrics.js'
import { DaybreakError, type Problem } from '../engine/protocol/errors.js'
import type { ErrorCode, Verdict } from '../engine/protocol/errorTable.js'
import { digestBlocks, digestSubject } from './digest.js'
import { headline } from './headline.js'
import { type RenderedMessage, renderBlocks } from './message.js'
import { type MessageBlock, messageBlocks, messageSubject } from './messageBlocks.js'
import { headerText } from './safeText.js'
import { factsOf, rateTitle, ruleSentence } from './wording.js'

/** The kinds of message that a run sends, and the digest of a backfill. */
export const SAMPLE_KINDS = ['success', 'anomaly', 'held', 'failure', 'missing', 'late', 'backfill'] as const satisfies readonly (
  | MessageKind
  | 'backfill'
)[]
export type SampleKind = (typeof SAMPLE_KINDS)[number]

/** The data date of all samples. */
export const SAMPLE_DATE = '2026-01-15'

export interface SampleData {
  readonly info: PipelineInfo
  /** The key of this one sample: readers who get it twice can see that it is one. */
  readonly key: string
  /** Where the page of all days lies: there is no report of a day that never was. */
  readonly indexPath: string
  /** Its address, when it is served. */
  readonly indexUrl?: string
}

const NOTICE = 'This is a sample: daybreak notify test sent it, nothing ran, and its figures are made up.'
const LONGEST_SUBJECT = 140

/** Renders a sample in every form a channel may want. */
export function renderSample(kind: SampleKind, data: SampleData): RenderedMessage {
  const { subject, blocks } = kind === 'backfill' ? digest(data) : message(kind, data)
  const [title, ...rest] = blocks
  const notice: MessageBlock = { type: 'state', text: NOTICE }
  return renderBlocks(headerText(`[SAMPLE] ${subject}`, LONGEST_SUBJECT), title ? [title, notice, ...rest] : [notice])
}

interface Content {
  readonly subject: string
  readonly blocks: readonly MessageBlock[]
}

function message(kind: MessageKind, { info, key, indexPath, indexUrl }: SampleData): Content {
  const published = kind === 'success' || kind === 'anomaly'
  const scored = published || kind === 'held'
  const data = {
    kind,
    manifest: manifestOf(kind, info),
    key,
    reportPath: indexPath,
    ...(indexUrl === undefined ? {} : { reportUrl: indexUrl }),
    ...(scored ? { metrics: metricsOf(kind, info) } : {}),
    ...(published ? { published: { attempt: 'a001', at: ENDED_AT, number: 1 } } : {}),
  }
  return { subject: messageSubject(data), blocks: messageBlocks(data) }
}

const STARTED_AT = '2026-01-16T06:00:00.000Z'
const ENDED_AT = '2026-01-16T06:00:09.000Z'
const [READ, REJECTED] = [7043, 12]

function manifestOf(kind: MessageKind, info: PipelineInfo): Manifest {
  const problem = problemOf(kind, info)
  const facts = {
    verdict: verdictOf(kind),
    ...(problem ? { problem } : {}),
    ...accountsOf(kind),
    checks: [],
    rules: kind === 'anomaly' ? [firedRule(info)] : kind === 'held' ? [firedRule(info, 'hold')] : [],
    warnings: [],
    pipelineInfo: info,
  }
  return {
    format: 1,
    pipeline: info.name,
    date: SAMPLE_DATE,
    attempt: 'a001',
    runKey: 'sample',
    kind: 'scheduled',
    startedAt: STARTED_AT,
    endedAt: ENDED_AT,
    seenPublication: 0,
    ...facts,
    headline: kind === 'late' ? lateHeadline(info) : headline(facts, metricsOf(kind, info)),
    fingerprints: { code: 'sample' },
    files: {},
    timings: [],
  }
}

function verdictOf(kind: MessageKind): Verdict {
  if (kind === 'success') return 'pass'
  if (kind === 'failure') return 'failed'
  if (kind === 'held') return 'held'
  return kind === 'missing' ? 'input-missing' : 'warn'
}

function accountsOf(kind: MessageKind): Pick<Manifest, 'accounts'> {
  if (kind === 'missing' || kind === 'late') return {}
  const rejected = kind === 'failure' ? 412 : REJECTED
  return { accounts: { read: READ, predicted: READ - rejected, rejected } }
}

const inputOf = ({ inputPath, name }: PipelineInfo) => inputPath ?? `the input of ${name}`

function problemOf(kind: MessageKind, info: PipelineInfo): Problem | undefined {
  const problem = (code: ErrorCode, text: string) => new DaybreakError(code, text).problem
  if (kind === 'failure') return problem('RejectBudgetExceeded', '412 of 7043 rows were rejected, 5.8 %; at most 1 % may be')
  if (kind === 'missing') return problem('InputMissing', `${inputOf(info)}: there is no such file (waited 1h)`)
  if (kind === 'held') {
    const why = ruleSentence(firedRule(info, 'hold'))
    return new DaybreakError('Held', why, { details: [why] }).problem
  }
  return undefined
}

function lateHeadline(info: PipelineInfo): string {
  return `The run is still going 2h after its time (${STARTED_AT}): it stands in step "Wait for the input", for ${inputOf(info)}.`
}

/** Makes up a rule that fits the task, as it reads when it has fired. */
function firedRule(info: PipelineInfo, action: RuleAction = 'warn'): RuleResult {
  const shared = { action, fired: true } as const
  const { classifies, hasPositive } = factsOf(info)
  if (hasPositive)
    return { ...shared, rule: 'positive-rate', title: rateTitle(info), observed: 0.62, below: 0.01, above: 0.5, unit: 'share' }
  if (classifies) return { ...shared, rule: 'mean-confidence', title: 'Mean confidence', observed: 0.52, below: 0.6, unit: 'number' }
  return { ...shared, rule: 'row-count', title: 'Rows read', observed: READ, above: 5000, unit: 'count' }
}

function metricsOf(kind: MessageKind, info: PipelineInfo): Metrics {
  const predicted = READ - REJECTED
  const unusual = kind === 'anomaly' || kind === 'held'
  const positives = unusual ? 4359 : 1866
  const { classifies = true, hasPositive = false } = factsOf(info)
  return {
    rowsRead: READ,
    rowsRejected: REJECTED,
    predicted,
    classCounts: hasPositive && info.positive !== undefined ? [{ label: info.positive, count: positives }] : [],
    positiveRate: hasPositive ? positives / predicted : null,
    meanConfidence: classifies ? (unusual && !hasPositive ? 0.52 : 0.79) : null,
    highConfidence: classifies ? 3510 : null,
    lowConfidence: classifies ? 794 : null,
    limits: { high: 0.8, low: 0.6 },
    meanScore: classifies ? null : 128.4,
    minScore: classifies ? null : 12.1,
    maxScore: classifies ? null : 1204.9,
    histogram: null,
  }
}

function digest({ info, key, indexPath, indexUrl }: SampleData): Content {
  const [from, to] = ['2026-01-01', '2026-01-03']
  const day = (date: string, state: Verdict, problem?: string): BackfillDay => ({
    date,
    reason: 'never ran',
    state,
    attempt: 'a001',
    published: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
  })
  const result: BackfillResult = {
    id: 'sample',
    request: { pipeline: info.name, from, to, mode: 'missing', parallel: 2, order: 'oldest' },
    ended: 'done',
    startedAt: STARTED_AT,
    endedAt: ENDED_AT,
    days: [day(from, 'pass'), day('2026-01-02', 'pass'), day(to, 'input-missing', 'there is no such file')],
  }
  const data = { result, key, indexPath, ...(indexUrl === undefined ? {} : { indexUrl }) }
  return { subject: digestSubject(data), blocks: digestBlocks(data) }
}
