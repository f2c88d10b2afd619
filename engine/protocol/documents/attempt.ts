/** Types that say who an attempt is: its place below the home, and `attempt.json`. */

export type RunKind = 'scheduled' | 'manual' | 'backfill'

/** Names an attempt: `<home>/<pipeline>/attempts/<date>/<attempt>/`. */
export interface AttemptRef {
  readonly pipeline: string
  /** Data date, `YYYY-MM-DD`. */
  readonly date: string
  /** `a001`, `a002`, … */
  readonly attempt: string
}

/** `attempt.json`: who the attempt is; written when it is created, never changed. */
export interface AttemptRecord extends AttemptRef {
  /** Identifies the run that owns the attempt: a retried step finds its own folder by it. */
  readonly runKey: string
  readonly kind: RunKind
  /** ISO 8601, UTC: the only clock in the results. */
  readonly startedAt: string
  /** Number of the date's newest publication when the run opened; 0 for none. */
  readonly seenPublication: number
  readonly requestedBy?: string
  readonly temporal?: TemporalIds
  /** For a local run: the process it runs in. */
  readonly process?: { readonly host: string; readonly pid: number }
  /** The input file that was given by hand. */
  readonly givenInput?: string
  /** A scheduled run's nominal time, ISO 8601, UTC. */
  readonly nominal?: string
}

export interface TemporalIds {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
  /** Base address of the server's web UI, when known. */
  readonly ui?: string
}
