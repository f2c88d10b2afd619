/**
 * Opens a file of golden rows: the columns of the contract, and at least one of answers. For whoever tries them, and for whoever needs records
 * that the model knows.
 */
import { type AnyColumns, column } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import { DaybreakError } from '../protocol/errors.js'
import { namedColumns } from '../table/format.js'
import { matchHeader, readHeader, recordsBehind } from '../table/header.js'
import { BlockReader } from '../table/readBlocks.js'
import { strictDecoder } from './scoreRows.js'

/** Which file. It is sent to threads, so it is data alone. */
export interface GoldenFile {
  /** CSV file, comma between the cells, with the contract's columns and at least one column of answers. */
  readonly file: string
  /** Data date that the features are computed for. */
  readonly date: Day
}

/** Columns of the golden file that hold the answers. One is enough; of a regression only the score is compared. */
const EXPECTED = ['expected_prediction', 'expected_score'] as const

/** Opens a golden file. A column that the contract finds by its place is found by its name here: golden files have a header. */
export async function openGolden(file: string, contract: AnyColumns, date: Day, capacity: number) {
  const format = { kind: 'csv', delimiter: ',' } as const
  const header = await readHeader(file, format)
  const answers = EXPECTED.filter((name) => header.names.includes(name))
  if (answers.length === 0) {
    throw new DaybreakError('GoldenRowsDiffer', `${file} has neither expected_prediction nor expected_score`, { place: { file } })
  }
  const expected = Object.fromEntries(answers.map((name) => [name, column.text({ nullable: true })]))
  const columns = { ...namedColumns(contract, 'places'), ...expected }
  const { positions } = matchHeader(file, header, columns, format)
  return {
    reader: new BlockReader({ header, format, columns, positions, date, capacity }),
    range: await recordsBehind(file, header),
    strict: strictDecoder(columns, positions, date),
  }
}
