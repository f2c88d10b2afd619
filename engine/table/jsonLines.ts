/**
 * Turns a line of JSON into the cells of a record. `JSON.parse` decides what is JSON. It lets pass a key that stands twice and half of a
 * character, which a reader must know of: they are looked for here.
 */
import { shortened, visibleText } from '../protocol/text.js'
import type { CellProblem } from './decode.js'
import type { JsonField } from './format.js'

/**
 * The cells of an object, in the order of the fields. A cell is `undefined` when its value is missing or of the wrong type: `problems` says
 * so.
 */
export interface JsonRecord {
  readonly cells: readonly (string | undefined)[]
  readonly problems: readonly CellProblem[]
}

/** Reads a line into cells, or says why it is no record. */
export function readJsonLine(text: string, fields: readonly JsonField[]): JsonRecord | { readonly reason: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { reason: text.trim() === '' ? 'the line is blank' : 'the line is not valid JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { reason: `the line is ${nounOf(value)}, not an object` }
  const doubled = doubledKey(text)
  if (doubled !== undefined) return { reason: `the key ${JSON.stringify(visibleText(doubled))} stands twice in one object` }
  const problems: CellProblem[] = []
  const cells = fields.map((field) => {
    const found = valueAt(value, field.path)
    if (found === undefined || found === null) {
      if (found === undefined && !field.nullable) problems.push(problem(field, 'missing', 'is missing', ''))
      return found === undefined && !field.nullable ? undefined : ''
    }
    const cell = cellOf(found, field)
    if (typeof cell === 'string') return cell
    problems.push(problem(field, cell.rule, cell.what, shortened(typeof found === 'object' ? nounOf(found) : JSON.stringify(found))))
    return undefined
  })
  return { cells, problems }
}

function problem({ name, path }: JsonField, rule: string, what: string, value: string): CellProblem {
  return { column: name, rule, reason: `${visibleText(path)} ${what}`, value }
}

/** Finds a value: the field of that very name, or else step by step along the dots. */
function valueAt(record: object, path: string): unknown {
  if (Object.hasOwn(record, path)) return (record as Record<string, unknown>)[path]
  let value: unknown = record
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** Gives a value as the text that a column of its kind reads, or says why its type is wrong. */
function cellOf(value: unknown, { kind, blanks, spellings }: JsonField): string | { readonly rule: string; readonly what: string } {
  const wrong = (what: string) => ({ rule: 'type', what })
  if (typeof value === 'object') return wrong(`is ${nounOf(value)}, where ${NOUNS[kind]} is expected`)
  const isNumber = kind === 'number' || kind === 'integer'
  if (typeof value === 'string') {
    if (isNumber) return value.trim() === '' || blanks.includes(value) ? '' : wrong(`is a text, where ${NOUNS[kind]} is expected`)
    return isSound(value) ? value : { rule: 'text.invalid', what: 'holds a NUL or half of a character' }
  }
  if (typeof value === 'boolean') return spellings?.[value ? 0 : 1] ?? wrong(`is ${value}, where ${NOUNS[kind]} is expected`)
  // A number that JavaScript cannot hold to the last digit must not become somebody else's key.
  if (isNumber || Number.isSafeInteger(value)) return String(value)
  return wrong(`is a number with a fraction or beyond 2^53, where ${NOUNS[kind]} is expected: write it in quotes`)
}

const NOUNS: Readonly<Record<JsonField['kind'], string>> = {
  number: 'a number',
  integer: 'a whole number',
  date: 'a day',
  text: 'a text',
  boolean: 'true or false',
  category: 'a text',
}

function nounOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value === 'string' ? 'text' : typeof value}`
}

/** Refuses NUL, at which tables and models cut texts off, and half of a surrogate pair, which no file in UTF-8 can hold. */
const isSound = (text: string) => !text.includes('\0') && !/\p{Surrogate}/u.test(text)

/** A text, with the colon behind it when it is a key, or a brace. */
const TOKEN = /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}]/g

/** Finds a key that stands twice in one object. @param text valid JSON */
function doubledKey(text: string): string | undefined {
  const open: Set<string>[] = []
  for (const [token, raw, colon] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (colon !== undefined) {
      const key = raw!.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw!
      const keys = open.at(-1)!
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}
