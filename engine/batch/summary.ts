/**
 * Says what is counted while a partition is scored, and adds partitions up. Sums are kept by micro-batch and added in record order, so that
 * the totals have the same bits whatever the partitions and threads.
 */
import { newCounts } from '../protocol/counts.js'
import type { LinePlace } from '../protocol/documents/input.js'
import { addLabels, type LabelCount } from '../scoring/ownLabels.js'
import { addProfiles, type ProfiledNumber } from './profile.js'

/** Bins of a score histogram: of probabilities between 0 and 1, of other scores between the least and the most. */
export const SCORE_BINS = 20

/** A finding keeps the places of this many records: enough to see a pattern. */
export const FINDING_LINES = 20

/** One rule that values of one column break. */
export interface Finding {
  readonly column: string
  readonly rule: string
  /** Rejected records that break it. */
  count: number
  /** Where the first of those records begin, in order. */
  readonly lines: LinePlace[]
  /** The first value that breaks the rule. */
  readonly example: string
  /** Why the example breaks the rule. Only `check` keeps it: a run has the reasons in its rejects, and its digest must not change. */
  readonly reason?: string
}

/** Digests and sums of one micro-batch. */
export interface BatchSummary {
  /** Hex sha256 of the batch's prediction lines without `timestamp`. */
  readonly predictions: string
  /** Hex sha256 of the batch's reject lines. */
  readonly rejects: string
  readonly scoreSum: number
  readonly confidenceSum: number
}

/** Counts of scores, of a partition or of the whole file. */
export interface ScoreCounts {
  /** Predictions by class, in the order of the model's classes; one entry for regression. */
  readonly classCounts: readonly number[]
  /** Predictions with a confidence above the upper limit, and with one below the lower limit. */
  readonly highConfidence: number
  readonly lowConfidence: number
  /** Least and most score; Infinity and -Infinity when nothing was predicted. */
  readonly minScore: number
  readonly maxScore: number
  /** Scores in `SCORE_BINS` equal bins of [0, 1]; a score outside counts in the bin nearest to it. */
  readonly scoreBins: readonly number[]
}

/** What was counted over records that follow each other. */
interface Counted extends ScoreCounts {
  readonly records: number
  readonly predicted: number
  readonly rejected: number
  /** Rejected records that broke the form of the file or the contract; the other rejects failed in features or model. */
  readonly invalid: number
  /** Blank cells by column. */
  readonly nullCounts: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
  /** Rejected records by rule; a record that breaks several rules counts for each. */
  readonly ruleRows: Readonly<Record<string, number>>
  /** Micro-batches in record order. */
  readonly batches: readonly BatchSummary[]
  /** Distributions over the predicted records. */
  readonly profile: readonly ProfiledNumber[]
  /** The labels that the model gives itself, of predicted records; missing where it gives none. */
  readonly ownLabels?: readonly LabelCount[]
}

/** The summary of one part. */
export interface PartSummary extends Counted {
  readonly partition: number
  /** Sizes of the part's predictions and rejects: assembly finds a damaged file by them. */
  readonly predictionBytes: number
  readonly rejectBytes: number
}

/** The totals of a whole file: its parts, added up in record order. */
export interface TableSummary extends Counted {
  readonly scoreSum: number
  readonly confidenceSum: number
}

/** Adds `count` records to the finding of a column and a rule. Only the first places are kept, so they must come in record order. */
export function addFinding(
  findings: Map<string, Finding>,
  column: string,
  rule: string,
  lines: readonly LinePlace[],
  count: number,
  example: string,
  reason?: string,
): void {
  const name = `${column}\n${rule}`
  const known = findings.get(name)
  if (!known) {
    findings.set(name, { column, rule, count, lines: lines.slice(0, FINDING_LINES), example, ...(reason === undefined ? {} : { reason }) })
    return
  }
  known.count += count
  for (const line of lines) if (known.lines.length < FINDING_LINES) known.lines.push(line)
}

/** Counts a rejected record once for each rule that it breaks. */
export function countRules(ruleRows: Record<string, number>, problems: readonly { readonly rule: string }[]): void {
  for (const rule of new Set(problems.map(({ rule }) => rule))) ruleRows[rule] = (ruleRows[rule] ?? 0) + 1
}

/** Adds up parts, which must come in the order of their partitions. */
export function addUp(parts: readonly PartSummary[]): TableSummary {
  const findings = new Map<string, Finding>()
  const nullCounts = newCounts()
  const ruleRows = newCounts()
  const batches: BatchSummary[] = []
  let [scoreSum, confidenceSum] = [0, 0]
  for (const part of parts) {
    for (const [column, count] of Object.entries(part.nullCounts)) nullCounts[column] = (nullCounts[column] ?? 0) + count
    for (const [rule, count] of Object.entries(part.ruleRows)) ruleRows[rule] = (ruleRows[rule] ?? 0) + count
    for (const found of part.findings) addFinding(findings, found.column, found.rule, found.lines, found.count, found.example, found.reason)
    for (const batch of part.batches) {
      batches.push(batch)
      scoreSum += batch.scoreSum
      confidenceSum += batch.confidenceSum
    }
  }
  const total = (value: (part: PartSummary) => number) => parts.reduce((sum, part) => sum + value(part), 0)
  return {
    records: total((part) => part.records),
    predicted: total((part) => part.predicted),
    rejected: total((part) => part.rejected),
    invalid: total((part) => part.invalid),
    nullCounts,
    findings: [...findings.values()],
    ruleRows,
    batches,
    profile: addProfiles(parts.map((part) => part.profile)),
    ownLabels: addLabels(parts.map((part) => part.ownLabels ?? [])),
    scoreSum,
    confidenceSum,
    classCounts: addColumns(parts.map((part) => part.classCounts)),
    highConfidence: total((part) => part.highConfidence),
    lowConfidence: total((part) => part.lowConfidence),
    minScore: parts.reduce((least, part) => Math.min(least, part.minScore), Number.POSITIVE_INFINITY),
    maxScore: parts.reduce((most, part) => Math.max(most, part.maxScore), Number.NEGATIVE_INFINITY),
    scoreBins: addColumns(parts.map((part) => part.scoreBins)),
  }
}

/** Adds lists element by element. A missing element counts 0. */
function addColumns(rows: readonly (readonly number[])[]): number[] {
  const width = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: width }, (_, index) => rows.reduce((sum, row) => sum + (row[index] ?? 0), 0))
}
