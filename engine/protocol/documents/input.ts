/** Types of what was delivered, as a run saw it when it froze its input. */

/** A file as it was delivered. */
export interface InputFile {
  /** Absolute path. */
  readonly path: string
  readonly bytes: number
  /** Hex sha256 of the whole file. */
  readonly sha256: string
  /** Last change, ISO 8601, UTC. */
  readonly modifiedAt: string
}

/**
 * What was frozen: the file as the run saw it when it inspected it. For a set of files it is the pattern, all bytes, the newest change, and
 * the sha256 over a line `<sha256>  <name>` for each file.
 */
export interface InputFingerprint extends InputFile {
  readonly records: number
  /** The files of a set, in order. */
  readonly files?: readonly InputFile[]
  /** How it was read when not as it stands, such as `gzip, latin1`. */
  readonly readAs?: string
}

/** A line number; for a record in a set of files `<file>:<line>`. */
export type LinePlace = number | string
