/**
 * Holds all records of a file against the contract, without the model: this is what `check` tells before a run. It computes no features and
 * writes nothing.
 */
import type { Day } from '../../definition/dates.js'
import type { AnyPipeline } from '../../definition/pipeline.js'
import { newCounts } from '../protocol/counts.js'
import { decodeStrictly, strictDecoder } from '../scoring/scoreRows.js'
import { WINDOW_BYTES } from '../table/fast/fastFields.js'
import { type Header, linePlace, type SetFile, type TableFormat } from '../table/format.js'
import { BlockReader } from '../table/readBlocks.js'
import { type Duplicates, firstLinePlaces } from './duplicateKeys.js'
import { FastKeys, KeyBuckets, keysOf } from './keyFile.js'
import type { PartitionRange } from './planPartitions.js'
import { addFinding, addUp, countRules, type Finding, SCORE_BINS, type TableSummary } from './summary.js'

export interface ContractRequest {
  readonly file: string
  /** Data date, the limit of some date columns. */
  readonly date: Day
  readonly header: Header
  /** Place of each of the contract's columns among the fields of a record, from 0. */
  readonly positions: Readonly<Record<string, number>>
  readonly format: TableFormat
  readonly partitions: readonly PartitionRange[]
  /** The files of a set, with their lines in the joined file; left out when the input is one file. */
  readonly set?: readonly SetFile[]
}

/** Records that are decoded together: as many as most micro-batches have. */
const BLOCK_RECORDS = 4096

/**
 * Decodes every record and counts what breaks the contract. In the totals `predicted` counts the records that would go to the model. All
 * keys are kept in memory.
 * @throws InputChanged when the bytes are not those that the partitions were planned for; InputUnreadable
 */
export async function checkContract(
  definition: Pick<AnyPipeline, 'input'>,
  { file, date, header, positions, format, partitions, set }: ContractRequest,
): Promise<{ readonly table: TableSummary; readonly duplicates: Duplicates }> {
  const { columns, key = '' } = definition.input
  const strict = strictDecoder(columns, positions, date)
  const { nullCounts } = strict
  const findings = new Map<string, Finding>()
  const ruleRows = newCounts()
  const keys = new KeyBuckets()
  const more = FastKeys.bytes(WINDOW_BYTES, BLOCK_RECORDS)
  const reader = new BlockReader({ header, format, columns, positions, date, key, capacity: BLOCK_RECORDS, more })
  const fastKeys = keysOf(reader.fields, columns, key, positions, date)
  let [records, rejected] = [0, 0]
  for (const range of partitions) {
    for await (const block of reader.read(file, range)) {
      records += block.count
      fastKeys.addTo(keys, block)
      for (const [record, problems] of decodeStrictly(block, strict)) {
        const place = linePlace(set, block.fields.lines[record]!)
        for (const { column, rule, value, reason } of problems) addFinding(findings, column, rule, [place], 1, value, reason)
        countRules(ruleRows, problems)
        rejected += 1
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
  const { lines, ...doubled } = keys.doubled()
  return { table, duplicates: { ...doubled, lines: firstLinePlaces(lines, set) } }
}
