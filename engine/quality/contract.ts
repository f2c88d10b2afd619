/** States how a whole file kept its contract: findings, warnings and the reject budget, as `validation.json` has them. */
import type { AnyPipeline, RejectBudget, RejectLimits } from '../../definition/pipeline.js'
import type { Duplicates } from '../batch/duplicateKeys.js'
import type { Finding, TableSummary } from '../batch/summary.js'
import type { ContractFinding, ValidationFile } from '../protocol/documents/validation.js'
import type { Problem } from '../protocol/errors.js'
import { allowedBy, rejectLimits } from '../protocol/policy.js'

/** Sums up what was found. The worst comes first: by count, then by column and rule, so that the order is the same for the same file. */
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
  const broken = brokenBudgets(input.rejects, table)
  const overDuplicates = input.duplicates === 'fail' && duplicates.records > 0
  const duplicateSentence = `Found ${duplicates.records} rows whose ${input.key} stood in an earlier row`
  const errors = [
    ...(broken.length > 0 ? [...broken, ...findings.map(findingSentence)] : []),
    ...(overDuplicates ? [duplicateSentence] : []),
  ]
  const warnings = [
    ...nullWarnings(input.nulls?.warnAbove ?? 0.1, table),
    ...(duplicates.records > 0 && (input.duplicates ?? 'warn') === 'warn' ? [duplicateSentence] : []),
    ...(table.rejected > 0 && broken.length === 0 ? [`${table.rejected} of ${table.records} rows were rejected`] : []),
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
    reject_budget: { ...limitsAsWritten(limits), ratio: ratio(table.rejected, table.records), ...ruleBudgets(input.rejects, table) },
  }
}

/** Makes the `validation.json` of a file whose rows were never read. */
export function refusedValidation({ input }: Pick<AnyPipeline, 'input'>, { message, details }: Problem): ValidationFile {
  return {
    valid: false,
    errors: details.length > 0 ? details : [message],
    warnings: [],
    statistics: { total_records: 0, null_counts: {}, duplicate_count: 0 },
    accounts: { read: 0, predicted: 0, rejected: 0 },
    findings: [],
    duplicates: { keys: 0, lines: [] },
    unused_columns: [],
    reject_budget: { ...limitsAsWritten(rejectLimits(input.rejects)), ratio: 0 },
  }
}

type RejectCounts = Pick<TableSummary, 'records' | 'rejected' | 'ruleRows'>

/**
 * Lists the budgets that a file went over, one sentence each: that of all rejects first, then those of single rules. No budget allows all
 * rows to be rejected: a day without any prediction says nothing.
 */
export function brokenBudgets(rejects: RejectBudget | undefined, { records, rejected, ruleRows }: RejectCounts): readonly string[] {
  const budgets = [
    { limits: rejectLimits(rejects), rows: rejected, what: 'were rejected' },
    ...Object.entries(rejects?.rules ?? {}).map(([rule, limits]) => ({ limits, rows: ruleRows[rule] ?? 0, what: `broke ${rule}` })),
  ]
  const none =
    records > 0 && rejected === records ? [`all ${records} rows were rejected: a day needs a prediction, whatever its budget`] : []
  const over = budgets
    .filter(({ limits, rows }) => rows > allowedBy(limits, records))
    .map(
      ({ limits, rows, what }) => `${rows} of ${records} rows ${what}; ${allowedBy(limits, records)} are allowed (${limitNames(limits)})`,
    )
  return over.length > 0 ? over : none
}

function limitNames({ maxRatio, maxRows }: RejectLimits): string {
  const names = [maxRatio === undefined ? '' : `maxRatio ${maxRatio}`, maxRows === undefined ? '' : `maxRows ${maxRows}`]
  return names.filter((name) => name !== '').join(', ')
}

/** Limits as `validation.json` has them. */
function limitsAsWritten({ maxRatio, maxRows }: RejectLimits) {
  return { max_ratio: maxRatio ?? null, max_rows: maxRows ?? null }
}

function ruleBudgets(rejects: RejectBudget | undefined, { ruleRows }: RejectCounts): Pick<ValidationFile['reject_budget'], 'rules'> {
  if (!rejects?.rules) return {}
  const rules = Object.entries(rejects.rules).map(([rule, limits]) => [rule, { ...limitsAsWritten(limits), rows: ruleRows[rule] ?? 0 }])
  return { rules: Object.fromEntries(rules) }
}

function nullWarnings(warnAbove: number, table: TableSummary): string[] {
  return Object.entries(table.nullCounts)
    .filter(([, count]) => ratio(count, table.records) > warnAbove)
    .map(([column, count]) => `High share of blank cells in ${column}: ${count} of ${table.records}`)
}

function contractFinding(found: Finding, records: number): ContractFinding {
  const { column, rule, count, lines, example, reason } = found
  const shown = { ...(example === '' ? {} : { example }), ...(reason === undefined ? {} : { reason }) }
  return { column, rule, count, ratio: ratio(count, records), lines, ...shown }
}

function worstFirst(a: ContractFinding, b: ContractFinding): number {
  if (a.count !== b.count) return b.count - a.count
  const [nameA, nameB] = [`${a.column}\n${a.rule}`, `${b.column}\n${b.rule}`]
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0
}

/** Words a finding without its example: what an error says may leave the machine, a value of the file may not. */
function findingSentence({ column, rule, count, lines }: ContractFinding): string {
  const where = `lines ${lines.join(', ')}${count > lines.length ? ', …' : ''}`
  return `${column || 'row'}: ${rule} in ${count} rows (${where})`
}

function ratio(count: number, of: number): number {
  return of === 0 ? 0 : count / of
}
