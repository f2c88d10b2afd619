/**
 * Says once the words that report, messages and index share: verdicts, the task's own word, rules, findings, the command to go on with. So
 * a mail and the page it links to cannot disagree. Everything returned is text, not yet escaped.
 */
import type { RuleAction } from '../definition/rules.js'
import { type Label, TASK_FACTS, type TaskFacts } from '../definition/tasks.js'
import type { HoldDecision } from '../engine/protocol/documents/events.js'
import type { CheckResult, Manifest, PipelineInfo, RuleResult } from '../engine/protocol/documents/manifest.js'
import type { Metrics } from '../engine/protocol/documents/metrics.js'
import type { ErrorCode, Verdict } from '../engine/protocol/errorTable.js'
import { asWords, upperFirst } from '../engine/protocol/text.js'
import { count, limit, NO_VALUE, number, observed, probability, share, utcMinute } from './numbers.js'
import type { PublishedNow } from './reportData.js'
import { safeText } from './safeText.js'

/** The longest sentence shown has so many graphemes: room for a message that quotes a few values. */
export const SENTENCE = 600

export type Tone = 'good' | 'warn' | 'bad' | 'quiet'
export type Mark = 'tick' | 'triangle' | 'cross' | 'dash' | 'pause'

/** A verdict never relies on colour: it has a word and a shape too. */
export const VERDICTS: Readonly<Record<Verdict, { readonly word: string; readonly tone: Tone; readonly mark: Mark }>> = {
  pass: { word: 'Pass', tone: 'good', mark: 'tick' },
  warn: { word: 'Warn', tone: 'warn', mark: 'triangle' },
  held: { word: 'Held', tone: 'warn', mark: 'pause' },
  refused: { word: 'Refused', tone: 'bad', mark: 'cross' },
  failed: { word: 'Failed', tone: 'bad', mark: 'cross' },
  'input-missing': { word: 'Input missing', tone: 'bad', mark: 'dash' },
  cancelled: { word: 'Cancelled', tone: 'quiet', mark: 'dash' },
}

/** Says how a day stands: its verdict, or what became of a day that was held. */
export function standing(verdict: Verdict, decision: Pick<HoldDecision, 'decision'> | undefined): (typeof VERDICTS)[Verdict] {
  if (verdict !== 'held' || !decision) return VERDICTS[verdict]
  return decision.decision === 'approved'
    ? { word: 'Approved', tone: 'good', mark: 'tick' }
    : { word: 'Rejected', tone: 'bad', mark: 'cross' }
}

/** `Approved by ana on …: the campaign explains it.` */
export function decisionSentence({ decision, by, at, why }: HoldDecision): string {
  return `${upperFirst(decision)} by ${safeText(by)} on ${utcMinute(at)}: ${safeText(why, SENTENCE)}`
}

export const lowerFirst = (text: string) => text.replace(/^\p{Lu}(?=\P{Lu})/u, (first) => first.toLowerCase())

/** Gives what the kind of the task says. Nothing is known of a definition that could not be read. */
export const factsOf = ({ task }: PipelineInfo): Partial<TaskFacts> => (task === undefined ? {} : TASK_FACTS[task])

/** Gives the word of the task for each label: `churn` and `no churn`. A class of several goes by its own name. */
export function labelText(info: PipelineInfo, label: Label): string {
  if (!factsOf(info).hasPositive || info.positive === undefined) return safeText(String(label))
  const isPositive = String(label) === String(info.positive)
  const word = taskWord(info)
  if (word === 'positive') return isPositive ? 'positive' : 'negative'
  return isPositive ? word : `no ${word}`
}

/** Gives the task's word, such as `churn`. */
export function taskWord(info: PipelineInfo): string {
  return safeText(asWords(info.taskName ?? 'positive'))
}

/** `Churn rate`. */
export const rateTitle = (info: PipelineInfo) => `${upperFirst(taskWord(info))} rate`

/** Says what a rule saw and allows: `churn rate 62.0 % is above 50 %`. */
export function ruleSentence(rule: RuleResult): string {
  const title = safeText(lowerFirst(rule.title))
  const side = ruleSide(rule)
  if (rule.observed === null) return `${title} could not be computed`
  if (!side) return `${title} is ${observed(rule.observed, rule.unit)}, ${ruleRange(rule)}`
  return `${title} ${observed(rule.observed, rule.unit, side.at)} is ${side.word} ${limit(side.at, rule.unit)}`
}

/** `no null predictions`. */
export const checkTitle = ({ name }: CheckResult): string => safeText(asWords(name))

/** `no null predictions: 3 blank; expected 0 blank`. */
export function checkSentence(check: CheckResult): string {
  const { observed, expected } = check
  return `${checkTitle(check)}: ${safeText(observed, SENTENCE)}; expected ${safeText(expected, SENTENCE)}`
}

/** What the rule or check does to the day, for people. */
export const ACTION_WORDS: Readonly<Record<RuleAction, { readonly effect: string; readonly done: string; readonly tone: 'bad' | 'warn' }>> =
  {
    warn: { effect: 'published with a warning', done: 'warned', tone: 'warn' },
    hold: { effect: 'waits for approval', done: 'held', tone: 'warn' },
    fail: { effect: 'not published', done: 'refused', tone: 'bad' },
  }

function ruleSide(rule: RuleResult): { readonly word: string; readonly at: number } | undefined {
  if (rule.observed === null) return undefined
  if (rule.above !== undefined && rule.observed > rule.above) return { word: 'above', at: rule.above }
  if (rule.below !== undefined && rule.observed < rule.below) return { word: 'below', at: rule.below }
  return undefined
}

