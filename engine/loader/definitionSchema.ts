/**
 * The shape of a definition as a zod schema: which keys there are and what each may hold, one value at a time.
 * What holds between values is in `definitionRelations.ts`. `strict<keyof …>` keeps the keys those of the types.
 */
import { types } from 'node:util'
import * as z from 'zod'
import type { EmailChannel, SlackChannel } from '../../definition/channels.js'
import { dateFormatProblem } from '../../definition/dateFormat.js'
import { parseDay } from '../../definition/dates.js'
import { parseDuration } from '../../definition/durations.js'
import type {
  AnyPipeline,
  Arrival,
  HeaderPlace,
  Hold,
  InputDefinition,
  Missing,
  ModelDefinition,
  Notify,
  OneHot,
  OutputDefinition,
  OwnLabelsOptions,
  RejectBudget,
  RejectLimits,
  ReportOptions,
  Retries,
  Schedule,
} from '../../definition/pipeline.js'
import { ENCODINGS } from '../../definition/pipeline.js'
import { RULE_NAMES, type Rule, SOFT_CHECKS } from '../../definition/rules.js'
import { type BinaryTask, LOGIT_COLUMNS, type MulticlassTask, type RegressionTask } from '../../definition/tasks.js'
import { didYouMean } from '../protocol/nearestNames.js'
import { REJECT_RULES } from '../protocol/rejectRules.js'
import { cronProblem } from './cronFields.js'

/** The name of a pipeline, which is also its folder's and part of file names and workflow ids. */
export const PIPELINE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

const LONGEST_MS = 366 * 86_400_000

/** A value as a message quotes it, shortened. */
export function quoted(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const words = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return words.length > 60 ? `${words.slice(0, 60)}…` : words
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  map: 'an object',
}

/** The sentence for a problem for which the schema has no words of its own. */
export function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_key' && issue.input === undefined) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      // NaN and the infinities are numbers of JavaScript, but none that a definition can use.
      return `${quoted(issue.input)} is not ${typeof issue.input === 'number' && issue.expected === 'number' ? 'finite' : (NOUNS[issue.expected] ?? issue.expected)}`
    case 'invalid_value':
      return `${quoted(issue.input)} is none of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string') return 'is empty'
      return `${quoted(issue.input)} is not ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`
    case 'too_big':
      if (issue.origin === 'string') return `is longer than ${issue.maximum} characters`
      return `${quoted(issue.input)} is not ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`
    default:
      return undefined
  }
}

/** A schema for each key of `T`, no more and no fewer: the compiler compares the schema with the types. */
type Shape<T> = { readonly [K in keyof T]-?: z.ZodType }

/** An object with exactly these keys; an unknown one is refused with the nearest known one. */
function strict<S extends z.core.$ZodShape>(shape: S) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `the key ${JSON.stringify(key)} is not known${didYouMean(key, known)}`).join('; ')
        : undefined,
  })
}

/** An object whose keys are some of a list. */
function keyed<V extends z.ZodType>(keys: readonly string[], value: V) {
  return strict(Object.fromEntries(keys.map((key) => [key, value.optional()])))
}

const says = (text: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? 'is missing' : `${quoted(issue.input)} ${text}`

// Control characters, line breaks among them, have no place in names that reach headers, reports and messages.
const line = z.string().regex(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, { error: says('is blank or holds a control character') })

/**
 * An object with a value for each of any names. It is read as a map: a name may be one that all objects have, such as `constructor`, by which
 * zod tells an object from something else.
 */
function named<V extends z.ZodType>(value: V) {
  const isMap = (given: unknown) => typeof given === 'object' && given !== null && !Array.isArray(given)
  return z.preprocess((given) => (isMap(given) ? new Map(Object.entries(given as object)) : given), z.map(line, value))
}

const path = line.refine((text) => !/^[a-z][a-z0-9+.-]+:\/\//i.test(text), {
  error: says('is an address, and only files are read: put the file on a disk of the worker'),
})
const number = z.number()
const share = number.min(0).max(1)
const label = z.union([line, number], { error: says('is neither a text nor a number') })
const day = z.string().refine((text) => parseDay(text) !== undefined, { error: says('is not a calendar day of the form YYYY-MM-DD') })
const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: says('is not a duration such as 30s, 5m, 2h or 1d') })
const boundedDuration = duration.refine((text) => (parseDuration(text) ?? 0) <= LONGEST_MS, { error: says('is longer than 366d') })
const someDuration = boundedDuration.refine((text) => parseDuration(text) !== 0, { error: says('is no time at all') })
const distinct = (item: z.ZodType) =>
  z.array(item).superRefine((items, context) => {
    for (const [index, value] of items.entries()) {
      if (items.indexOf(value) < index) context.addIssue({ code: 'custom', path: [index], message: `${quoted(value)} is listed twice` })
    }
  })

// ---- columns

const from = z.union([line, z.int().min(1).max(100_000)], { error: says('is neither a name nor a place from 1') })
const cell = { nullable: z.boolean(), from: from.optional(), nullValues: distinct(z.string()), trim: z.boolean() }
const range = { min: number.optional(), max: number.optional() }
const marks = { decimal: z.enum(['.', ',']).optional(), thousands: z.enum([',', '.', ' ', "'"]).optional() }
const dateFormat = z.string().superRefine((text, context) => {
  const problem = dateFormatProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `${quoted(text)} ${problem}` })
})
const timeZone = z.string().superRefine((zone, context) => {
  if (isTimeZone(zone)) return
  const meant = ZONES.get(zone.toLowerCase())
  const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`
  context.addIssue({ code: 'custom', message: `${quoted(zone)} is no time zone such as UTC or Europe/Berlin${hint}` })
})

