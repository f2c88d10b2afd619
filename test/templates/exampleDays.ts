/** Reports and messages meet days like these, built from one good day by what went otherwise. They are plain data, no files. */
import type { Manifest, PipelineInfo, RuleResult } from '../../engine/protocol/documents/manifest.js'
import type { Metrics } from '../../engine/protocol/documents/metrics.js'
import type { ContractFinding, ValidationFile } from '../../engine/protocol/documents/validation.js'
import type { Problem } from '../../engine/protocol/errors.js'
import { ERRORS, type ErrorCode, type Verdict } from '../../engine/protocol/errorTable.js'
import type { ReportData } from '../../templates/reportData.js'

const sha = (letter: string) => letter.repeat(64)

const CHURN: PipelineInfo = {
  name: 'churn',
  description: 'Which customers are about to leave',
  owner: 'growth-data',
  tags: ['customers', 'daily'],
  task: 'binary',
  taskName: 'churn',
  positive: 1,
  threshold: 0.5,
  key: 'customer_id',
  features: ['age', 'income', 'days_since_purchase', 'purchase_frequency'],
  inputPath: 'data/daily/customers_2026-11-22.csv',
}

const RULES: readonly RuleResult[] = [
  { rule: 'positive-rate', title: 'Churn rate', observed: 0.2654, below: 0.01, above: 0.5, action: 'warn', fired: false, unit: 'share' },
  { rule: 'mean-confidence', title: 'Mean confidence', observed: 0.7912, below: 0.6, action: 'warn', fired: false, unit: 'number' },
  {
    rule: 'low-confidence-share',
    title: 'Share of low confidence',
    observed: 0.1127,
    above: 0.3,
    action: 'warn',
    fired: false,
    unit: 'share',
  },
]

const CHECKS = [
  { name: 'file_exists', observed: 'there, with its columns', expected: 'columns customer_id, prediction, probability, timestamp' },
  { name: 'records_match', observed: '7043 rows', expected: '7043 rows' },
  { name: 'prediction_values_valid', observed: 'in every row', expected: 'one of 0, 1' },
  { name: 'probability_range_valid', observed: 'in every row', expected: 'probability from 0 to 1' },
  { name: 'no_null_predictions', observed: '0 blank', expected: '0 blank' },
  { name: 'no_null_probabilities', observed: '0 blank', expected: '0 blank' },
].map((check) => ({ ...check, passed: true }))

const MANIFEST: Manifest = {
  format: 1,
  pipeline: 'churn',
  date: '2026-11-22',
  attempt: 'a001',
  runKey: 'daybreak/predict/churn/2026-11-22:6f1c',
  kind: 'scheduled',
  startedAt: '2026-11-23T06:00:04.120Z',
  endedAt: '2026-11-23T06:00:11.904Z',
  seenPublication: 0,
  temporal: {
    namespace: 'default',
    workflowId: 'daybreak/predict/churn/2026-11-22',
    runId: '019ab3c2-7d1e-7f3a-9b0e-2f4f5a6b7c8d',
    ui: 'http://localhost:8233',
  },
  verdict: 'pass',
  headline: '7,043 customers scored; churn rate 26.5 %.',
  pipelineInfo: CHURN,
  input: {
    path: '/data/daily/customers_2026-11-22.csv',
    bytes: 412_331,
    sha256: sha('3'),
    modifiedAt: '2026-11-23T05:41:09.000Z',
    records: 7043,
  },
  model: {
    file: 'model/churn.onnx',
    version: '1.0.0',
    sha256: sha('a'),
    producer: 'skl2onnx 1.17.0',
    opset: '17',
    inputs: ['float_input: float32 [N, 4]'],
    outputs: ['output_label: int64 [N]', 'output_probability: float32 [N, 2]'],
    repairs: ['ZipMap removed: probabilities come as a tensor'],
    goldenRows: 5,
  },
  fingerprints: { definition: sha('d'), contract: sha('c'), code: sha('e') },
  accounts: { read: 7043, predicted: 7043, rejected: 0 },
  microBatch: 1024,
  checks: CHECKS,
  rules: RULES,
  warnings: [],
  resultsDigest: sha('f'),
  files: {
    'predictions.csv': { sha256: sha('1'), bytes: 310_220 },
    'rejects.csv': { sha256: sha('2'), bytes: 41 },
    'validation.json': { sha256: sha('4'), bytes: 1203 },
    'metrics.json': { sha256: sha('5'), bytes: 902 },
  },
  timings: [
    { step: 'open', startedAt: '2026-11-23T06:00:04.120Z', ms: 310, retries: 0 },
    { step: 'findInput', startedAt: '2026-11-23T06:00:04.430Z', ms: 12, retries: 0 },
    { step: 'inspect', startedAt: '2026-11-23T06:00:04.450Z', ms: 842, retries: 0 },
    { step: 'scorePartition', startedAt: '2026-11-23T06:00:05.292Z', ms: 2100, retries: 0 },
    { step: 'scorePartition', startedAt: '2026-11-23T06:00:05.294Z', ms: 2480, retries: 1 },
    { step: 'assemble', startedAt: '2026-11-23T06:00:07.780Z', ms: 640, retries: 0 },
    { step: 'checkResult', startedAt: '2026-11-23T06:00:08.420Z', ms: 240, retries: 0 },
  ],
}

