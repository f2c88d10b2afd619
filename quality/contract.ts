/** The contract over a whole file: findings, warnings and the reject budget, as `validation.json` states them. */
import type { AnyPipeline } from '../definition/pipeline.js'
import { allowedRejects, rejectLimits } from '../definition/policy.js'
import type { ContractFinding, ValidationFile } from '../definition/records.js'
import type { Duplicates } from '../scoring/duplicateKeys.js'
import type { Finding, TableSummary } from '../scoring/summary.js'

/** Sums up what was found. Worst first: by count, then by column and rule, so that the order is the same for the same file. */
export function summarizeContract(
  definition: Pick<AnyPipeline, 'input'>,
  table: TableSummary,
  duplicates: Duplicates,
  unusedColumns: readonly string[],
): ValidationFile {
  const { input } = definition
  const accounts = { read: table.records, predicted: table.predicted, rejected: table.rejected }
  const findings = table.findings.map((found) => contractFinding(found, table.records)).sort(worstFirst)
  const limits = rejectLimits(input.rejects)
  const overBudget = table.rejected > allowedRejects(input.rejects, table.records)
  const overDuplicates = input.duplicates === 'fail' && duplicates.records > 0
  const duplicateSentence = `Found ${duplicates.records} rows whose ${input.key} stood in an earlier row`
  const errors = [
    ...(overBudget ? [budgetSentence(accounts, limits), ...findings.map(findingSentence)] : []),
    ...(overDuplicates ? [duplicateSentence] : []),
  ]
  const warnings = [
    ...nullWarnings(input.nulls?.warnAbove ?? 0.1, table),
    ...(duplicates.records > 0 && (input.duplicates ?? 'warn') === 'warn' ? [duplicateSentence] : []),
    ...(table.rejected > 0 && !overBudget ? [`${table.rejected} of ${table.records} rows were rejected`] : []),
  ]
  return {
    valid: errors.length === 0,
    errors,
    warnings,
    statistics: { total_records: table.records, null_counts: table.nullCounts, duplicate_count: duplicates.records },
    accounts,
    findings,
    duplicates: { keys: duplicates.keys, lines: duplicates.lines },
    unused_columns: unusedColumns,
    reject_budget: { max_ratio: limits.maxRatio ?? null, max_rows: limits.maxRows ?? null, ratio: ratio(table.rejected, table.records) },
  }
}

/** `120 of 5,000 rows were rejected; allowed are 1 % (50 rows)`, with plain figures. */
export function budgetSentence(accounts: { read: number; rejected: number }, limits: { maxRatio?: number; maxRows?: number }): string {
  const allowed = allowedRejects(limits, accounts.read)
  const names = [
    limits.maxRatio === undefined ? '' : `maxRatio ${limits.maxRatio}`,
    limits.maxRows === undefined ? '' : `maxRows ${limits.maxRows}`,
  ]
  return `${accounts.rejected} of ${accounts.read} rows were rejected; ${allowed} are allowed (${names.filter((name) => name !== '').join(', ')})`
}

function nullWarnings(warnAbove: number, table: TableSummary): string[] {
  return Object.entries(table.nullCounts)
    .filter(([, count]) => ratio(count, table.records) > warnAbove)
    .map(([column, count]) => `High share of blank cells in ${column}: ${count} of ${table.records}`)
}

function contractFinding(found: Finding, records: number): ContractFinding {
  const { column, rule, count, lines, example } = found
  return { column, rule, count, ratio: ratio(count, records), lines, ...(example === '' ? {} : { example }) }
}

function worstFirst(a: ContractFinding, b: ContractFinding): number {
  if (a.count !== b.count) return b.count - a.count
  const [nameA, nameB] = [`${a.column}\n${a.rule}`, `${b.column}\n${b.rule}`]
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0
}

/** Without the example: what an error says may leave the machine, a value of the file may not. */
function findingSentence({ column, rule, count, lines }: ContractFinding): string {
  const where = `lines ${lines.join(', ')}${count > lines.length ? ', …' : ''}`
  return `${column || 'row'}: ${rule} in ${count} rows (${where})`
}

function ratio(count: number, of: number): number {
  return of === 0 ? 0 : count / of
}
