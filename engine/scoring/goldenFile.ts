/**
 * Opens a file of golden rows: the columns of the contract, and at least one of answers. For whoever tries them, and for whoever needs records
 * that the model knows.
 */
import { column } from '../../definition/columns.js'
import type { Day } from '../../definition/dates.js'
import type { AnyPipeline } from '../../definition/pipeline.js'
import { DaybreakError } from '../protocol/errors.js'
import { type CsvFormat, type Header, namedColumns } from '../table/format.js'
import { matchHeader, readHeader, recordsBehind } from '../table/header.js'
import { BlockReader } from '../table/readBlocks.js'
import { nameOf, type Source } from '../table/source.js'
import { strictDecoder } from './scoreRows.js'

/** Which file. It is sent to threads, so it is data alone. */
export interface GoldenFile {
  /** CSV file with the contract's columns and at least one column of answers. Between its cells stands a comma, or the input's delimiter. */
  readonly file: string
  /** Data date that the features are computed for. */
  readonly date: Day
}

/** Columns of the golden file that hold the answers. One is enough; of a regression only the score is compared. */
const EXPECTED = ['expected_prediction', 'expected_score'] as const

export type Delimiter = CsvFormat['delimiter']

/** Opens a golden file. A column that the contract finds by its place is found by its name here: golden files have a header. */
export async function openGolden(
  source: Source,
  { columns: contract, delimiter: own = ',' }: AnyPipeline['input'],
  date: Day,
  capacity: number,
) {
  const file = nameOf(source)
  const { header, delimiter } = await headerWithAnswers(source, own)
  const format = { kind: 'csv', delimiter } as const
  const answers = EXPECTED.filter((name) => header.names.includes(name))
  const expected = Object.fromEntries(answers.map((name) => [name, column.text({ nullable: true })]))
  const columns = { ...namedColumns(contract, 'places'), ...expected }
  const { positions } = matchHeader(file, header, columns, format)
  return {
    reader: new BlockReader({ header, format, columns, positions, date, capacity }),
    range: await recordsBehind(source, header),
    strict: strictDecoder(columns, positions, date),
    delimiter,
  }
}

/** Reads the header with the delimiter that shows columns of answers: the comma, or the one of the input. */
async function headerWithAnswers(source: Source, own: Delimiter): Promise<{ readonly header: Header; readonly delimiter: Delimiter }> {
  const file = nameOf(source)
  const between = [...new Set<Delimiter>([',', own])]
  const unread: unknown[] = []
  for (const delimiter of between) {
    const header = await readHeader(source, { kind: 'csv', delimiter }).catch((error: unknown) => {
      unread.push(error)
      return undefined
    })
    if (header && EXPECTED.some((name) => header.names.includes(name))) return { header, delimiter }
  }
  if (unread.length === between.length) throw unread[0]
  const wanted = between.map((delimiter) => JSON.stringify(delimiter)).join(' or ')
  throw new DaybreakError('GoldenRowsDiffer', `${file} has neither expected_prediction nor expected_score`, {
    next: `Give it one of these columns. Golden rows have a header, ${wanted} between the cells, and are in UTF-8 or in input.encoding.`,
    place: { file },
  })
}
