/**
 * Types of `validation.json`, which says how the file kept its contract. Keys are snake_case for readers of other languages; docs/schemas
 * has its JSON Schema.
 */
import type { LinePlace } from './input.js'

/** A problem of one kind in one column, over the whole file. */
export interface ContractFinding {
  readonly column: string
  /** Rule id such as `null`, `number.invalid`, `number.max`. */
  readonly rule: string
  readonly count: number
  /** Share of the records, 0 to 1. */
  readonly ratio: number
  /** The first 20 lines. */
  readonly lines: readonly LinePlace[]
  /** One value as seen, shortened. */
  readonly example?: string
  /** What is wrong with it, and what would help. Only `check` says it: `validation.json` has none, and its bytes count for the digest. */
  readonly reason?: string
}

/** The same input and definition give the same bytes. */
export interface ValidationFile {
  readonly valid: boolean
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly statistics: {
    readonly total_records: number
    /** Blank cells by column. */
    readonly null_counts: Readonly<Record<string, number>>
    /** Records whose key stood in an earlier record. */
    readonly duplicate_count: number
  }
  readonly accounts: { readonly read: number; readonly predicted: number; readonly rejected: number }
  readonly findings: readonly ContractFinding[]
  readonly duplicates: { readonly keys: number; readonly lines: readonly LinePlace[] }
  /** Names of columns in the file that the contract does not use. */
  readonly unused_columns: readonly string[]
  readonly reject_budget: {
    readonly max_ratio: number | null
    readonly max_rows: number | null
    readonly ratio: number
    /** Limits of single rules, and the rows that broke each. */
    readonly rules?: Readonly<
      Record<string, { readonly max_ratio: number | null; readonly max_rows: number | null; readonly rows: number }>
    >
  }
}
