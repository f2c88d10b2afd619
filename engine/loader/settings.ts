/**
 * Reads the environment, once, and checks it with zod: this is the one place that knows its names. Secrets stay behind `secret()`, so that
 * they are not carried along in data that is logged or sent.
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import * as z from 'zod'
import { DaybreakError } from '../protocol/errors.js'

const text = z.string().trim().min(1)
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

const schema = z.object({
  DAYBREAK_HOME: text.optional(),
  DAYBREAK_PIPELINES: text.optional(),
  DAYBREAK_NAME: text.regex(NAME, 'letters, digits, - and _ only').default('daybreak'),
  DAYBREAK_THREADS: z.coerce.number().int().min(1).max(256).optional(),
  DAYBREAK_MAIL_FROM: text.optional(),
  DAYBREAK_MAIL_TO: text.optional(),
  DAYBREAK_REPORT_URL: z.url({ protocol: /^https?$/ }).optional(),
  DAYBREAK_TEMPORAL_UI: z.url({ protocol: /^https?$/ }).optional(),
  DAYBREAK_LOG_FORMAT: z.enum(['text', 'json']).default('text'),
  DAYBREAK_METRICS_ADDRESS: text.regex(/^[\w.:[\]-]+:\d{1,5}$/, 'an address and a port, such as 127.0.0.1:9464').optional(),
})

export interface Settings {
  /** Folder of the output, absolute. */
  readonly home: string
  /** Folder of the pipelines, absolute. */
  readonly pipelines: string
  /** First part of queues, ids and schedules. */
  readonly name: string
  /** Scoring threads. */
  readonly threads: number
  readonly mailFrom?: string
  readonly mailTo: readonly string[]
  /** Base address under which the home is served, for links in messages. */
  readonly reportUrl?: string
  /** Base address of Temporal's web UI, for links in reports. */
  readonly temporalUi?: string
  /** Lines of the worker's log: words, or JSON. */
  readonly logFormat: 'text' | 'json'
  /** Where the worker serves its metrics; without it nowhere. */
  readonly metricsAddress?: string
  /** A secret by the name of its variable; `undefined` when it is not set. */
  secret(variable: string): string | undefined
}

/** Reads the settings. Options of the command line win over the environment. @throws UsageInvalid listing every variable that is wrong */
export function readSettings(
  env: NodeJS.ProcessEnv,
  options: { home?: string | undefined; pipelines?: string | undefined } = {},
): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    const details = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new DaybreakError('UsageInvalid', 'the environment has settings that cannot be used', {
      details,
      next: 'Mend the variables named; see .env.example.',
    })
  }
  const { DAYBREAK_MAIL_FROM: mailFrom, DAYBREAK_REPORT_URL: reportUrl, DAYBREAK_TEMPORAL_UI: temporalUi } = parsed.data
  return {
    home: resolve(options.home ?? parsed.data.DAYBREAK_HOME ?? 'output'),
    pipelines: resolve(options.pipelines ?? parsed.data.DAYBREAK_PIPELINES ?? 'pipelines'),
    name: parsed.data.DAYBREAK_NAME,
    threads: parsed.data.DAYBREAK_THREADS ?? availableParallelism(),
    mailTo: (parsed.data.DAYBREAK_MAIL_TO ?? '')
      .split(',')
      .map((address) => address.trim())
      .filter((address) => address !== ''),
    ...(mailFrom === undefined ? {} : { mailFrom }),
    ...(reportUrl === undefined ? {} : { reportUrl }),
    ...(temporalUi === undefined ? {} : { temporalUi }),
    logFormat: parsed.data.DAYBREAK_LOG_FORMAT,
    ...(parsed.data.DAYBREAK_METRICS_ADDRESS === undefined ? {} : { metricsAddress: parsed.data.DAYBREAK_METRICS_ADDRESS }),
    secret: (variable) => env[variable] || undefined,
  }
}
