/**
 * Says what a message says, as one short list of typed blocks. Mail, plain text and Slack are drawn from it, so they cannot disagree. It
 * has no rows and no keys of customers: those stay in the files that the message points to.
 */
import type { MessageKind } from '../engine/protocol/documents/events.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import type { Metrics } from '../engine/protocol/documents/metrics.js'
import { ERRORS } from '../engine/protocol/errorTable.js'
import { attentionItems, cut } from './attention.js'
import type { PublishedNow } from './reportData.js'
import { headerText, safeHref, safeText } from './safeText.js'
import { type Figure, keyFigures, nextCommand, publishedSentence, ruleSentence, SENTENCE, type Tone, VERDICTS } from './wording.js'

export interface MessageData {
  readonly kind: MessageKind
  readonly manifest: Manifest
  readonly metrics?: Metrics
  /** Idempotency key: readers who get a message twice can see that it is one. */
  readonly key: string
  /** Where the report lies, as text. */
  readonly reportPath: string
  /** Address of the report, when it is served. */
  readonly reportUrl?: string
  readonly published?: PublishedNow
}

export type MessageBlock =
  | { readonly type: 'title'; readonly tone: Tone; readonly word: string; readonly text: string }
  | { readonly type: 'sentence'; readonly text: string }
  | { readonly type: 'state'; readonly text: string }
  | { readonly type: 'figures'; readonly figures: readonly Figure[] }
  | { readonly type: 'findings'; readonly title: string; readonly findings: readonly string[]; readonly more: number }
  | { readonly type: 'next'; readonly text: string; readonly command?: string }
  | { readonly type: 'report'; readonly path: string; readonly url?: string }
  | { readonly type: 'small'; readonly text: string }

const MOST_FINDINGS = 5
const LONGEST_SUBJECT = 140
/** A finding has so many graphemes: five of them stay a digest. */
const FINDING = 240

/** The word on top: the verdict, or that the run is late. */
export function messageWord({ kind, manifest }: MessageData): { readonly word: string; readonly tone: Tone } {
  return kind === 'late' ? { word: 'Late', tone: 'warn' } : VERDICTS[manifest.verdict]
}

/** `[WARN] churn 2026-11-22: churn rate 62.0 % is above 50 %`, on one line, free of control characters. */
export function messageSubject(data: MessageData): string {
  const { manifest, kind } = data
  const fired = manifest.rules.filter((rule) => rule.fired)
  const worst = fired.find(({ action }) => action === 'fail') ?? fired.find(({ action }) => action === 'hold') ?? fired[0]
  const others = fired.length > 1 ? `, and ${fired.length - 1} more` : ''
  const why = worst && kind !== 'late' ? `${ruleSentence(worst)}${others}` : manifest.headline.replace(/\.$/, '')
  const what = `${headerText(manifest.pipeline, 60)} ${headerText(manifest.date, 20)}`
  return headerText(`[${messageWord(data).word.toUpperCase()}] ${what}: ${why}`, LONGEST_SUBJECT)
}

/** Puts the message in order: what happened, what is published, what needs attention, what to do, the figures, where to read on. */
export function messageBlocks(data: MessageData): readonly MessageBlock[] {
  const { manifest, metrics, kind, published } = data
  const { word, tone } = messageWord(data)
  const figures = keyFigures(manifest, metrics)
  const url = data.reportUrl === undefined || !/^https?:/i.test(data.reportUrl) ? undefined : safeHref(data.reportUrl)
  return [
    { type: 'title', tone, word, text: `${safeText(manifest.pipeline)} ${safeText(manifest.date)}` },
    { type: 'sentence', text: safeText(manifest.headline, SENTENCE) },
    ...(kind === 'late' ? [] : [{ type: 'state', text: `${publishedSentence(manifest, published)}.` } as const]),
    ...findingsBlock(data),
    ...nextBlock(data),
    ...(figures.length > 0 ? [{ type: 'figures', figures } as const] : []),
    { type: 'report', path: safeText(data.reportPath, 200), ...(url === undefined ? {} : { url }) },
    { type: 'small', text: `Attempt ${safeText(manifest.attempt)} · ${safeText(data.key, 200)}` },
  ]
}

function findingsBlock({ manifest }: MessageData): readonly MessageBlock[] {
  const all = attentionItems({ manifest }).flatMap((item) => {
    // The details of repeated keys are keys of customers.
    const details = manifest.problem?.code === 'DuplicateKeys' && item.severity === 'bad' ? [] : item.details
    const isProblem = item.title === (manifest.problem && ERRORS[manifest.problem.code]?.title)
    const head = isProblem && manifest.headline.includes(manifest.problem!.message) ? [] : [sentence(item.title, item.message)]
    return details.length > 0 && item.message === undefined ? details : [...head, ...details]
  })
  const { shown, more } = cut(all, MOST_FINDINGS)
  if (shown.length === 0) return []
  return [{ type: 'findings', title: 'Needs attention', findings: shown.map((text) => safeText(text, FINDING)), more }]
}

const sentence = (title: string, message: string | undefined) => (message === undefined ? title : `${title}. ${message}`)

function nextBlock({ manifest, published, kind }: MessageData): readonly MessageBlock[] {
  if (!manifest.problem || kind === 'late') return []
  const command = nextCommand(manifest, published)
  const text = safeText(manifest.problem.next, SENTENCE)
  return [{ type: 'next', text, ...(command === undefined ? {} : { command: safeText(command, 300) }) }]
}
