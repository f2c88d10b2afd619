/** Reads the rows of a CSV file that Daybreak wrote, one after the other. A delivered file is read otherwise: see `readBlocks.ts`. */
import { createReadStream } from 'node:fs'
import { type Options, parse } from 'csv-parse'

/** Gives the rows in bounded memory. @throws what the file system throws; CsvError when the file is no CSV */
export function readCsvFile<Row>(file: string, options: Options): AsyncIterable<Row> {
  const parser = parse(options)
  // A pipe does not pass errors on: without this a file that is not there would end the process.
  createReadStream(file, { highWaterMark: 1 << 20 })
    .on('error', (error) => parser.destroy(error))
    .pipe(parser)
  return parser as AsyncIterable<Row>
}
