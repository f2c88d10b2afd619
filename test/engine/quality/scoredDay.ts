/** Tests of numbers and rules begin with a small day of a binary task, as scoring counts it. */
import { binary } from '../../../definition/tasks.js'
import type { TableSummary } from '../../../engine/batch/summary.js'

export const churn = binary({ positive: 1, name: 'churn' })
export const limits = { high: 0.8, low: 0.6 }
/** Ten of eleven records predicted, four of them positive. */
export const table = (changes: Partial<TableSummary> = {}): TableSummary => ({
  records: 11,
  predicted: 10,
  rejected: 1,
  invalid: 1,
  nullCounts: {},
  findings: [],
  ruleRows: {},
  batches: [],
  profile: [],
  scoreSum: 4,
  confidenceSum: 8,
  classCounts: [6, 4],
  highConfidence: 5,
  lowConfidence: 3,
  minScore: 0.1,
  maxScore: 0.9,
  scoreBins: new Array(20).fill(0),
  ...changes,
})
