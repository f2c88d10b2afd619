/**
 * What the compiler says of definitions. Nothing here runs: the build is the test. Each `@ts-expect-error` fails the build when
 * the line below it is accepted.
 */
import {
  type AnyPipeline,
  binary,
  column,
  defineColumns,
  defineFeatures,
  definePipeline,
  meanPrediction,
  multiclass,
  positiveRate,
  regression,
  rowCount,
} from '../../definition/index.js'

const columns = {
  id: column.text(),
  age: column.number({ nullable: true }),
  income: column.number(),
  joined: column.date(),
  plan: column.category(['free', 'pro']),
}
const input = { path: 'data/{date}.csv', format: 'csv', key: 'id', columns } as const
const model = { file: 'm.onnx', version: '1', task: binary({ positive: 1 }) }

// A row has the types of its columns, and any definition is an AnyPipeline.
export const accepted: readonly AnyPipeline[] = [
  definePipeline({
    name: 'a',
    input,
    features: {
      income: (row) => row.income,
      age: (row) => (row.age === null ? -1 : row.age),
      tenure: (row, { date }) => date - row.joined,
      pro: (row) => row.plan === 'pro',
      plan: { oneHot: 'plan' },
    },
    model: { ...model, inputs: { main: ['income', 'age', 'tenure', 'pro', 'plan'] } },
    output: { columns: ['id', 'prediction'] },
    anomalies: [positiveRate({ above: 0.5 }), rowCount({ below: 1 })],
  }),
  definePipeline({ name: 'b', input, features: { age: (row) => row.age }, model: { ...model, missing: { number: 'nan' } } }),
  definePipeline({ name: 'c', input, features: { income: (row) => row.income }, model: { ...model, task: multiclass() } }),
  definePipeline({
    name: 'd',
    input,
    features: { income: (row) => row.income },
    model: { ...model, task: regression() },
    anomalies: [meanPrediction({ above: 1 })],
  }),
]

// @ts-expect-error a feature reads a column that does not exist
definePipeline({ name: 'a', input, features: { income: (row) => row.incom }, model })

// @ts-expect-error a nullable column is used as a number
definePipeline({ name: 'a', input, features: { age: (row) => row.age / 2 }, model })

// @ts-expect-error a feature is null, and model.missing does not say what the model gets
definePipeline({ name: 'a', input, features: { age: (row) => row.age }, model })

// @ts-expect-error a category is compared with a text it cannot be
definePipeline({ name: 'a', input, features: { plan: (row) => row.plan === 'gold' }, model })

// @ts-expect-error one-hot of a column that does not exist
definePipeline({ name: 'a', input, features: { plan: { oneHot: 'paln' } }, model })

definePipeline({
  name: 'a',
  // @ts-expect-error the key is not a column
  input: { path: '{date}.csv', format: 'csv', key: 'custmer_id', columns },
  features: {},
  model,
})

definePipeline({
  name: 'a',
  input,
  features: { income: (row) => row.income },
  model: { ...model, task: regression() },
  // @ts-expect-error a regression has no positive rate
  anomalies: [positiveRate({ above: 0.5 })],
})

// @ts-expect-error an input takes a feature that does not exist
definePipeline({ name: 'a', input, features: { income: (row) => row.income }, model: { ...model, inputs: { main: ['incom'] } } })

definePipeline({
  name: 'a',
  input,
  features: { income: (row) => row.income },
  model,
  // @ts-expect-error the output has a column that is neither the input's nor a result
  output: { columns: ['idd'] },
})

definePipeline({
  name: 'a',
  input,
  features: { income: (row) => row.income },
  model,
  // @ts-expect-error not a duration
  lateAfter: '2 hours',
})

// @ts-expect-error a misspelt option
column.number({ mim: 0 })

// @ts-expect-error shared features read the shared columns alone
defineFeatures(defineColumns(columns), { income: (row) => row.incom })
