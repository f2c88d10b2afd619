import { expect, test } from 'vitest'
import { binary, classShare, column, meanPrediction, multiclass, positiveRate, regression, rowCount } from '../../../definition/index.js'
import { checkDefinition } from '../../../engine/loader/checkDefinition.js'
import { changed, detailsOf, soundDefinition } from './definitions.js'

test.each<[string, unknown, string]>([
  // the input
  ['input.key', 'custmer_id', 'input.key: "custmer_id" is not a column; did you mean "customer_id"?'],
  // columns
  ['input.columns.age', column.number({ min: 5, max: 1 }), 'input.columns.age: min 5 is above max 1'],
  [
    'input.columns.joined',
    column.date({ min: '2026-02-03', max: '2026-02-01' }),
    'input.columns.joined: min "2026-02-03" is above max "2026-02-01"',
  ],
  [
    'input.columns.joined',
    column.date({ timeZone: 'Europe/Berlin' }),
    'input.columns.joined.timeZone: says nothing of the format "YYYY-MM-DD", which has no offset from UTC (XXX, XX or X); leave it out',
  ],
  [
    'input.columns.joined',
    column.date({ format: 'YYYY-MM-DDTHH:mm:ssZ', timeZone: 'Europe/Berlin' }),
    'input.columns.joined.timeZone: says nothing of the format "YYYY-MM-DDTHH:mm:ssZ", which has no offset from UTC (XXX, XX or X); leave it out',
  ],
  [
    'input.columns.active',
    column.boolean({ true: ['y'], false: ['n', 'y'] }),
    'input.columns.active: "y" is a spelling of true and of false',
  ],
  ['input.columns.city', column.text({ from: 'Plan' }), 'input.columns.city: reads "Plan" of the file, as the column "plan" does'],
  ['input.columns', {}, 'input.columns: has no column'],
  // features
  ['features', {}, 'features: has no feature'],
  ['features.0', () => 1, 'features.0: JavaScript puts names that are whole numbers first, whatever their order here; use another name'],
  ['features.plan', { oneHot: 'plna' }, 'features.plan.oneHot: "plna" is not a column; did you mean "plan"?'],
  ['features.plan', { oneHot: 'plan', values: ['gold'] }, 'features.plan.values: "gold" is not a value of "plan"'],
  ['features.city', { oneHot: 'city' }, 'features.city.values: is missing; a text column does not name its values'],
  ['features.city', { oneHot: 'age' }, 'features.city.oneHot: "age" is of kind integer; only a category or text can be one-hot'],
  ['features.plan_pro', () => 1, 'features.plan_pro: gives the name "plan_pro", as "plan" does'],
  // the model
  ['model.task', binary({ positive: 1, threshold: 1 }), 'model.task.threshold: 1 is not between 0 and 1'],
  ['model.task', binary({ positive: 1, threshold: 0 }), 'model.task.threshold: 0 is not between 0 and 1'],
  ['model.task', binary({ positive: 1, negative: 1 }), 'model.task.negative: 1 is the positive class'],
  ['model.task', binary({ positive: 1, classes: [1] }), 'model.task.classes: has 1 classes; a binary task has two'],
  ['model.task', binary({ positive: 1, classes: [2, 3] }), 'model.task.classes: does not hold 1, which is positive'],
  ['model.task', binary({ positive: 1, negative: 0, classes: [1, 2] }), 'model.task.classes: does not hold 0, which is negative'],
  [
    'model.task',
    binary({ positive: 1, logits: 'mirrored' }),
    'model.task.logits: says nothing of scores that are "probability"; it goes with scores: \'logit\'',
  ],
  ['model.task', multiclass({ classes: ['a'] }), 'model.task.classes: has one class; there must be two or more'],
  ['model.task', regression({ min: 2, max: 1 }), 'model.task: min 2 is above max 1'],
  ['model.inputs', { a: ['age', 'tenure', 'plan'] }, 'model.inputs: no input takes the feature "city"'],
  ['model.inputs', { a: ['age', 'age', 'tenure', 'plan', 'city'] }, 'model.inputs: the feature "age" is taken 2 times'],
  ['model.inputs.more', ['agee'], 'model.inputs.more: "agee" is not a feature; did you mean "age"?'],
  ['model.inputs.more', [], 'model.inputs.more: takes no feature'],
  // the output
  ['output.columns', ['customer_id', 'customer_id'], 'output.columns.1: "customer_id" is listed twice'],
  ['output.columns', ['probability.maybe'], 'output.columns.0: "probability.maybe" is about none of the classes "yes", "no"'],
  ['output.columns', ['probability.'], 'output.columns.0: "probability." is neither a column nor a result; did you mean "probability"?'],
  ['output.columns', ['predicton'], 'output.columns.0: "predicton" is neither a column nor a result; did you mean "prediction"?'],
  ['metrics.lowConfidence', 0.95, 'metrics: lowConfidence 0.95 is above highConfidence 0.9'],
  // rules
  ['anomalies', [positiveRate({})], 'anomalies.0: positive-rate has neither below nor above and never fires'],
  ['anomalies', [positiveRate({ above: 50 })], 'anomalies.0: above 50 is not a share from 0 to 1'],
  ['anomalies', [rowCount({ below: 10, above: 5 })], 'anomalies.0: below 10 is above above 5'],
  ['anomalies', [rowCount({ below: 10 }), meanPrediction({ below: 1 })], 'anomalies.1: mean-prediction does not fit a binary task'],
  ['anomalies', [classShare('maybe', { above: 0.5 })], 'anomalies.0: "maybe" is not one of the classes "yes", "no"'],
])('%s = %j is refused', async (path, value, detail) => {
  expect(await detailsOf(changed(path, value))).toContain(detail)
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

test('of JSON Lines nothing is declared that they do not have', async () => {
  const json = (columns: object, more: object = {}) => ({
    ...(soundDefinition() as object),
    input: { path: 'data/{date}.jsonl', format: 'jsonl', columns, ...more },
    features: { age: () => 1 },
    output: undefined,
  })
  const marks = 'says nothing of JSON Lines, whose numbers have no marks of their own; leave it out'
  const details = await detailsOf(
    json({ age: column.number({ decimal: ',' }), sum: column.integer({ thousands: ',' }) }, { trailingDelimiter: true }),
  )
  expect(details).toEqual(
    expect.arrayContaining([
      'input.trailingDelimiter: says nothing of JSON Lines; leave it out',
      `input.columns.age.decimal: ${marks}`,
      `input.columns.sum.thousands: ${marks}`,
    ]),
  )
})
