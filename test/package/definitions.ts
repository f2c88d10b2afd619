/**
 * Definitions as people write them, in every form whose type the compiler has to write down. They are compiled in a project of its own,
 * with the settings that `tsc --init` writes, against the package as it ships. Nothing here runs.
 */
import {
  binary,
  classShare,
  column,
  day,
  defineColumns,
  defineFeatures,
  definePipeline,
  email,
  lowConfidenceShare,
  meanPrediction,
  multiclass,
  positiveRate,
  regression,
  rowCount,
  slack,
} from 'daybreak'

/** Columns and features that several pipelines share. */
export const columns = defineColumns({
  id: column.text({ maxLength: 20 }),
  age: column.integer({ nullable: true, min: 0 }),
  amount: column.number({ decimal: ',', thousands: '.' }),
  joined: column.date({ format: 'DD.MM.YYYY', max: 'data-date' }),
  paid: column.boolean(),
  plan: column.category(['free', 'pro'], { nullable: true }),
})
export const plain = { id: column.text(), amount: column.number() }
export const features = defineFeatures(columns, {
  amount: (row) => row.amount,
  days: (row, { date }) => date - row.joined,
  since: (row) => row.joined - day('2020-01-01'),
  plan: { oneHot: 'plan' },
})
export const channels = { success: [slack()], failure: [slack(), email({ to: ['team@example.org'] })] }
export const rules = [positiveRate({ above: 0.3 }), lowConfidenceShare({ above: 0.2, action: 'hold' }), rowCount({ below: 10 })]

const input = { path: 'data/{date}.csv', format: 'csv', key: 'id', columns } as const

/** The parts come from elsewhere. */
export const shared = definePipeline({
  name: 'shared',
  input,
  features: { ...features, age: (row) => row.age ?? -1, paid: (row) => row.paid },
  model: { file: 'model.onnx', version: '1', task: binary({ positive: 1 }) },
  anomalies: rules,
  notify: channels,
})

/** Whatever can be said is said. */
export const whole = definePipeline({
  name: 'whole',
  description: 'All there is',
  owner: 'the team',
  tags: ['one', 'two'],
  input: {
    ...input,
    encoding: 'latin1',
    delimiter: ';',
    header: { linesBefore: 1 },
    arrival: { poll: '5m', timeout: '2h', settle: '30s' },
    nulls: { warnAbove: 0.2 },
    duplicates: 'fail',
    rejects: { maxRatio: 0.1, rules: { 'number.max': { maxRows: 3 } } },
  },
  features: { age: (row) => row.age, plan: (row) => row.plan, amount: (row) => row.amount },
  model: {
    file: 'models/{version}/model.onnx',
    version: 'latest',
    steps: ['scaler.onnx'],
    task: multiclass({ classes: ['a', 'b'], scores: 'logit' }),
    inputs: { numbers: ['age', 'amount'], texts: ['plan'] },
    missing: { number: 'nan', text: '' },
    golden: { file: 'golden.csv', date: '2026-01-01' },
  },
  output: { format: 'jsonl', shards: 4, columns: ['id', 'prediction', 'score', 'model_version'] },
  report: { maskKeys: false },
  metrics: { highConfidence: 0.9 },
  checks: { no_null_predictions: 'warn' },
  anomalies: [classShare('a', { above: 0.9, action: 'fail' })],
  hold: { expires: '3d' },
  schedule: { cron: '0 6 * * *', timeZone: 'Europe/Berlin', dataDate: { daysBefore: 2 } },
  retries: { maximum: 2, delay: '5m', backoff: 2 },
  lateAfter: '2h',
  deadline: '10h',
  notify: channels,
})

export const number = definePipeline({
  name: 'number',
  input: { path: 'data/{date}.jsonl', format: 'jsonl', columns: plain },
  features: { amount: (row) => row.amount },
  model: { file: 'model.onnx', version: '1', task: regression({ min: 0 }), inputs: 'by-name' },
  anomalies: [meanPrediction({ below: 1, above: 10 })],
})

/** Parts of a definition, and one made of another. */
export const parts = { input: number.input, model: whole.model, output: whole.output, schedule: whole.schedule, checks: whole.checks }
export const again = { ...shared, name: 'again', retries: { maximum: 0 } }
export const rows = shared.features

/** A row has the types of its columns: this is the compiler's own test of the package's types. */
export const wrong = definePipeline({
  name: 'wrong',
  input,
  // @ts-expect-error a nullable column is used as a number
  features: { age: (row) => row.age / 2 },
  model: { file: 'model.onnx', version: '1', task: binary({ positive: 1 }) },
})
