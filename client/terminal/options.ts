/** Every command has these options; commander hands them over like this. */
export interface CommonOptions {
  readonly json?: boolean
  readonly pipelines?: string
  readonly home?: string
}
