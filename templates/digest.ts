/** Writes the one message of a backfill, at its end: how many days it published, and which it did not and why. */
import { formatDuration } from '../definition/durations.js'
import { type BackfillResult, backfillCounts } from '../engine/protocol/backfill.js'
import type { Verdict } from '../engine/protocol/errorTable.js'
import { cut } from './attention.js'
import { type RenderedMessage, renderBlocks } from './message.js'
import type { MessageBlock } from './messageBlocks.js'
import { count } from './numbers.js'
import { headerText, safeHref, safeText } from './safeText.js'
import { SENTENCE, shellWord, type Tone, VERDICTS } from './wording.js'

export interface DigestData {
  readonly result: BackfillResult
  /** Idempotency key: readers who get it twice can see that it is one. */
  readonly key: string
  /** Where the page of all days lies, as text. */
  readonly indexPath: string
  /** Its address, when it is served. */
  readonly indexUrl?: string
}

/** Days named in the message; the page of days has them all. */
const MOST_DAYS = 5
const LONGEST_SUBJECT = 140

export function renderDigest(data: DigestData): RenderedMessage {
  return renderBlocks(digestSubject(data), digestBlocks(data))
}

/** `[BACKFILL] churn 2026-03-01 to 2026-03-30: 28 of 30 days published, …`, on one line. */
export function digestSubject({ result }: DigestData): string {
  const { pipeline, from, to } = result.request
  const sentence = digestSentence(result).replace(/\.$/, '')
  return headerText(`[BACKFILL] ${headerText(pipeline, 60)} ${from} to ${to}: ${sentence}`, LONGEST_SUBJECT)
}

/** `28 of 30 days published, 1 failed, 1 input missing, in 4m 10s.` */
export function digestSentence({ days, startedAt, endedAt, ended, stoppedBy }: BackfillResult): string {
  const { planned, published, notStarted } = backfillCounts(days)
  const others = unpublished(days).reduce<Map<string, number>>((by, { state }) => by.set(state, (by.get(state) ?? 0) + 1), new Map())
  const counted = [...others].map(([state, times]) => `${count(times)} ${VERDICTS[state as Verdict]?.word.toLowerCase() ?? state}`)
  const parts = [`${count(published)} of ${count(planned)} days published`, ...counted]
  if (notStarted > 0) parts.push(`${count(notStarted)} not started`)
  if (ended === 'stopped') parts.push(`stopped by ${safeText(stoppedBy ?? 'somebody')}`)
  if (startedAt) parts.push(`in ${formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)))}`)
  return `${parts.join(', ')}.`
}

/** The digest in order: what became of the dates, which failed, what to do, where to read on. */
export function digestBlocks({ result, key, indexPath, indexUrl }: DigestData): readonly MessageBlock[] {
  const { request, days } = result
  const { pipeline, from, to, mode, requestedBy } = request
  const failed = unpublished(days)
  const { shown, more } = cut(failed, MOST_DAYS)
  const findings = shown.map(({ date, state, problem }) => safeText(`${date}: ${state}${problem ? `, ${problem}` : ''}`, 240))
  const url = indexUrl === undefined || !/^https?:/i.test(indexUrl) ? undefined : safeHref(indexUrl)
  const again = `daybreak backfill ${shellWord(pipeline)} --from ${from} --to ${to} --mode failed`
  const by = requestedBy === undefined ? '' : `, asked for by ${safeText(requestedBy)}`
  return [
    { type: 'title', tone: toneOf(result), word: 'Backfill', text: `${safeText(pipeline)} ${from} to ${to}` },
    { type: 'sentence', text: safeText(digestSentence(result), SENTENCE) },
    ...(findings.length > 0 ? [{ type: 'findings', title: 'Not published', findings, more } as const] : []),
    ...(failed.length > 0
      ? [{ type: 'next', text: 'Mend what the reports name, then run these dates again.', command: again } as const]
      : []),
    { type: 'report', path: safeText(indexPath, 200), ...(url === undefined ? {} : { url }) },
    { type: 'small', text: `Mode ${mode}${by} · ${safeText(key, 200)}` },
  ]
}

function unpublished(days: BackfillResult['days']) {
  return days.filter(({ state, published }) => !published && !['waiting', 'running', 'skipped', 'not-started'].includes(state))
}

function toneOf({ ended, days }: BackfillResult): Tone {
  const { failed, published } = backfillCounts(days)
  if (failed === 0) return ended === 'stopped' ? 'warn' : 'good'
  return published > 0 ? 'warn' : 'bad'
}
