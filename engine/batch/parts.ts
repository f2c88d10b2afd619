/**
 * A part is what the scoring of one partition leaves on disk. Here are the names of its files, the job that makes it, and its summary as
 * text.
 */
import { join } from 'node:path'
import type { Day } from '../../definition/dates.js'
import type { ScoringSpec } from '../scoring/openScoring.js'
import type { Header, SetFile, TableFormat } from '../table/format.js'
import type { PartitionRange } from './planPartitions.js'
import type { PartSummary } from './summary.js'

/** What it takes to score a partition. It is sent to threads, so it is data alone. */
export interface PartitionJob {
  readonly spec: ScoringSpec
  /** Data date. */
  readonly date: Day
  /** Number of the partition, from 0. */
  readonly partition: number
  readonly range: PartitionRange
  /** The input, which is frozen: a range whose bytes have changed is refused. */
  readonly input: {
    readonly file: string
    readonly format: TableFormat
    readonly header: Header
    /** Place of each of the contract's columns among the fields of a record, from 0. */
    readonly positions: Readonly<Record<string, number>>
    /** The files of a set, with their lines in the joined file; left out when the input is one file. */
    readonly set?: readonly SetFile[]
  }
  readonly outputFormat: 'csv' | 'jsonl'
  /** Columns of the predictions file, in order. */
  readonly columns: readonly string[]
  /** Recorded start of the attempt, for the column `timestamp`. */
  readonly timestamp: string
  /** A confidence above `high` counts as high, one below `low` as low. */
  readonly confidenceLimits: { readonly high: number; readonly low: number }
  /** Micro-batches of the day. @default one */
  readonly microBatches?: number
  /** Folder of the parts. */
  readonly folder: string
}

/**
 * Names the files of a part. `scores` has the scores, float64 each, where their limits are known only at the end: those of a regression, or
 * margins.
 */
export function partFiles(
  folder: string,
  partition: number,
): Readonly<Record<'predictions' | 'rejects' | 'keys' | 'scores' | 'summary', string>> {
  const stem = join(folder, `part-${String(partition).padStart(5, '0')}`)
  return {
    predictions: `${stem}.predictions`,
    rejects: `${stem}.rejects`,
    keys: `${stem}.keys`,
    scores: `${stem}.scores`,
    summary: `${stem}.json`,
  }
}

/**
 * Writes a summary as JSON. Least and most score become texts, because they are infinite in a part without predictions and JSON has no
 * Infinity.
 */
export function summaryText(summary: PartSummary): string {
  const { minScore, maxScore } = summary
  return JSON.stringify({ ...summary, minScore: String(minScore), maxScore: String(maxScore) })
}

/** Reads a summary back. Only least and most score become numbers again: a cell among the examples may read `Infinity`, and is a text. */
export function parseSummary(text: string): PartSummary {
  const summary = JSON.parse(text) as PartSummary
  return { ...summary, minScore: Number(summary.minScore), maxScore: Number(summary.maxScore) }
}
