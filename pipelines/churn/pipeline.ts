// Which customers are likely to leave, every day: the pipeline that ships, and the one to copy from.
// README.md says what the columns mean and how the model was trained.
import { binary, column, definePipeline, email, lowConfidenceShare, meanConfidence, positiveRate, slack } from 'daybreak'

export default definePipeline({
  name: 'churn',
  description: 'Customers likely to leave, from their age, income and purchases',
  tags: ['churn', 'customers', 'daily'],
  input: {
    path: 'data/daily/customers_{date}.csv',
    format: 'csv',
    arrival: { poll: '5m', timeout: '1h', settle: '30s' },
    key: 'customer_id',
    columns: {
      customer_id: column.text({ maxLength: 64 }),
      age: column.number({ min: 0, max: 120 }),
      income: column.number({ min: 0 }),
      purchase_history: column.number({ min: 0 }),
      // A purchase after the data date is an error of the source, and would make days_since_purchase negative.
      last_purchase_date: column.date({ max: 'data-date' }),
    },
    nulls: { warnAbove: 0.1 },
    duplicates: 'warn',
    rejects: { maxRatio: 0.01 },
  },
  // They are in the model's input order, and training/train.py computes the same ones.
  features: {
    age: (row) => row.age,
    income: (row) => row.income,
    days_since_purchase: (row, { date }) => date - row.last_purchase_date,
    purchase_frequency: (row, { date }) => row.purchase_history / (date - row.last_purchase_date + 1),
  },
  model: {
    file: 'model/churn.onnx',
    version: '1.0.0',
    task: binary({ positive: 1, name: 'churn', threshold: 0.5 }),
    golden: { file: 'model/golden.csv', date: '2026-06-30', tolerance: 1e-5 },
  },
  output: { columns: ['customer_id', 'prediction', 'probability', 'timestamp'] },
  anomalies: [positiveRate({ below: 0.01, above: 0.5 }), meanConfidence({ below: 0.6 }), lowConfidenceShare({ above: 0.3 })],
  schedule: { cron: '0 6 * * *', timeZone: 'UTC', dataDate: 'previous-day' },
  retries: { maximum: 2, delay: '5m', backoff: 1 },
  lateAfter: '2h',
  notify: { success: [slack()], failure: [email()], anomaly: [slack(), email()], late: [slack()] },
})
