/**
 * Lists what needs somebody's attention, worst first, each thing once: for the report and, cut shorter, for the messages. It is a list of
 * plain text that decides what is said, never how it looks.
 */
import type { RuleAction } from '../definition/rules.js'
import type { AttemptEvent, HoldDecision } from '../engine/protocol/documents/events.js'
import type { CheckResult, Manifest, RuleResult } from '../engine/protocol/documents/manifest.js'
import type { ValidationFile } from '../engine/protocol/documents/validation.js'
import { placeText } from '../engine/protocol/errors.js'
import { ERRORS } from '../engine/protocol/errorTable.js'
import { STEP_TITLES } from '../engine/protocol/steps.js'
import { upperFirst } from '../engine/protocol/text.js'
import { counted, limit, utcMinute } from './numbers.js'
import type { PublishedNow } from './reportData.js'
import { safeText } from './safeText.js'
import { ACTION_WORDS, checkTitle, decisionSentence, nextCommand, ruleRange, ruleSentence, SENTENCE } from './wording.js'

export interface AttentionItem {
  readonly severity: 'bad' | 'warn' | 'note'
  readonly title: string
  /** One sentence with names and figures, when the title does not say it all. */
  readonly message?: string
  /** All of them; whoever shows them cuts. */
  readonly details: readonly string[]
  /** Lines of the input: for the report alone. */
  readonly excerpt?: readonly string[]
  /** `file:line`, as far as known, and the step. */
  readonly place?: string
  /** What to do. */
  readonly next?: string
  readonly command?: string
}

export interface AttentionSource {
  readonly manifest: Manifest
  readonly validation?: ValidationFile
  readonly events?: readonly AttemptEvent[]
  readonly published?: PublishedNow
  readonly decision?: HoldDecision
}

/** Lists everything unusual about a day. The list is empty when there is nothing to do. */
export function attentionItems(source: AttentionSource): readonly AttentionItem[] {
  const { manifest } = source
  const problem = manifest.problem ? [problemItem(manifest, source)] : []
  // What the problem lists already is not said twice.
  const said = new Set([manifest.problem?.message, ...(manifest.problem?.details ?? [])])
  const listed = (code: string) => manifest.problem?.code === code && manifest.problem.details.length > 0
  const named = (rule: RuleResult) => manifest.problem?.message.toLowerCase().includes(ruleSentence(rule).toLowerCase())
  const told = (action: RuleAction) =>
    action === 'hold' ? manifest.problem?.code === 'Held' : action === 'fail' && (listed('AnomalyRefused') || listed('ResultCheckFailed'))
  const checks = manifest.checks.filter(({ passed, action = 'fail' }) => !passed && !told(action)).map(checkItem)
  const fired = manifest.rules.filter((rule) => rule.fired && !told(rule.action) && !named(rule))
  const broken = unsaid(source.validation?.errors ?? [], said).map((text) => sentenceItem('bad', 'The contract is broken', text))
  const warnings = unsaid([...(source.validation?.warnings ?? []), ...manifest.warnings], said)
  return [
    ...problem,
    ...checks,
    ...fired.filter(({ action }) => action === 'fail').map(ruleItem),
    ...broken,
    ...fired.filter(({ action }) => action !== 'fail').map(ruleItem),
    ...warningItems(warnings),
    ...channelItems(source.events ?? []),
  ]
}

/** Counts the checks that passed and the rules that stayed quiet. */
export function passedCount(manifest: Manifest): number {
  return manifest.checks.filter(({ passed }) => passed).length + manifest.rules.filter(({ fired }) => !fired).length
}

function problemItem(manifest: Manifest, { published, decision }: AttentionSource): AttentionItem {
  const problem = manifest.problem!
  const known = Object.hasOwn(ERRORS, problem.code) ? ERRORS[problem.code] : ERRORS.Unexpected
  const place = safeText(placeText(problem.place), 200)
  const step = problem.step === undefined ? '' : `step “${stepTitle(problem.step)}”`
  const where = [place, step].filter((part) => part !== '').join(', ')
  const command = decision ? undefined : nextCommand(manifest, published)
  const until = manifest.holdExpiresAt === undefined || decision ? '' : ` It can be approved until ${utcMinute(manifest.holdExpiresAt)}.`
  return {
    severity: manifest.verdict === 'cancelled' || decision ? 'note' : manifest.verdict === 'held' ? 'warn' : 'bad',
    title: decision ? decisionSentence(decision) : known.title,
    message: safeText(problem.message, SENTENCE),
    details: problem.details.map((detail) => safeText(detail, SENTENCE)),
    ...(problem.excerpt ? { excerpt: problem.excerpt.map((line) => safeText(line, SENTENCE)) } : {}),
    ...(where === '' ? {} : { place: where }),
    ...(decision ? {} : { next: safeText(`${problem.next}${until}`, SENTENCE) }),
    ...(command === undefined ? {} : { command: safeText(command, SENTENCE) }),
  }
}

