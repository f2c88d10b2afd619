/** Tests of the loader begin with a small project in a temporary folder, or with a small definition. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { binary, column, definePipeline } from '../../../definition/index.js'
import { checkDefinition } from '../../../engine/loader/checkDefinition.js'
import { DaybreakError, type Problem } from '../../../engine/protocol/errors.js'

/** A new folder, by its real path, that is gone when the test ends. */
export async function emptyFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'daybreak-loader-test-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Writes files by relative path into a new project folder and returns its real path. */
export async function projectOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await emptyFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

/** The source of a `pipeline.ts` that is right; `features` is the text between the braces. */
export const pipelineSource = (name: string, features = 'age: (row) => row.age'): string => `
import { binary, column, definePipeline } from 'daybreak'

export default definePipeline({
  name: '${name}',
  input: {
    path: 'data/customers_{date}.csv',
    format: 'csv',
    key: 'customer_id',
    columns: { customer_id: column.text(), age: column.number({ min: 0 }) },
  },
  features: { ${features} },
  model: { file: 'model/churn.onnx', version: '1.0.0', task: binary({ positive: 1 }), golden: { file: 'model/golden.csv', date: '2026-01-31' } },
})
`

/** A definition that is right and sets every option once. */
export const soundDefinition = () =>
  definePipeline({
    name: 'churn',
    description: 'Who will leave',
    owner: 'Retention',
    tags: ['customers'],
    input: {
      path: 'data/customers_{yyyymmdd}.csv',
      format: 'csv',
      delimiter: ';',
      arrival: { poll: '5m', timeout: '1h', settle: '0s' },
      key: 'customer_id',
      columns: {
        customer_id: column.text({ maxLength: 20 }),
        age: column.integer({ min: 0, max: 120, nullable: true, nullValues: ['?'], trim: true }),
        joined: column.date({ min: '2000-01-01', max: 'data-date' }),
        plan: column.category(['free', 'pro'], { from: 'Plan' }),
        city: column.text(),
        active: column.boolean(),
      },
      nulls: { warnAbove: 0.2 },
      duplicates: 'fail',
      rejects: { maxRatio: 0, maxRows: 10 },
    },
    features: {
      age: (row) => row.age,
      tenure: (row, { date }) => date - row.joined,
      plan: { oneHot: 'plan' },
      city: { oneHot: 'city', values: ['Oslo', 'Rome'] },
    },
    model: {
      file: 'model/churn.onnx',
      version: '1.0.0',
      task: binary({ positive: 'yes', negative: 'no', name: 'churn', threshold: 0.4 }),
      inputs: { numbers: ['age', 'tenure'], indicators: ['plan', 'city'] },
      missing: { number: 'nan', text: '' },
      golden: { file: 'model/golden.csv', date: '2026-01-31', tolerance: 1e-4 },
    },
    output: { columns: ['customer_id', 'prediction', 'probability', 'score', 'timestamp', 'model_version'] },
    metrics: { highConfidence: 0.9, lowConfidence: 0.6 },
    schedule: { cron: '0 6 * * mon-fri', timeZone: 'Europe/Berlin', dataDate: { daysBefore: 2 } },
    retries: { maximum: 3, delay: '5m', backoff: 2 },
    lateAfter: '2h',
    deadline: '10h',
    notify: {
      success: [{ channel: 'slack', webhookEnv: 'TEAM_WEBHOOK' }],
      failure: [{ channel: 'email', to: ['team@example.org'] }],
      anomaly: [],
    },
  })

/** The problem of the `DaybreakError` that an action ends with. */
export async function problemOf(action: () => unknown): Promise<Problem> {
  const error = await Promise.resolve()
    .then(action)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  expect(error).toBeInstanceOf(DaybreakError)
  return (error as DaybreakError).problem
}

/** The sound definition with the value at a dotted path replaced; `undefined` removes it. */
export function changed(path: string, value: unknown): unknown {
  const copy = copyOf(soundDefinition()) as Record<string, unknown>
  const keys = path.split('.')
  const last = keys.pop() as string
  let place = copy
  for (const key of keys) {
    place[key] ??= {}
    place = place[key] as Record<string, unknown>
  }
  if (value === undefined) delete place[last]
  else Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true })
  return copy
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]))
}

/** What is wrong with it, all of it. */
export const detailsOf = async (value: unknown) => (await problemOf(() => checkDefinition(value))).details
