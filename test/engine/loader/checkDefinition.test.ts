import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  binary,
  classShare,
  column,
  email,
  lowConfidenceShare,
  meanPrediction,
  multiclass,
  positiveRate,
  regression,
  rowCount,
  slack,
} from '../../../definition/index.js'
import { checkDefinition } from '../../../engine/loader/checkDefinition.js'
import { problemOf, soundDefinition } from './definitions.js'

/** The sound definition with the value at a dotted path replaced; `undefined` removes it. */
function changed(path: string, value: unknown): unknown {
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

const detailsOf = async (value: unknown) => (await problemOf(() => checkDefinition(value))).details

test('a definition that uses every option passes and comes back as it was', () => {
  const definition = soundDefinition()
  expect(checkDefinition(definition).definition).toBe(definition)
})

test('optional parts may be left out or undefined', () => {
  const { name, input, features, model } = soundDefinition()
  const { path, format, key, columns } = input
  const { file, version, task, missing } = model
  const smallest = { name, input: { path, format, key, columns }, features, model: { file, version, task, missing } }
  expect(() => checkDefinition(smallest)).not.toThrow()
  expect(() => checkDefinition({ ...smallest, schedule: undefined, output: { columns: undefined } })).not.toThrow()
})

test.each<[string, unknown, string]>([
  // names and keys
  ['name', '../churn', 'name: "../churn" is not 1 to 64 letters, digits, - or _, the first a letter or digit'],
  ['name', undefined, 'name: is missing'],
  ['shedule', {}, 'the key "shedule" is not known; did you mean "schedule"?'],
  ['input.arrival.timout', '1h', 'input.arrival: the key "timout" is not known; did you mean "timeout"?'],
  // the input
  ['input.path', 'data/customers.csv', 'input.path: "data/customers.csv" contains neither {date} nor {yyyymmdd}'],
  ['input.format', 'parquet', 'input.format: "parquet" is none of "csv", "jsonl"'],
  ['input.delimiter', '::', 'input.delimiter: "::" is none of ",", ";", "\\t", "|"'],
  ['input.arrival.poll', '5 minutes', 'input.arrival.poll: "5 minutes" is not a duration such as 30s, 5m, 2h or 1d'],
  ['input.arrival.poll', '0s', 'input.arrival.poll: "0s" is no time at all'],
  ['input.arrival.timeout', '400d', 'input.arrival.timeout: "400d" is longer than 366d'],
  ['input.key', 'custmer_id', 'input.key: "custmer_id" is not a column; did you mean "customer_id"?'],
  ['input.nulls.warnAbove', 10, 'input.nulls.warnAbove: 10 is not at most 1'],
  ['input.rejects.maxRatio', -0.1, 'input.rejects.maxRatio: -0.1 is not at least 0'],
  ['input.rejects.maxRows', 1.5, 'input.rejects.maxRows: 1.5 is not a whole number'],
  ['input.duplicates', 'error', 'input.duplicates: "error" is none of "ignore", "warn", "fail"'],
  // columns
  ['input.columns.age', column.number({ min: 5, max: 1 }), 'input.columns.age: min 5 is above max 1'],
  ['input.columns.age', { kind: 'float' }, 'input.columns.age: an object is not a column such as column.number() or column.text()'],
  ['input.columns.age', column.number({ mim: 5 } as object), 'input.columns.age: the key "mim" is not known; did you mean "min"?'],
  ['input.columns.age', column.number({ min: Number.NaN }), 'input.columns.age.min: NaN is not finite'],
  [
    'input.columns.joined',
    column.date({ format: 'dd/MM/yyyy' }),
    'input.columns.joined.format: "dd/MM/yyyy" has a letter d that is no part of a date; the parts are YYYY, YY, MMM, MM, M, DD, D, HH, H, hh, h, mm, ss, SSSSSS, SSS, A, UTC, T, Z',
  ],
  [
    'input.columns.joined',
    column.date({ min: '2026-02-30' }),
    'input.columns.joined.min: "2026-02-30" is not a calendar day of the form YYYY-MM-DD',
  ],
  [
    'input.columns.joined',
    column.date({ min: '2026-02-03', max: '2026-02-01' }),
    'input.columns.joined: min "2026-02-03" is above max "2026-02-01"',
  ],
  [
    'input.columns.joined',
    column.date({ max: 'today' }),
    'input.columns.joined.max: "today" is neither a day of the form YYYY-MM-DD nor \'data-date\'',
  ],
  ['input.columns.plan', column.category(['free', 'free']), 'input.columns.plan.values.1: "free" is listed twice'],
  ['input.columns.plan', column.category([]), 'input.columns.plan.values: is empty'],
  ['input.columns.plan', column.category(['free', '']), 'input.columns.plan.values.1: is empty'],
  [
    'input.columns.active',
    column.boolean({ true: ['y'], false: ['n', 'y'] }),
    'input.columns.active: "y" is a spelling of true and of false',
  ],
  ['input.columns.city', column.text({ from: 'Plan' }), 'input.columns.city: reads "Plan" of the file, as the column "plan" does'],
  ['input.columns', {}, 'input.columns: has no column'],
  // features
  ['features', {}, 'features: has no feature'],
  ['features.age', 'age', 'features.age: "age" is neither a function nor { oneHot: … }'],
  ['features.age', async () => 1, 'features.age: is an async function; a feature answers at once'],
  ['features.0', () => 1, 'features.0: JavaScript puts names that are whole numbers first, whatever their order here; use another name'],
  ['features.plan', { oneHot: 'plna' }, 'features.plan.oneHot: "plna" is not a column; did you mean "plan"?'],
  ['features.plan', { oneHot: 'plan', value: ['free'] }, 'features.plan: the key "value" is not known; did you mean "values"?'],
  ['features.plan', { oneHot: 'plan', values: ['gold'] }, 'features.plan.values: "gold" is not a value of "plan"'],
  ['features.city', { oneHot: 'city' }, 'features.city.values: is missing; a text column does not name its values'],
  ['features.city', { oneHot: 'age' }, 'features.city.oneHot: "age" is of kind integer; only a category or text can be one-hot'],
  ['features.plan_pro', () => 1, 'features.plan_pro: gives the name "plan_pro", as "plan" does'],
  // the model
  ['model.file', '', 'model.file: "" is blank or holds a control character'],
  ['model.task', binary({ positive: 1, threshold: 1 }), 'model.task.threshold: 1 is not between 0 and 1'],
  ['model.task', binary({ positive: 1, threshold: 0 }), 'model.task.threshold: 0 is not between 0 and 1'],
  ['model.task', binary({ positive: 1, negative: 1 }), 'model.task.negative: 1 is the positive class'],
  ['model.task', multiclass({ classes: ['a', 'b', 'a'] }), 'model.task.classes.2: "a" is listed twice'],
  ['model.task', multiclass({ classes: ['a'] }), 'model.task.classes: has one class; there must be two or more'],
  ['model.task', regression({ min: 2, max: 1 }), 'model.task: min 2 is above max 1'],
  ['model.task', 'binary', 'model.task: "binary" is not a task such as binary({ positive: 1 }), multiclass() or regression()'],
  ['model.inputs', { a: ['age', 'tenure', 'plan'] }, 'model.inputs: no input takes the feature "city"'],
  ['model.inputs', { a: ['age', 'age', 'tenure', 'plan', 'city'] }, 'model.inputs: the feature "age" is taken 2 times'],
  ['model.inputs.more', ['agee'], 'model.inputs.more: "agee" is not a feature; did you mean "age"?'],
  ['model.inputs.more', [], 'model.inputs.more: takes no feature'],
  ['model.golden.date', '31.01.2026', 'model.golden.date: "31.01.2026" is not a calendar day of the form YYYY-MM-DD'],
  ['model.missing.number', 'NaN', 'model.missing.number: "NaN" is neither a number nor \'nan\''],
  // the output
  ['output.columns', ['customer_id', 'customer_id'], 'output.columns.1: "customer_id" is listed twice'],
  ['output.columns', ['predicton'], 'output.columns.0: "predicton" is neither a column nor a result; did you mean "prediction"?'],
  ['output.columns', [], 'output.columns: is empty'],
  ['metrics.lowConfidence', 0.95, 'metrics: lowConfidence 0.95 is above highConfidence 0.9'],
  // rules
  ['anomalies', [positiveRate({})], 'anomalies.0: positive-rate has neither below nor above and never fires'],
  ['anomalies', [positiveRate({ above: 50 })], 'anomalies.0: above 50 is not a share from 0 to 1'],
  ['anomalies', [rowCount({ below: 10, above: 5 })], 'anomalies.0: below 10 is above above 5'],
  ['anomalies', [rowCount({ below: 10 }), meanPrediction({ below: 1 })], 'anomalies.1: mean-prediction does not fit a binary task'],
  ['anomalies', [classShare('maybe', { above: 0.5 })], 'anomalies.0: "maybe" is not one of the classes "yes", "no"'],
  ['anomalies', [lowConfidenceShare({ above: 0.3, limit: 2 })], 'anomalies.0.limit: 2 is not at most 1'],
  [
    'anomalies',
    [positiveRate({ above: 0.3, acton: 'fail' } as object)],
    'anomalies.0: the key "acton" is not known; did you mean "action"?',
  ],
  // when and whom
  ['schedule.cron', '0 6 * *', 'schedule.cron: "0 6 * *" does not have five fields, such as 0 6 * * *'],
  ['schedule.cron', '0 25 * * *', 'schedule.cron: "25" is no hour: 0 to 23, *, a list, a range or a step such as */2'],
  ['schedule.timeZone', 'Berlin', 'schedule.timeZone: "Berlin" is no time zone such as UTC or Europe/Berlin'],
  ['schedule.timeZone', '+01:00', 'schedule.timeZone: "+01:00" is no time zone such as UTC or Europe/Berlin'],
  [
    'schedule.timeZone',
    'america/sao_paulo',
    'schedule.timeZone: "america/sao_paulo" is no time zone such as UTC or Europe/Berlin; did you mean "America/Sao_Paulo"?',
  ],
  [
    'input.path',
    's3://bucket/day_{date}.csv',
    'input.path: "s3://bucket/day_{date}.csv" is an address, and only files are read: put the file on a disk of the worker',
  ],
  [
    'schedule.dataDate',
    'yesterday',
    "schedule.dataDate: \"yesterday\" is neither 'previous-day' nor 'same-day' nor { daysBefore: 0 to 3660 }",
  ],
  ['retries.maximum', 21, 'retries.maximum: 21 is not at most 20'],
  ['retries.backoff', 0.5, 'retries.backoff: 0.5 is not at least 1'],
  ['lateAfter', '2', 'lateAfter: "2" is not a duration such as 30s, 5m, 2h or 1d'],
  [
    'notify.failure',
    [email({ to: ['a@b.c\r\nBcc: d@e.f'] })],
    'notify.failure.0.to.0: "a@b.c\\r\\nBcc: d@e.f" is not a mail address such as team@example.org',
  ],
  ['notify.failure', [email({ to: [] })], 'notify.failure.0.to: is empty'],
  ['notify.failure', ['#team'], 'notify.failure.0: "#team" is not a channel such as slack() or email()'],
  ['notify.sucess', [slack()], 'notify: the key "sucess" is not known; did you mean "success"?'],
])('%s = %j is refused', async (path, value, detail) => {
  expect(await detailsOf(changed(path, value))).toContain(detail)
})

test('tells all problems at once, and only them', async () => {
  const value = changed('input.key', 'nobody') as { lateAfter: string; model: { version: unknown } }
  value.lateAfter = 'soon'
  value.model.version = 1
  expect(await detailsOf(value)).toEqual([
    'model.version: 1 is not a text',
    'lateAfter: "soon" is not a duration such as 30s, 5m, 2h or 1d',
    'input.key: "nobody" is not a column',
  ])
})

test('a regression has no probability to write', async () => {
  const value = changed('model.task', regression())
  expect(await detailsOf(value)).toContain('output.columns.2: "probability" is no result of a "regression" task')
})

test('a column with the name of a result cannot be told from the result in the output', async () => {
  const ambiguous = 'is a column of the input and a result; give the column another name, and the name in the file as `from`'
  const value = changed('input.columns.score', column.number()) as { output?: unknown; input: { key: string } }
  expect(await detailsOf(value)).toEqual([`output.columns.3: "score" ${ambiguous}`])
  delete value.output
  expect(() => checkDefinition(value)).not.toThrow()
  value.input.key = 'score'
  expect(await detailsOf(value)).toEqual([`input.key: "score" ${ambiguous}`])
})

test('__proto__ is refused as a name, written either way', async () => {
  const detail = 'features: a feature cannot be named "__proto__"'
  expect(await detailsOf(changed('features', { __proto__: () => 1, age: () => 1 }))).toContain(detail)
  expect(await detailsOf(changed('features', { ['__proto__']: () => 1, age: () => 1 }))).toContain(detail)
})

test('a webhook written where the name of its variable belongs is not repeated in the message', async () => {
  const secret = 'https://hooks.example.org/services/T0/B0/secret'
  const problem = await problemOf(() => checkDefinition(changed('notify.success', [slack({ webhookEnv: secret })])))
  expect(JSON.stringify(problem)).toContain('is not the name of an environment variable')
  expect(JSON.stringify(problem)).not.toContain('secret')
})

test.each([undefined, null, 5, 'churn', [], () => 1])('%j is no definition', async (value) => {
  expect((await detailsOf(value))[0]).toMatch(/is not a definition; export default definePipeline/)
})

test('whatever stands anywhere in a definition is accepted or refused, never a crash', async () => {
  const paths = [
    'name',
    'input',
    'input.columns',
    'input.columns.age',
    'input.columns.joined.min',
    'input.key',
    'features',
    'features.plan',
  ]
  paths.push(
    'features.plan.oneHot',
    'features.city.values',
    'model',
    'model.task',
    'model.task.kind',
    'model.task.positive',
    'model.inputs',
  )
  paths.push('model.inputs.numbers', 'output', 'output.columns', 'metrics', 'anomalies', 'schedule', 'schedule.cron', 'notify.failure')
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withSparseArray: true })
  fc.assert(
    fc.property(fc.constantFrom(...paths), anything, (path, value) => {
      try {
        checkDefinition(changed(path, value))
      } catch (error) {
        expect(error).toMatchObject({ code: 'DefinitionInvalid' })
      }
    }),
    { numRuns: 2000 },
  )
})