const EDGES = Array.from({ length: 21 }, (_, index) => index / 20)

const METRICS: Metrics = {
  rowsRead: 7043,
  rowsRejected: 0,
  predicted: 7043,
  classCounts: [
    { label: 0, count: 5174 },
    { label: 1, count: 1869 },
  ],
  positiveRate: 0.2654,
  meanConfidence: 0.7912,
  highConfidence: 3510,
  lowConfidence: 794,
  limits: { high: 0.8, low: 0.6 },
  meanScore: 0.2871,
  minScore: 0.0031,
  maxScore: 0.9912,
  histogram: { edges: EDGES, counts: [820, 911, 766, 640, 548, 447, 371, 290, 213, 168, 175, 210, 242, 260, 251, 228, 196, 151, 104, 52] },
}

const VALIDATION: ValidationFile = {
  valid: true,
  errors: [],
  warnings: [],
  statistics: {
    total_records: 7043,
    null_counts: { customer_id: 0, age: 0, income: 0, purchase_history: 0, last_purchase_date: 0 },
    duplicate_count: 0,
  },
  accounts: { read: 7043, predicted: 7043, rejected: 0 },
  findings: [],
  duplicates: { keys: 0, lines: [] },
  unused_columns: ['region'],
  reject_budget: { max_ratio: 0.01, max_rows: null, ratio: 0 },
}

const LINKS = {
  predictions: 'predictions.csv',
  rejects: 'rejects.csv',
  validation: 'validation.json',
  metrics: 'metrics.json',
  manifest: 'manifest.json',
  index: '../../../reports/index.html',
}

const SENT = {
  at: '2026-11-23T06:00:12.400Z',
  event: 'message-sent',
  key: 'churn/2026-11-22/a001/success/0',
  channel: 'slack (SLACK_WEBHOOK_URL)',
  message: 'success',
} as const

/** Everything as usual. */
export function goodDay(): ReportData {
  return {
    manifest: MANIFEST,
    validation: VALIDATION,
    metrics: METRICS,
    events: [SENT],
    rejectSamples: [],
    published: { attempt: 'a001', at: '2026-11-23T06:00:11.950Z', number: 1 },
    links: LINKS,
  }
}

