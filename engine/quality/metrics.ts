/**
 * Makes the numbers of a day from what was counted while scoring, and writes them as `metrics.json`, whose keys have the word of the task.
 */
import type { AnyPipeline } from '../../definition/pipeline.js'
import { classifies, hasProbability, hasScore, type Label, TASK_FACTS, type Task, withPositive } from '../../definition/tasks.js'
import { SCORE_BINS, type TableSummary } from '../batch/summary.js'
import type { PipelineInfo } from '../protocol/documents/manifest.js'
import type { Histogram, Metrics, MetricsFile } from '../protocol/documents/metrics.js'

/**
 * Gives the limits of confidence: strictly above is high, strictly below is low. A low limit of 0.5 could not be reached with two classes.
 */
export function confidenceLimits(definition: Pick<AnyPipeline, 'metrics'>): { high: number; low: number } {
  return { high: definition.metrics?.highConfidence ?? 0.8, low: definition.metrics?.lowConfidence ?? 0.6 }
}

/** Computes the metrics of a table. `histogram` is given for numbers and margins, whose range is only known at the end. */
export function computeMetrics(
  table: TableSummary,
  task: Task,
  classes: readonly Label[],
  limits: { high: number; low: number },
  histogram?: Histogram,
): Metrics {
  const { predicted } = table
  const none = predicted === 0
  const [sure, scored] = [hasProbability(task), hasScore(task)]
  const counts = classes.map((label, index) => ({ label, count: table.classCounts[index] ?? 0 }))
  const binary = withPositive(task)
  const positives = binary && countOf(binary.positive, counts)
  return {
    rowsRead: table.records,
    rowsRejected: table.rejected,
    predicted,
    classCounts: classifies(task) ? counts : [],
    positiveRate: none || positives === undefined ? null : positives / predicted,
    meanConfidence: none || !sure ? null : table.confidenceSum / predicted,
    highConfidence: sure ? table.highConfidence : null,
    lowConfidence: sure ? table.lowConfidence : null,
    limits,
    meanScore: none || !scored ? null : table.scoreSum / predicted,
    minScore: none || !scored ? null : table.minScore,
    maxScore: none || !scored ? null : table.maxScore,
    histogram: none ? null : (histogram ?? (sure ? unitHistogram(table.scoreBins) : null)),
  }
}

function unitHistogram(counts: readonly number[]): Histogram {
  return { edges: Array.from({ length: SCORE_BINS + 1 }, (_, index) => index / SCORE_BINS), counts }
}

/** Makes `metrics.json`. The order of its keys is part of the results digest. */
export function metricsFile(metrics: Metrics, task: Task): MetricsFile {
  const totals = { total_predictions: metrics.predicted }
  const accounts = { rows_read: metrics.rowsRead, rows_rejected: metrics.rowsRejected }
  const scores = {
    mean_score: metrics.meanScore,
    min_score: metrics.minScore,
    max_score: metrics.maxScore,
    score_histogram: metrics.histogram,
  }
  const confidence = {
    avg_confidence: metrics.meanConfidence,
    high_confidence_predictions: metrics.highConfidence,
    low_confidence_predictions: metrics.lowConfidence,
    confidence_limits: metrics.limits,
  }
  if (!classifies(task)) return { ...totals, [`mean_${task.name}`]: metrics.meanScore, ...accounts, ...scores }
  const classes = { class_counts: metrics.classCounts }
  const binary = withPositive(task)
  if (!binary) return { ...totals, ...classes, ...confidence, ...accounts, ...scores }
  const positives = countOf(binary.positive, metrics.classCounts) ?? 0
  const ofPositive = {
    [`${task.name}_predictions`]: positives,
    [`non_${task.name}_predictions`]: metrics.predicted - positives,
    [`${task.name}_rate`]: metrics.positiveRate,
  }
  return { ...totals, ...ofPositive, ...confidence, ...accounts, ...classes, ...scores }
}

function countOf(label: Label, counts: Metrics['classCounts']): number | undefined {
  return counts.find((one) => String(one.label) === String(label))?.count
}

/** Reads the numbers behind a `metrics.json`: the report of a sealed attempt is rendered from them. */
export function metricsOf(file: MetricsFile, info: Pick<PipelineInfo, 'task' | 'taskName'>): Metrics {
  const own = file as MetricsFile & Partial<StoredMetrics>
  const limits = own.confidence_limits ?? { high: 0.8, low: 0.6 }
  const rate = info.task !== undefined && TASK_FACTS[info.task].hasPositive ? file[`${info.taskName}_rate`] : null
  return {
    rowsRead: file.rows_read,
    rowsRejected: file.rows_rejected,
    predicted: file.total_predictions,
    classCounts: own.class_counts ?? [],
    positiveRate: typeof rate === 'number' ? rate : null,
    meanConfidence: own.avg_confidence ?? null,
    highConfidence: own.high_confidence_predictions ?? null,
    lowConfidence: own.low_confidence_predictions ?? null,
    limits,
    meanScore: own.mean_score ?? null,
    minScore: own.min_score ?? null,
    maxScore: own.max_score ?? null,
    histogram: own.score_histogram ?? null,
  }
}

interface StoredMetrics {
  readonly class_counts: Metrics['classCounts']
  readonly avg_confidence: number | null
  readonly high_confidence_predictions: number | null
  readonly low_confidence_predictions: number | null
  readonly confidence_limits: Metrics['limits']
  readonly mean_score: number | null
  readonly min_score: number | null
  readonly max_score: number | null
  readonly score_histogram: Histogram | null
}
