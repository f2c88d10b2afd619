/** Options that every command has, as commander hands them over. */
export interface CommonOptions {
  readonly json?: boolean
  readonly pipelines?: string
  readonly home?: string
}