/** Published with warnings: a rule fired, rows were rejected, a backfill, a channel is broken and another has no settings. */
export function warnDay(): ReportData {
  const accounts = { read: 7043, predicted: 6982, rejected: 61 }
  const findings: readonly ContractFinding[] = [
    { column: 'income', rule: 'null', count: 38, ratio: 38 / 7043, lines: [17, 204, 377, 410, 982, 1001], example: '' },
    { column: 'age', rule: 'number.max', count: 15, ratio: 15 / 7043, lines: [88, 1204, 2310], example: '417' },
    { column: 'last_purchase_date', rule: 'date.invalid', count: 8, ratio: 8 / 7043, lines: [501, 502], example: '22/11/2026' },
  ]
  return {
    ...goodDay(),
    manifest: {
      ...MANIFEST,
      kind: 'backfill',
      requestedBy: 'ada',
      attempt: 'a002',
      seenPublication: 1,
      verdict: 'warn',
      headline: 'Churn rate 62.0 % is above 50 %; 61 of 7,043 rows rejected.',
      accounts,
      rules: RULES.map((rule) => (rule.rule === 'positive-rate' ? { ...rule, observed: 0.62, fired: true } : rule)),
      warnings: ['The model’s opset 9 is older than most exports; its answers were checked on 5 golden rows.'],
    },
    validation: {
      ...VALIDATION,
      warnings: ['Column income has 38 blank cells, 0.5 % of the records.', '4 keys occur more than once.'],
      statistics: { total_records: 7043, null_counts: { ...VALIDATION.statistics.null_counts, income: 38 }, duplicate_count: 5 },
      accounts,
      findings,
      duplicates: { keys: 4, lines: [91, 92, 140, 1033, 5021] },
      reject_budget: { max_ratio: 0.01, max_rows: null, ratio: 61 / 7043 },
    },
    metrics: {
      ...METRICS,
      rowsRejected: 61,
      predicted: 6982,
      positiveRate: 0.62,
      classCounts: [
        { label: 0, count: 2653 },
        { label: 1, count: 4329 },
      ],
      meanScore: 0.5714,
      histogram: { edges: EDGES, counts: (METRICS.histogram?.counts ?? []).toReversed() },
    },
    rejectSamples: [
      { line: '17', key: 'C-00016', column: 'income', rule: 'null', reason: 'income is blank' },
      { line: '88', key: 'C-00087', column: 'age', rule: 'number.max', reason: 'age 417 is above 120' },
      {
        line: '501',
        key: 'C-00500',
        column: 'last_purchase_date',
        rule: 'date.invalid',
        reason: '"22/11/2026" is not a day of the form YYYY-MM-DD',
      },
    ],
    events: [
      {
        at: '2026-11-23T06:00:12.400Z',
        event: 'message-failed',
        key: 'k1',
        channel: 'slack (SLACK_WEBHOOK_URL)',
        message: 'anomaly',
        detail: 'The webhook answered 503 three times.',
      },
      { at: '2026-11-23T06:00:12.500Z', event: 'channel-not-configured', key: 'k2', channel: 'email', message: 'anomaly' },
    ],
    published: { attempt: 'a002', at: '2026-11-23T06:00:11.950Z', number: 2 },
  }
}

/** A day that ended with a problem before anything was predicted; the attempt before stays published if asked for. */
export function dayWithProblem(
  code: ErrorCode,
  message: string,
  rest: Partial<Problem> = {},
  verdict: Verdict = ERRORS[code].verdict,
): ReportData {
  const { accounts: _, resultsDigest: __, microBatch: ___, ...manifest } = MANIFEST
  return {
    manifest: {
      ...manifest,
      verdict,
      headline: message,
      problem: { code, message, details: [], next: ERRORS[code].next, ...rest },
      checks: [],
      rules: [],
      files: {},
      timings: MANIFEST.timings.slice(0, 3),
    },
    events: [],
    rejectSamples: [],
    links: { manifest: 'manifest.json', index: LINKS.index },
  }
}

/** A column of the contract is gone; an earlier attempt stays published. */
export function failedDay(): ReportData {
  const day = dayWithProblem('ContractBroken', 'Column last_purchase_date is not in the header of customers_2026-11-22.csv.', {
    details: [
      'Column last_purchase_date is missing; the header has lastPurchaseDate, which is close.',
      'Column income stands twice: 3 and 5.',
    ],
    place: { file: '/data/daily/customers_2026-11-22.csv', line: 1 },
    step: 'inspect',
  })
  return {
    ...day,
    manifest: { ...day.manifest, attempt: 'a002', seenPublication: 1 },
    published: { attempt: 'a001', at: '2026-11-23T06:00:11.950Z', number: 1 },
  }
}

/** The file did not come. */
export function missingDay(): ReportData {
  const day = dayWithProblem('InputMissing', 'data/daily/customers_2026-11-22.csv did not arrive within 1h.', {
    details: ['The folder has customers_2026-11-21.csv, the newest, and customers_2026-11-20.csv.'],
    step: 'findInput',
  })
  const { input: _, model: __, ...manifest } = day.manifest
  return { ...day, manifest: { ...manifest, timings: manifest.timings.slice(0, 2) } }
}

