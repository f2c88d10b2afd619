/**
 * Types of what a report is made of: the files of an attempt, which somebody else has read. They are plain data, so that the same data
 * gives the same bytes.
 */
import type { AttemptEvent, HoldDecision } from '../engine/protocol/documents/events.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import type { Metrics } from '../engine/protocol/documents/metrics.js'
import type { ValidationFile } from '../engine/protocol/documents/validation.js'

export interface ReportData {
  readonly manifest: Manifest
  readonly validation?: ValidationFile
  readonly metrics?: Metrics
  readonly events: readonly AttemptEvent[]
  /** What somebody decided about a held attempt. */
  readonly decision?: HoldDecision
  /** First rejected rows, as text, at most 20: for the report's table. */
  readonly rejectSamples: readonly RejectSample[]
  /** What readers see for the date now: this attempt, another one, or nothing. */
  readonly published?: PublishedNow
  /** Paths relative to the report's own folder, for links; undefined when the file does not exist. */
  readonly links: ReportLinks
}

export interface RejectSample {
  /** `<file>:<line>` in a set of files. */
  readonly line: string
  readonly key: string
  readonly column: string
  readonly rule: string
  readonly reason: string
}

export interface PublishedNow {
  readonly attempt: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly number: number
  /** Who published it, and why. */
  readonly by?: string
  readonly why?: string
}

export interface ReportLinks {
  readonly predictions?: string
  readonly rejects?: string
  readonly validation?: string
  readonly metrics?: string
  readonly manifest?: string
  readonly index?: string
}