/** Names a step for people. */
export function stepTitle(step: string): string {
  const titles: Readonly<Record<string, string>> = STEP_TITLES
  return Object.hasOwn(titles, step) ? (titles[step] ?? step) : safeText(step)
}

function checkItem(check: CheckResult): AttentionItem {
  const { observed, expected, action = 'fail' } = check
  return {
    severity: ACTION_WORDS[action].tone,
    title: `Check failed: ${checkTitle(check)}`,
    message: `Expected ${safeText(expected, SENTENCE)}; found ${safeText(observed, SENTENCE)}.`,
    details: [],
  }
}

const RULE_EFFECTS: Readonly<Record<RuleAction, string>> = {
  warn: 'The rule warns; the day is published.',
  hold: 'The rule holds the day until somebody approves it.',
  fail: 'The rule keeps the day from being published.',
}

function ruleItem(rule: RuleResult): AttentionItem {
  const allowed = rule.below === undefined && rule.above === undefined ? [] : [`Allowed: ${ruleRange(rule)}.`]
  return {
    severity: ACTION_WORDS[rule.action].tone,
    title: upperFirst(ruleSentence(rule)),
    message: [...allowed, RULE_EFFECTS[rule.action]].join(' '),
    details: [],
  }
}

function unsaid(sentences: readonly string[], said: Set<string | undefined>): readonly string[] {
  return sentences.filter((text) => {
    const fresh = !said.has(text)
    said.add(text)
    return fresh
  })
}

function sentenceItem(severity: AttentionItem['severity'], title: string, text: string): AttentionItem {
  return { severity, title, message: safeText(text, SENTENCE), details: [] }
}

function warningItems(warnings: readonly string[]): readonly AttentionItem[] {
  if (warnings.length === 0) return []
  const texts = warnings.map((text) => safeText(text, SENTENCE))
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return [{ severity: 'warn', title: 'One warning', message: only, details: [] }]
  return [{ severity: 'warn', title: `${limit(texts.length, 'count')} warnings`, details: texts }]
}

/** Lists the channels whose last word on a message is not that it was sent. */
function channelItems(events: readonly AttemptEvent[]): readonly AttentionItem[] {
  const last = new Map<string, AttemptEvent>()
  for (const event of events) {
    if (event.channel !== undefined) last.set(`${event.channel}\n${event.message ?? ''}`, event)
  }
  return [...last.values()].flatMap((event): AttentionItem[] => {
    const channel = safeText(event.channel ?? '')
    const about = event.message === undefined ? 'a message' : `the ${event.message} message`
    const detail = event.detail === undefined ? [] : [safeText(event.detail, SENTENCE)]
    const unclear = event.event === 'message-unclear'
    if (event.event === 'message-failed' || unclear) {
      return [
        {
          severity: 'warn',
          title: `${ERRORS.ChannelFailed.title}: ${channel}`,
          message: unclear ? `It gave no answer to ${about} of this run.` : `It did not take ${about} of this run.`,
          details: detail,
          next: ERRORS.ChannelFailed.next,
        },
      ]
    }
    if (event.event !== 'channel-not-configured') return []
    return [
      {
        severity: 'note',
        title: `Not told: ${channel}`,
        message: `The worker has no settings for this channel, so ${about} was not sent there.`,
        details: detail,
        next: 'Give the worker the setting in its environment; the next run uses it.',
      },
    ]
  })
}

/** Cuts a list to what is shown, and says how many are left. */
export function cut<T>(list: readonly T[], most: number): { readonly shown: readonly T[]; readonly more: number } {
  return { shown: list.slice(0, most), more: Math.max(0, list.length - most) }
}

/** `and 980 more rows`. */
export const andMore = (more: number, one: string, many = `${one}s`) => `and ${counted(more, `more ${one}`, `more ${many}`)}`