/** The zones that Node lists, by their names in small letters. */
const ZONES = new Map(Intl.supportedValuesOf('timeZone').map((zone) => [zone.toLowerCase(), zone]))

function isTimeZone(zone: string): boolean {
  // Intl takes offsets too, which say nothing of summer time, and names in any case: a schedule refuses both.
  if (!zone.split('/').every((part) => /^[A-Z]/.test(part)) || (ZONES.get(zone.toLowerCase()) ?? zone) !== zone) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

const lastDay = z.string().refine((text) => text === 'data-date' || parseDay(text) !== undefined, {
  error: says("is neither a day of the form YYYY-MM-DD nor 'data-date'"),
})
const spellings = distinct(z.string().min(1)).min(1)

const column = z.discriminatedUnion(
  'kind',
  [
    strict({ kind: z.literal('number'), ...cell, ...range, ...marks }),
    strict({ kind: z.literal('integer'), ...cell, ...range, ...marks }),
    strict({
      kind: z.literal('date'),
      ...cell,
      min: day.optional(),
      max: lastDay.optional(),
      format: dateFormat.optional(),
      timeZone: timeZone.optional(),
    }),
    strict({ kind: z.literal('text'), ...cell, maxLength: z.int().min(1).max(10_000_000) }),
    strict({ kind: z.literal('boolean'), ...cell, true: spellings, false: spellings }),
    strict({ kind: z.literal('category'), ...cell, values: spellings }),
  ],
  { error: says('is not a column such as column.number() or column.text()') },
)

const rejectLimits = { maxRatio: share.optional(), maxRows: z.int().min(0).optional() } satisfies Shape<RejectLimits>
const atLeastOne = (limits: Partial<Record<keyof RejectLimits, unknown>>) => limits.maxRatio !== undefined || limits.maxRows !== undefined

const lines = z.int().min(0).max(1000).optional()

const input = strict({
  path: path.regex(/\{(date|yyyymmdd)\}/, { error: says('contains neither {date} nor {yyyymmdd}') }),
  format: z.enum(['csv', 'jsonl']),
  encoding: z.enum(ENCODINGS).optional(),
  header: z
    .union([z.literal(false), strict({ linesBefore: lines, linesAfter: lines } satisfies Shape<HeaderPlace>)], {
      error: says('is neither false nor { linesBefore: …, linesAfter: … }'),
    })
    .optional(),
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  trailingDelimiter: z.boolean().optional(),
  arrival: strict({
    poll: someDuration.optional(),
    timeout: boundedDuration.optional(),
    settle: boundedDuration.optional(),
  } satisfies Shape<Arrival>).optional(),
  key: z.string().optional(),
  columns: named(column),
  nulls: strict({ warnAbove: share.optional() }).optional(),
  duplicates: z.enum(['ignore', 'warn', 'fail']).optional(),
  rejects: strict({
    ...rejectLimits,
    rules: keyed(REJECT_RULES, strict(rejectLimits).refine(atLeastOne, { error: 'has neither maxRatio nor maxRows' })).optional(),
  } satisfies Shape<RejectBudget>).optional(),
} satisfies Shape<InputDefinition<unknown>>)

// ---- features and model

const oneHot = strict({ oneHot: z.string(), values: spellings.optional() } satisfies Shape<OneHot<unknown>>)

/** A function or an indicator; a union would hide what is wrong inside the indicator. */
const feature = z.unknown().superRefine((value, context) => {
  if (typeof value === 'function') {
    if (types.isAsyncFunction(value)) context.addIssue({ code: 'custom', message: 'is an async function; a feature answers at once' })
    return
  }
  if (typeof value !== 'object' || value === null) {
    context.addIssue({ code: 'custom', message: `${quoted(value)} is neither a function nor { oneHot: … }` })
    return
  }
  for (const { path, message } of oneHot.safeParse(value, { error: sentence }).error?.issues ?? []) {
    context.addIssue({ code: 'custom', path, message })
  }
})

const name = line.max(64)
const scoreKind = z.enum(['probability', 'logit', 'margin', 'label']).optional()
const logitColumns = z.enum(LOGIT_COLUMNS).optional()
const task = z.discriminatedUnion(
  'kind',
  [
    strict({
      kind: z.literal('binary'),
      positive: label,
      negative: label.optional(),
      classes: distinct(label).min(1).optional(),
      name,
      threshold: number,
      scores: scoreKind,
      logits: logitColumns,
    } satisfies Shape<BinaryTask>),
    strict({
      kind: z.literal('multiclass'),
      classes: distinct(label).min(1).optional(),
      scores: scoreKind,
      logits: logitColumns,
      name,
    } satisfies Shape<MulticlassTask>),
    strict({ kind: z.literal('regression'), ...range, name } satisfies Shape<RegressionTask>),
  ],
  { error: says('is not a task such as binary({ positive: 1 }), multiclass() or regression()') },
)

const model = strict({
  file: path,
  version: name,
  steps: distinct(path).min(1).optional(),
  task,
  output: z.string().min(1).optional(),
  ownLabels: z
    .union(
      [
        z.literal(false),
        strict({ output: line.optional(), warnAbove: share.optional(), failAbove: share.optional() } satisfies Shape<OwnLabelsOptions>),
      ],
      { error: says('is neither false nor { output: …, warnAbove: …, failAbove: … } with shares from 0 to 1') },
    )
    .optional(),
  inputs: z
    .union([z.literal(['one-tensor', 'by-name']), named(z.array(z.string()))], {
      error: says("is neither 'one-tensor' nor 'by-name' nor lists of features by input"),
    })
    .optional(),
  missing: strict({
    number: z.union([z.literal('nan'), number], { error: says("is neither a number nor 'nan'") }).optional(),
    text: z.string().optional(),
  } satisfies Shape<Missing>).optional(),
  golden: strict({ file: path, date: day, tolerance: number.min(0).optional() }).optional(),
} satisfies Shape<ModelDefinition<never, never, undefined>>)

// ---- rules, schedule, channels

const ruleAction = z.enum(['warn', 'hold', 'fail'])
const rule = strict({
  rule: z.enum(RULE_NAMES),
  below: number.optional(),
  above: number.optional(),
  action: ruleAction,
  label: label.optional(),
  limit: share.optional(),
  fits: z.record(z.string(), z.literal(true)),
} satisfies Shape<Rule<never>>)

const schedule = strict({
  cron: z.string().superRefine((cron, context) => {
    const message = cronProblem(cron)
    if (message) context.addIssue({ code: 'custom', message })
  }),
  timeZone: timeZone.optional(),
  dataDate: z
    .union([z.literal(['previous-day', 'same-day']), z.strictObject({ daysBefore: z.int().min(0).max(3660) })], {
      error: says("is neither 'previous-day' nor 'same-day' nor { daysBefore: 0 to 3660 }"),
    })
    .optional(),
} satisfies Shape<Schedule>)

// The value is not quoted: somebody may have written the webhook itself, which is a secret.
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'is not the name of an environment variable such as SLACK_WEBHOOK_URL; the webhook itself belongs in that variable',
})
const address = z
  .string()
  .max(254)
  .regex(/^[^\s\p{Cc}@<>()[\]",:;\\]+@[^\s\p{Cc}@<>()[\]",:;\\]+$/u, { error: says('is not a mail address such as team@example.org') })
