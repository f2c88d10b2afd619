/** Types of what becomes of a sealed attempt: the lines of `events.jsonl`, somebody's decision, its publications. */

/** A line of `events.jsonl`. */
export interface AttemptEvent {
  readonly at: string
  readonly event:
    | 'sealed'
    | 'published'
    | 'publish-refused'
    | 'approved'
    | 'rejected'
    | 'message-sending'
    | 'message-sent'
    | 'message-failed'
    | 'message-unclear'
    | 'channel-not-configured'
    | 'interrupted'
  /** Hex sha256 of the line before, without its line end. The first line has that of `attempt.json`. */
  readonly previous?: string
  /** Only `sealed` has it: hex sha256 of the manifest. */
  readonly manifest?: string
  /** Who approved or rejected. */
  readonly by?: string
  /** The key of a message: one message is sent for each. */
  readonly key?: string
  readonly channel?: string
  readonly message?: MessageKind
  readonly detail?: string
}

export type MessageKind = 'success' | 'anomaly' | 'failure' | 'missing' | 'late' | 'held'

/** `decision.json`: what somebody decided about a held attempt; created exclusively, never changed. */
export interface HoldDecision {
  readonly decision: 'approved' | 'rejected'
  /** ISO 8601, UTC. */
  readonly at: string
  readonly by: string
  readonly why: string
}

/** `publications/<date>/0001.json`. */
export interface PublicationRecord {
  readonly number: number
  readonly attempt: string
  readonly at: string
  readonly by: string
  readonly why: string
  /** Hex sha256 of the attempt's manifest; missing in records of earlier versions. */
  readonly manifest?: string
}
