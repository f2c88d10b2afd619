/** Parts: what a partition's scoring leaves on disk, and what it takes to make one. */
import { join } from 'node:path'
import type { Day } from '../../definition/dates.js'
import type { ScoringSpec } from '../scoring/openScoring.js'
import type { Header, SetFile, TableFormat } from '../table/format.js'
import type { PartitionRange } from './planPartitions.js'
import type { PartSummary } from './summary.js'

/** Plain data: travels to threads. */
export interface PartitionJob {
  readonly spec: ScoringSpec
  /** The data date. */
  readonly date: Day
  readonly partition: number
  readonly range: PartitionRange
  /** The frozen input. */
  readonly input: {
    readonly file: string
    readonly format: TableFormat
    readonly header: Header
    readonly positions: Readonly<Record<string, number>>
    /** Of a set of files: where each lies in the whole. */
    readonly set?: readonly SetFile[]
  }
  readonly outputFormat: 'csv' | 'jsonl'
  /** The columns of the predictions file. */
  readonly columns: readonly string[]
  /** The attempt's start, for the `timestamp` column. */
  readonly timestamp: string
  readonly confidenceLimits: { readonly high: number; readonly low: number }
  /** Folder of the parts. */
  readonly folder: string
}

/** Names of a part's files. `scores` holds float64 scores for a histogram whose range is only known at the end. */
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

/** A summary as text. JSON has no Infinity; a part without predictions has it as least and most score. */
export function summaryText(summary: PartSummary): string {
  const { minScore, maxScore } = summary
  return JSON.stringify({ ...summary, minScore: String(minScore), maxScore: String(maxScore) })
}

/** Reads a part's summary back. Only its scores were written as text: a cell may well read `Infinity`. */
export function parseSummary(text: string): PartSummary {
  const summary = JSON.parse(text) as PartSummary
  return { ...summary, minScore: Number(summary.minScore), maxScore: Number(summary.maxScore) }
}