const channels = z
  .array(
    z.discriminatedUnion(
      'channel',
      [
        strict({ channel: z.literal('slack'), webhookEnv: variable } satisfies Shape<SlackChannel>),
        strict({ channel: z.literal('email'), to: distinct(address).min(1).optional() } satisfies Shape<EmailChannel>),
      ],
      { error: says('is not a channel such as slack() or email()') },
    ),
  )
  .optional()

/** A definition, value by value. */
export const definitionSchema = strict({
  name: z.string().regex(PIPELINE_NAME, { error: says('is not 1 to 64 letters, digits, - or _, the first a letter or digit') }),
  description: z.string().optional(),
  owner: z.string().optional(),
  tags: distinct(line).optional(),
  input,
  features: named(feature),
  model,
  output: strict({
    columns: z.array(z.string()).min(1).optional(),
    format: z.enum(['csv', 'jsonl']).optional(),
    shards: z.int().min(1).max(10_000).optional(),
    neutralizeFormulas: z.boolean().optional(),
  } satisfies Shape<OutputDefinition<string>>).optional(),
  report: strict({ maskKeys: z.boolean().optional() } satisfies Shape<ReportOptions>).optional(),
  metrics: strict({ highConfidence: share.optional(), lowConfidence: share.optional() }).optional(),
  checks: keyed(SOFT_CHECKS, ruleAction).optional(),
  anomalies: z.array(rule).optional(),
  hold: strict({ expires: someDuration.optional() } satisfies Shape<Hold>).optional(),
  schedule: schedule.optional(),
  retries: strict({
    maximum: z.int().min(0).max(20).optional(),
    delay: boundedDuration.optional(),
    backoff: number.min(1).max(100).optional(),
  } satisfies Shape<Retries>).optional(),
  lateAfter: someDuration.optional(),
  deadline: someDuration.optional(),
  notify: strict({
    success: channels,
    failure: channels,
    anomaly: channels,
    missing: channels,
    late: channels,
    held: channels,
  } satisfies Shape<Notify>).optional(),
} satisfies Shape<AnyPipeline>)
