/**
 * Makes the pattern of a line of JSON: what stands between its values. Most files come from a program that writes every line alike. A line
 * that fits the pattern of a good one is as good, has the same keys, and needs no parser.
 */
import type { JsonField } from '../format.js'

/** What may stand behind a piece: any value, a number, a text, true or false. `close` means nothing, because the line ends. */
export type JsonValue = 'any' | 'number' | 'text' | 'boolean' | 'close'

/** A piece of a pattern: text that is the same in every line, and the value behind it. */
export interface JsonPiece {
  /** What stands before the value. */
  readonly text: string
  readonly value: JsonValue
  /** Index of the field that wants the value; left out when none does. */
  readonly field?: number
}

/** A text, a mark, a number or word, or space. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|\s+/g

/** Makes the pattern of a good record; `undefined` when it has a list, lacks a field, or has one value that two fields want. */
export function jsonPattern(text: string, fields: readonly JsonField[]): readonly JsonPiece[] | undefined {
  const values: { readonly keys: readonly string[]; readonly before: string }[] = []
  const keys: string[] = []
  let [before, expectsKey] = ['', false]
  for (const [token] of text.matchAll(TOKEN)) {
    const isValue = !/^[{}[\],:\s]/.test(token)
    if (token === '[') return undefined
    if (isValue && !expectsKey) {
      values.push({ keys: [...keys], before })
      before = ''
      continue
    }
    before += token
    if (token === '{') keys.push('')
    else if (token === '}') keys.pop()
    else if (isValue) keys[keys.length - 1] = JSON.parse(token) as string
    if (token.trim() !== '') expectsKey = token === '{' || token === ','
  }
  const places = fields.map(({ path }) => {
    const named = values.findIndex((value) => value.keys.length === 1 && value.keys[0] === path)
    const steps = path.split('.')
    return named >= 0
      ? named
      : values.findIndex((value) => value.keys.length === steps.length && steps.every((step, index) => value.keys[index] === step))
  })
  if (places.includes(-1)) return undefined
  const pieces = values.map((value, index): JsonPiece => {
    const field = places.indexOf(index)
    return field < 0 ? { text: value.before, value: 'any' } : { text: value.before, value: expectedValue(fields[field]!), field }
  })
  return new Set(places).size < places.length ? undefined : [...pieces, { text: before, value: 'close' }]
}

function expectedValue({ kind, spellings }: JsonField): JsonValue {
  if (kind === 'number' || kind === 'integer') return 'number'
  return kind === 'boolean' && spellings ? 'boolean' : 'text'
}