/** Everything was predicted, and a rule says not to publish. */
export function refusedDay(): ReportData {
  const warn = warnDay()
  const problem = {
    code: 'AnomalyRefused',
    message: 'Churn rate 62.0 % is above 50 %.',
    details: [],
    next: ERRORS.AnomalyRefused.next,
    step: 'findAnomalies',
  } as const
  const { published: _, ...rest } = warn
  return {
    ...rest,
    events: [],
    manifest: {
      ...warn.manifest,
      kind: 'manual',
      verdict: 'refused',
      problem,
      seenPublication: 0,
      headline: 'Not published: churn rate 62.0 % is above 50 %.',
      rules: warn.manifest.rules.map((rule) => ({ ...rule, action: rule.fired ? 'fail' : rule.action })),
    },
  }
}

/** A task whose answer is a number. */
export function regressionDay(): ReportData {
  const { positive: _, threshold: __, ...info } = CHURN
  const edges = Array.from({ length: 21 }, (_unused, index) => -120 + index * 700)
  return {
    ...goodDay(),
    manifest: {
      ...MANIFEST,
      pipeline: 'house-prices',
      headline: '7,043 houses scored; mean price 5,214.3.',
      pipelineInfo: { ...info, name: 'house-prices', task: 'regression', taskName: 'price', description: 'What a house would sell for' },
      rules: [
        {
          rule: 'mean-prediction',
          title: 'Mean price',
          observed: 5214.29,
          below: 1000,
          above: 9000,
          action: 'fail',
          fired: false,
          unit: 'number',
        },
      ],
    },
    metrics: {
      ...METRICS,
      classCounts: [],
      positiveRate: null,
      meanConfidence: null,
      highConfidence: null,
      lowConfidence: null,
      meanScore: 5214.29,
      minScore: -103.25,
      maxScore: 13_871.4,
      histogram: { edges, counts: [2, 30, 122, 340, 700, 1010, 1180, 1060, 830, 600, 420, 290, 190, 120, 70, 40, 22, 10, 5, 2] },
    },
  }
}

/** A task of several classes. */
export function multiclassDay(labels: readonly string[] = ['setosa', 'versicolor', 'virginica', 'none of them']): ReportData {
  const { positive: _, threshold: __, ...info } = CHURN
  const counts = labels.map((label, index) => ({ label, count: index === 0 ? 7043 - (labels.length - 1) * 7 : 7 }))
  const even = labels.length === 4 ? [2410, 2204, 2312, 117] : undefined
  return {
    ...goodDay(),
    manifest: {
      ...MANIFEST,
      pipeline: 'iris',
      headline: '7,043 flowers scored; mean confidence 0.791.',
      pipelineInfo: { ...info, name: 'iris', task: 'multiclass', taskName: 'species' },
      rules: RULES.slice(1),
    },
    metrics: {
      ...METRICS,
      positiveRate: null,
      classCounts: even ? counts.map((each, index) => ({ ...each, count: even[index] ?? 0 })) : counts,
    },
  }
}

/** Text that tries to break out of the page, to hide or to flood it. */
export const HOSTILE = [
  '</title><script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  "' style='display:none' onclick='x",
  'gpj.\u202Eexe\u0000\u001b[31m\ud800',
  'x'.repeat(100_000),
  `z${'\u0301'.repeat(5000)}`,
  '<!channel> <https://evil.example|click> & *bold*',
  'javascript:alert(1)',
]

const nasty = HOSTILE.join(' ')

