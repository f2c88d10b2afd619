/**
 * Declares the steps of a day as an interface: `workflows/` calls them in order, `activities/` does them. Everything that crosses it is
 * small plain data: references, counts and verdicts, never rows, never secrets.
 */
import type { AttemptRef, RunKind, TemporalIds } from './documents/attempt.js'
import type { MessageKind } from './documents/events.js'
import type { StepTiming } from './documents/manifest.js'
import type { Problem } from './errors.js'
import type { Verdict } from './errorTable.js'

/** What somebody asked for: one data date of one pipeline. */
export interface DayRequest {
  readonly pipeline: string
  /** Data date, `YYYY-MM-DD`. */
  readonly date: string
  readonly kind: RunKind
  /** Absolute path of a file given by hand: this file, now. */
  readonly input?: string
  /** A new attempt although one is published. */
  readonly rerun: boolean
  readonly requestedBy?: string
  /** A scheduled run's nominal time, ISO 8601, UTC. */
  readonly nominal?: string
  /** With `rerun`: only while this is the number of the newest publication; a newer one stands. */
  readonly replaces?: number
}

export interface OpenRequest extends DayRequest {
  /** Identifies the run; the same for every try of the same run. */
  readonly runKey: string
  readonly temporal?: TemporalIds
}

/** What the order of the steps needs to know of the definition. All times in milliseconds. */
export interface DayPolicy {
  readonly pollMs: number
  readonly timeoutMs: number
  readonly deadlineMs: number
  /** Milliseconds since 1970: a run that is still going then is announced as late. Without it never. */
  readonly lateAtMs?: number
  readonly retries: { readonly maximum: number; readonly delayMs: number; readonly backoff: number }
  /** For each kind of message how many channels it goes to. */
  readonly channels: Readonly<Record<MessageKind, number>>
}

export type Opened =
  | {
      readonly decision: 'run'
      readonly attempt: AttemptRef
      readonly policy: DayPolicy
      readonly about?: string
      readonly problem?: Problem
    }
  | { readonly decision: 'already-held'; readonly attempt: AttemptRef; readonly problem: Problem; readonly report: string }
  | { readonly decision: 'already-published'; readonly attempt: AttemptRef; readonly verdict: Verdict; readonly report: string }

export interface InputFound {
  /** Absolute path. */
  readonly path: string
  readonly bytes: number
}

export interface Inspected {
  readonly records: number
  readonly bytes: number
  /** The partitions are scored in so many stretches: each call of `scorePartition` scores the few partitions of one. */
  readonly stretches: number
}

export interface ScoreRequest {
  readonly attempt: AttemptRef
  /** Index of the stretch. */
  readonly stretch: number
}

export interface StretchScored {
  readonly stretch: number
  readonly records: number
  readonly predicted: number
  readonly rejected: number
}

export interface Assembled {
  readonly read: number
  readonly predicted: number
  readonly rejected: number
  /** Rejected before features and model, and by them. */
  readonly invalid: number
  readonly errors: number
  readonly warnings: number
}

/** How the run ends, before it is sealed. */
export interface DayOutcome {
  readonly verdict: Verdict
  readonly problem?: Problem
}

export interface DayResult {
  readonly pipeline: string
  readonly date: string
  readonly attempt?: string
  readonly verdict: Verdict
  /** Did this run publish? */
  readonly published: boolean
  /** True when the date was published before and nothing was done. */
  readonly alreadyPublished: boolean
  readonly problem?: Problem
  readonly accounts?: Assembled
  /** Absolute path of the report. */
  readonly report?: string
  /** Absolute path of the published predictions. */
  readonly predictions?: string
  readonly resultsDigest?: string
}

export interface FindInputRequest {
  readonly attempt: AttemptRef
  /** Look at once, without `settle`: somebody says the file is there. */
  readonly arrived: boolean
  /** The last look: what is not ready now is missing for good. */
  readonly last: boolean
}

export interface SealRequest {
  readonly attempt: AttemptRef
  readonly outcome: DayOutcome
  readonly timings: readonly StepTiming[]
}

export interface Sealed {
  readonly verdict: Verdict
  readonly headline: string
  readonly resultsDigest?: string
  /** The kind of message this outcome is told by. */
  readonly message: MessageKind
}

export interface NotifyRequest {
  readonly attempt: AttemptRef
  readonly message: MessageKind
  /** Index into the channels of this kind of message. */
  readonly channel: number
  /** The last try: write down that the channel is broken. */
  readonly last: boolean
  /** For `late`: the step in which the run stands. */
  readonly step?: StepName
}

/** `unclear`: sent twice without an answer; it may have arrived. */
export type Notified = 'sent' | 'sent-before' | 'not-configured' | 'unclear'

/** The steps. Each throws `DaybreakError` (behind Temporal: an ApplicationFailure that carries its problem). */
export interface Steps {
  /** Decides by what is on disk; creates the attempt, or finds the one this run created before. */
  open(request: OpenRequest): Promise<Opened>
  /** Looks for the input, once. @throws InputNotReady, or InputMissing on the last look */
  findInput(request: FindInputRequest): Promise<InputFound>
  /** Tries the model, looks at the file, freezes the input and plans partitions. */
  inspect(request: { readonly attempt: AttemptRef; readonly input: InputFound }): Promise<Inspected>
  /** Scores the partitions of one stretch; a finished part is never done again. */
  scorePartition(request: ScoreRequest): Promise<StretchScored>
  /** Puts the parts together in record order, and holds them against accounts, budgets and duplicates. */
  assemble(request: { readonly attempt: AttemptRef }): Promise<Assembled>
  /** Reads back what was written. @throws ResultCheckFailed */
  checkResult(request: { readonly attempt: AttemptRef }): Promise<{ readonly checks: number }>
  /** Applies the anomaly rules. @throws AnomalyRefused when a rule that fired says `fail` */
  findAnomalies(request: { readonly attempt: AttemptRef }): Promise<{ readonly fired: number }>
  /** Writes the manifest, last. */
  seal(request: SealRequest): Promise<Sealed>
  /** Makes the attempt the one that readers see. @throws PublishedMeanwhile */
  publish(request: { readonly attempt: AttemptRef }): Promise<{ readonly number: number; readonly predictions: string }>
  /** Renders the report; again after the messages, to show what became of them. */
  report(request: { readonly attempt: AttemptRef }): Promise<{ readonly report: string }>
  /** Sends one message to one channel, once. */
  notify(request: NotifyRequest): Promise<Notified>
}

export type StepName = keyof Steps

/** Step names for people, in order. */
export const STEP_TITLES: Readonly<Record<StepName, string>> = {
  open: 'Open',
  findInput: 'Wait for the input',
  inspect: 'Inspect',
  scorePartition: 'Predict',
  assemble: 'Assemble',
  checkResult: 'Check the result',
  findAnomalies: 'Look for anomalies',
  seal: 'Seal',
  publish: 'Publish',
  report: 'Report',
  notify: 'Tell the team',
}

/** Says where a run stands. The workflow answers its `progress` query with it, and the command line shows it. */
export interface DayProgress {
  readonly step: StepName
  readonly attempt?: string
  /** Records done and in all, while predicting. */
  readonly recordsDone: number
  readonly recordsInAll: number
  readonly retrying?: string
  /** Description, owner and tags of the pipeline, once its definition is read. */
  readonly about?: string
}
