/** What was posted to a Slack webhook is taken apart for somebody who wants to read it. What it says is shown and never trusted. */
import { type SlackPart, slackUnescaped } from '../../../templates/inboxPage.js'

export interface SlackContent {
  /** The first line of the text that a phone would show. */
  readonly subject: string
  readonly parts: readonly SlackPart[]
}

/** @returns `undefined` when it is no message: JSON without a text */
export function readSlack(body: string): SlackContent | undefined {
  const payload = parsed(body)
  if (!isObject(payload) || typeof payload.text !== 'string') return undefined
  const blocks = Array.isArray(payload.blocks) ? payload.blocks.filter(isObject).flatMap(partOf) : []
  const parts: readonly SlackPart[] = blocks.length > 0 ? blocks : [{ style: 'body', texts: [payload.text] }]
  return { subject: slackUnescaped(payload.text).split('\n')[0] ?? '', parts }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // no JSON is no message: the sender is told
  }
}

function partOf({ type, text, fields, elements }: Record<string, unknown>): readonly SlackPart[] {
  const parts: readonly SlackPart[] = [
    { style: type === 'header' ? 'header' : 'body', texts: textsOf([text]) },
    { style: 'fields', texts: textsOf(fields) },
    { style: 'small', texts: textsOf(elements) },
  ]
  return parts.filter(({ texts }) => texts.length > 0)
}

function textsOf(objects: unknown): readonly string[] {
  if (!Array.isArray(objects)) return []
  return objects.filter(isObject).flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
