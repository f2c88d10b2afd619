/** The contract of a whole file without the model: what `check` tells before a run. Features are not computed, nothing is written. */
import type { Day } from '../definition/dates.js'
import type { AnyPipeline } from '../definition/pipeline.js'
import { compileDecoder } from '../table/decode.js'
import { type Header, placeOf, type SetFile, type TableFormat } from '../table/format.js'
import { readRows } from '../table/readRows.js'
import type { PartitionRange } from '../table/records.js'
import { type Duplicates, KeyCounter } from './duplicateKeys.js'
import { malformed } from './scoreRows.js'
import { addFinding, addUp, countRules, type Finding, SCORE_BINS, type TableSummary } from './summary.js'

export interface ContractRequest {
  readonly file: string
  readonly date: Day
  readonly header: Header
  readonly positions: Readonly<Record<string, number>>
  readonly format: TableFormat
  readonly partitions: readonly PartitionRange[]
  readonly set?: readonly SetFile[]
}

/** Decodes every row and counts what breaks the contract. `predicted` counts the rows that would be scored. */
export async function checkContract(
  definition: Pick<AnyPipeline, 'input'>,
  { file, date, header, positions, format, partitions, set }: ContractRequest,
): Promise<{ readonly table: TableSummary; readonly duplicates: Duplicates }> {
  const { input } = definition
  const nullCounts: Record<string, number> = {}
  const decoder = compileDecoder(input.columns, positions, date, nullCounts)
  const row = decoder.newRow()
  const findings = new Map<string, Finding>()
  const ruleRows: Record<string, number> = {}
  const keys = new KeyCounter()
  const keyPosition = positions[input.key ?? ''] ?? -1
  let [records, rejected] = [0, 0]
  for (const range of partitions) {
    for await (const slab of readRows(file, range, header, format)) {
      for (const raw of slab) {
        records += 1
        if (raw.cells) keys.add(raw.cells[keyPosition] ?? '', raw.line)
        const problems = raw.cells ? decoder.decode(raw.cells, row, raw.problems) : malformed(raw)
        for (const { column, rule, value, reason } of problems)
          addFinding(findings, column, rule, [placeOf(set, raw.line)], 1, value, reason)
        countRules(ruleRows, problems)
        if (problems.length > 0) rejected += 1
      }
    }
  }
  const table = addUp([
    {
      partition: 0,
      predictionBytes: 0,
      rejectBytes: 0,
      records,
      predicted: records - rejected,
      rejected,
      invalid: rejected,
      nullCounts,
      findings: [...findings.values()],
      ruleRows,
      batches: [],
      profile: [],
      classCounts: [],
      highConfidence: 0,
      lowConfidence: 0,
      minScore: Number.POSITIVE_INFINITY,
      maxScore: Number.NEGATIVE_INFINITY,
      scoreBins: new Array<number>(SCORE_BINS).fill(0),
    },
  ])
  return { table, duplicates: keys.duplicates(set) }
}