/** Every text of the data is hostile. */
export function hostileDay(): ReportData {
  const warn = warnDay()
  const values = HOSTILE
  return {
    ...warn,
    manifest: {
      ...warn.manifest,
      pipeline: values[0] ?? '',
      date: values[1] ?? '',
      attempt: values[2] ?? '',
      requestedBy: values[3] ?? '',
      headline: nasty,
      startedAt: values[0] ?? '',
      verdict: 'failed',
      givenInput: `/tmp/${nasty}`,
      problem: {
        code: 'InputRefused',
        message: nasty,
        details: values,
        next: nasty,
        place: { file: nasty, line: 3, column: nasty },
        step: nasty,
      },
      pipelineInfo: { ...CHURN, description: nasty, taskName: values[1] ?? '', key: nasty, owner: nasty, tags: values },
      temporal: { namespace: nasty, workflowId: nasty, runId: nasty, ui: 'javascript:alert(1)' },
      model: { ...MANIFEST.model!, file: nasty, version: nasty, producer: nasty, inputs: values, outputs: values, repairs: values },
      checks: [{ name: nasty, passed: false, observed: nasty, expected: nasty }],
      rules: [{ ...RULES[0]!, title: nasty, fired: true, observed: 0.6 }],
      warnings: values,
      files: { [nasty]: { sha256: nasty, bytes: 1 } },
      timings: [{ step: nasty, startedAt: nasty, ms: 1, retries: 0 }],
    },
    validation: {
      ...warn.validation!,
      errors: values,
      warnings: values,
      statistics: { ...warn.validation!.statistics, null_counts: Object.fromEntries(values.map((value) => [value, 3])) },
      findings: values.map((value) => ({ column: value, rule: value, count: 3, ratio: 0.1, lines: [1], example: value })),
      unused_columns: values,
    },
    rejectSamples: values.map((value) => ({ line: '1', key: value, column: value, rule: value, reason: value })),
    events: values.map((value) => ({ at: value, event: 'message-failed', channel: value, detail: value })),
    links: {
      predictions: 'javascript:alert(1)',
      rejects: '//evil.example/x',
      manifest: ' java\nscript:alert(1)',
      index: 'data:text/html,x',
    },
  }
}

/** 200 features, 100,000 rejects, hundreds of partitions. */
export function wideDay(): ReportData {
  const columns = Array.from({ length: 200 }, (_, index) => `feature_${index}_with_a_rather_long_name`)
  const warn = warnDay()
  return {
    ...warn,
    manifest: {
      ...warn.manifest,
      accounts: { read: 250_000, predicted: 150_000, rejected: 100_000 },
      pipelineInfo: { ...CHURN, features: columns },
      model: { ...MANIFEST.model!, inputs: columns.map((name) => `${name}: float32 [N, 1]`) },
      warnings: columns.map((name) => `Column ${name} has 9,000 blank cells, 3.6 % of the records.`),
      timings: Array.from({ length: 500 }, (_, index) => ({
        step: 'scorePartition',
        startedAt: '2026-11-23T06:00:05.292Z',
        ms: 100 + index,
        retries: 0,
      })),
    },
    validation: {
      ...warn.validation!,
      accounts: { read: 250_000, predicted: 150_000, rejected: 100_000 },
      statistics: { total_records: 250_000, null_counts: Object.fromEntries(columns.map((name) => [name, 9000])), duplicate_count: 0 },
      findings: columns.flatMap((column) => [
        {
          column,
          rule: 'number.invalid',
          count: 500,
          ratio: 0.002,
          lines: Array.from({ length: 20 }, (_, line) => line + 2),
          example: 'x'.repeat(200),
        },
        { column, rule: 'number.max', count: 40, ratio: 0.0001, lines: [3, 4], example: '1e9' },
      ]),
      unused_columns: columns,
    },
    metrics: { ...METRICS, rowsRead: 250_000, rowsRejected: 100_000, predicted: 150_000 },
    rejectSamples: Array.from({ length: 20 }, (_, line) => ({
      line: String(line) + 2,
      key: `k${line}`,
      column: columns[line] ?? '',
      rule: 'number.invalid',
      reason: 'not a number',
    })),
  }
}

/** Every outcome that a report can tell of, by name. */
export const EXAMPLE_DAYS: Readonly<Record<string, () => ReportData>> = {
  good: goodDay,
  warn: warnDay,
  failed: failedDay,
  missing: missingDay,
  refused: refusedDay,
  regression: regressionDay,
  multiclass: multiclassDay,
  wide: wideDay,
  hostile: hostileDay,
  cancelled: () => dayWithProblem('Cancelled', 'Cancelled by ada in the step Predict.'),
}
