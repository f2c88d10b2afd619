/** Says what the benchmark measures: a model, a number of rows and a peer, and the runs of both sides. */
import type { Agreement } from './agreement.js'
import type { Measured } from './measure.js'

export const MODELS = ['linear', 'forest', 'boosting'] as const
export const PEERS = ['seed', 'polars', 'temporal'] as const
export type Model = (typeof MODELS)[number]
export type Peer = (typeof PEERS)[number]

/** One row of the benchmark's table. */
export interface Job {
  readonly model: Model
  readonly rows: number
  readonly peer: Peer | undefined
  /** Runs of each side, pair by pair. */
  readonly ours: readonly Measured[]
  readonly theirs: readonly Measured[]
  /** How the predictions of the last pair agree; `undefined` without a peer. */
  readonly agreement: Agreement | undefined
}
