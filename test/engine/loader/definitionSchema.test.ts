import { expect, test } from 'vitest'
import { column, email, lowConfidenceShare, multiclass, positiveRate, slack } from '../../../definition/index.js'
import { checkDefinition } from '../../../engine/loader/checkDefinition.js'
import { changed, detailsOf, problemOf } from './definitions.js'

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
  ['input.trailingDelimiter', 'yes', 'input.trailingDelimiter: "yes" is not true or false'],
  ['input.arrival.poll', '5 minutes', 'input.arrival.poll: "5 minutes" is not a duration such as 30s, 5m, 2h or 1d'],
  ['input.arrival.poll', '0s', 'input.arrival.poll: "0s" is no time at all'],
  ['input.arrival.timeout', '400d', 'input.arrival.timeout: "400d" is longer than 366d'],
  ['input.nulls.warnAbove', 10, 'input.nulls.warnAbove: 10 is not at most 1'],
  ['input.rejects.maxRatio', -0.1, 'input.rejects.maxRatio: -0.1 is not at least 0'],
  ['input.rejects.maxRows', 1.5, 'input.rejects.maxRows: 1.5 is not a whole number'],
  ['input.duplicates', 'error', 'input.duplicates: "error" is none of "ignore", "warn", "fail"'],
  // columns
  ['input.columns.age', { kind: 'float' }, 'input.columns.age: an object is not a column such as column.number() or column.text()'],
  ['input.columns.age', column.number({ mim: 5 } as object), 'input.columns.age: the key "mim" is not known; did you mean "min"?'],
  ['input.columns.age', column.number({ min: Number.NaN }), 'input.columns.age.min: NaN is not finite'],
  [
    'input.columns.joined',
    column.date({ format: 'dd/MM/yyyy' }),
    'input.columns.joined.format: "dd/MM/yyyy" has a letter d that is no part of a date; the parts are YYYY, YY, MMM, MM, M, DD, D, HH, H, hh, h, mm, ss, SSSSSSSSS, SSSSSSS, SSSSSS, SSS, S, A, XXX, XX, X, UTC, T, Z',
  ],
  [
    'input.columns.joined',
    column.date({ format: 'YYYY-MM-DDTHH:mm:ssXXX', timeZone: '+02:00' }),
    'input.columns.joined.timeZone: "+02:00" is no time zone such as UTC or Europe/Berlin',
  ],
  [
    'input.columns.joined',
    column.date({ min: '2026-02-30' }),
    'input.columns.joined.min: "2026-02-30" is not a calendar day of the form YYYY-MM-DD',
  ],
  [
    'input.columns.joined',
    column.date({ max: 'today' }),
    'input.columns.joined.max: "today" is neither a day of the form YYYY-MM-DD nor \'data-date\'',
  ],
  ['input.columns.plan', column.category(['free', 'free']), 'input.columns.plan.values.1: "free" is listed twice'],
  ['input.columns.plan', column.category([]), 'input.columns.plan.values: is empty'],
  ['input.columns.plan', column.category(['free', '']), 'input.columns.plan.values.1: is empty'],
  // features
  ['features.age', 'age', 'features.age: "age" is neither a function nor { oneHot: … }'],
  ['features.age', async () => 1, 'features.age: is an async function; a feature answers at once'],
  ['features.plan', { oneHot: 'plan', value: ['free'] }, 'features.plan: the key "value" is not known; did you mean "values"?'],
  // the model
  ['model.file', '', 'model.file: "" is blank or holds a control character'],
  ['model.task', multiclass({ classes: ['a', 'b', 'a'] }), 'model.task.classes.2: "a" is listed twice'],
  ['model.task', 'binary', 'model.task: "binary" is not a task such as binary({ positive: 1 }), multiclass() or regression()'],
  ['model.golden.date', '31.01.2026', 'model.golden.date: "31.01.2026" is not a calendar day of the form YYYY-MM-DD'],
  ['model.missing.number', 'NaN', 'model.missing.number: "NaN" is neither a number nor \'nan\''],
  // the output
  ['output.columns', [], 'output.columns: is empty'],
  // rules
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