/** Says what a rule allows: `1 % to 50 %`, `at least 60 %`, `at most 30 %`. */
export function ruleRange(rule: RuleResult): string {
  const low = rule.below === undefined ? undefined : limit(rule.below, rule.unit)
  const high = rule.above === undefined ? undefined : limit(rule.above, rule.unit)
  if (low !== undefined && high !== undefined) return `${low} to ${high}`
  if (low !== undefined) return `at least ${low}`
  return high === undefined ? 'any value' : `at most ${high}`
}

/** Writes the observed value as the rules table shows it. */
export const ruleObserved = (rule: RuleResult) => observed(rule.observed, rule.unit, ruleSide(rule)?.at)

/** Says what readers see for the date. */
export function publishedSentence(manifest: Manifest, published: PublishedNow | undefined): string {
  if (!published) return 'Nothing is published for this date'
  if (published.attempt === manifest.attempt) {
    // A run publishes itself as the next number after the one it saw: a later one was given by somebody.
    if (published.number <= manifest.seenPublication + 1) return 'Published'
    const why = published.why === undefined ? '' : `: ${safeText(published.why, 200)}`
    return `Published by hand, ${utcMinute(published.at)}, by ${safeText(published.by ?? 'somebody')}${why}`
  }
  const other = `attempt ${safeText(published.attempt)} of ${utcMinute(published.at)}`
  return `Not published: ${other} ${published.number > manifest.seenPublication ? 'is' : 'stays'} published`
}

const CHECK_FIRST: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DefinitionInvalid', 'ModelUnusable', 'ModelMismatch', 'GoldenRowsDiffer'])

/** Gives the command to go on with; `undefined` after a day that needs none. */
export function nextCommand(manifest: Manifest, published: PublishedNow | undefined): string | undefined {
  const { verdict, problem } = manifest
  if (verdict === 'pass' || verdict === 'warn') return undefined
  const pipeline = shellWord(manifest.pipeline)
  const date = shellWord(manifest.date)
  if (verdict === 'held') return `daybreak approve ${pipeline} --date ${date} --attempt ${shellWord(manifest.attempt)} --reason "…"`
  if (problem && CHECK_FIRST.has(problem.code)) return `daybreak check ${pipeline}`
  const input = manifest.givenInput === undefined ? '' : ` --input ${shellWord(manifest.givenInput)}`
  return `daybreak run ${pipeline} --date ${date}${input}${published ? ' --rerun' : ''}`
}

/** Quotes a word of a command line, so that a shell takes it as it stands. */
export function shellWord(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Masks a key for a report: enough of it stays to find the row, too little to know whose it is. */
export function maskedKey(key: string): string {
  const signs = [...key]
  if (signs.length === 0) return ''
  return signs.length < 6 ? '•••' : `${signs.slice(0, 2).join('')}•••${signs.at(-1)}`
}

export interface Figure {
  readonly label: string
  readonly value: string
  /** What the value means or is measured against. */
  readonly note?: string
}

/** Names what the model's score is. */
export const scoreWord = ({ scores }: PipelineInfo): string => (scores === 'margin' ? 'margin' : 'probability')

/** Lists the figures of the day, in order; none when nothing was counted. */
export function keyFigures(manifest: Manifest, metrics: Metrics | undefined): readonly Figure[] {
  const accounts = metrics ? { read: metrics.rowsRead, predicted: metrics.predicted, rejected: metrics.rowsRejected } : manifest.accounts
  if (!accounts) return []
  const errors = manifest.accounts?.errors ?? 0
  const failed = errors > 0 ? `, ${count(errors)} in features or model` : ''
  const rejectedNote =
    accounts.rejected === 0 || accounts.read === 0 ? 'none' : `${share(accounts.rejected / accounts.read)} of the rows read${failed}`
  return [
    { label: 'Rows read', value: count(accounts.read) },
    { label: 'Predicted', value: count(accounts.predicted) },
    { label: 'Rejected', value: count(accounts.rejected), ...(accounts.rejected > 0 ? { note: rejectedNote } : {}) },
    ...(metrics && metrics.predicted > 0 ? taskFigures(manifest.pipelineInfo, metrics) : []),
  ].filter((figure) => figure.value !== NO_VALUE)
}

function taskFigures(info: PipelineInfo, metrics: Metrics): readonly Figure[] {
  if (factsOf(info).classifies === false) {
    const word = info.taskName === undefined || info.taskName === 'value' ? 'prediction' : taskWord(info)
    return [
      { label: `Mean ${word}`, value: number(metrics.meanScore) },
      { label: 'Smallest', value: number(metrics.minScore) },
      { label: 'Largest', value: number(metrics.maxScore) },
    ]
  }
  const { limits, predicted } = metrics
  const ofPredicted = (value: number | null, side: string, at: number) =>
    value === null ? '' : `${share(value / predicted)} of predictions, ${side} ${number(at)}`
  const low = {
    label: 'Low confidence',
    value: count(metrics.lowConfidence),
    note: ofPredicted(metrics.lowConfidence, 'below', limits.low),
  }
  const high = {
    label: 'High confidence',
    value: count(metrics.highConfidence),
    note: ofPredicted(metrics.highConfidence, 'above', limits.high),
  }
  const mean = { label: 'Mean confidence', value: probability(metrics.meanConfidence) }
  if (!factsOf(info).hasPositive) return [mean, high, low]
  const positives = metrics.classCounts.find(({ label }) => String(label) === String(info.positive))
  const rate = { label: rateTitle(info), value: share(metrics.positiveRate) }
  return [positives ? { ...rate, note: `${count(positives.count)} of ${count(predicted)}` } : rate, mean, low]
}
