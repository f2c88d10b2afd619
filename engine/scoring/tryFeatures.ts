/**
 * Tries the features on the first records, before a day is scored. A feature that reads a column which is not there, or gives nothing that
 * the model can take, would reject every record. What is found is told with the feature's name. Nothing is scored.
 */
import { DaybreakError } from '../protocol/errors.js'
import { didYouMean } from '../protocol/nearestNames.js'
import type { CellValue } from '../table/decode.js'
import { BlockReader } from '../table/readBlocks.js'
import type { ComputedFeature, Row } from './features.js'
import { compileFiller } from './fillSlots.js'
import type { FirstRecords } from './firstAnswers.js'
import type { OpenScoring } from './openScoring.js'
import { decodeStrictly, strictDecoder } from './scoreRows.js'

/** At most this many records are tried: enough for a blank to be among them, few enough to cost nothing. */
const TRIED_RECORDS = 256

/** What was found. It is sent between threads, so it is data alone. */
export interface TriedFeatures {
  /** Records that were tried: those that keep the contract. */
  readonly records: number
  /** Features that would reject some of them, with how many, the first reason and the physical line of that record. */
  readonly refused: readonly { readonly feature: string; readonly records: number; readonly reason: string; readonly line: number }[]
}

/**
 * Tries the features.
 * @throws DefinitionInvalid naming every feature that reads columns which are not in the contract, and never gives anything
 */
export async function tryFeatures(opened: OpenScoring, { file, range, date, ...table }: FirstRecords): Promise<TriedFeatures> {
  const { definition, model, features } = opened
  const { columns } = definition.input
  const batch = model.newMicroBatch({ size: TRIED_RECORDS })
  const reader = new BlockReader({ ...table, columns, date, capacity: batch.size })
  const strict = strictDecoder(columns, table.positions, date)
  const filler = compileFiller({ ...opened, batch }, reader.columns, date)
  const reads = new ReadColumns(features, date, Object.keys(columns))
  const refused = new Map<string, TriedFeatures['refused'][number]>()
  let records = 0
  for await (const block of reader.read(file, range)) {
    const broken = decodeStrictly(block, strict)
    for (let record = 0; record < block.count; record += 1) {
      if (broken.has(record)) continue
      records += 1
      const row = Object.fromEntries(block.columns.map((column) => [column.name, column.value(record)]))
      const problems = filler.fillOne(record, record)
      reads.look(row, new Set(problems.map(({ column }) => column)))
      for (const { column: feature, reason } of problems) {
        const { records: before, ...known } = refused.get(feature) ?? { records: 0, feature, reason, line: block.fields.lines[record]! }
        refused.set(feature, { ...known, records: before + 1 })
      }
    }
    break
  }
  const strangers = reads.strangers()
  if (strangers.length > 0) throw unknownColumns(strangers, Object.keys(columns))
  return { records, refused: [...refused.values()].sort((a, b) => b.records - a.records) }
}

/** A column that is not in the contract, and a feature that reads it. */
interface Stranger {
  readonly feature: string
  readonly column: string
}

/** Watches which columns the features read that are not in the contract. */
class ReadColumns {
  private readonly found = new Map<string, Set<string>>()
  private reading = ''
  private row: Row = {}
  /** Features that gave something for some record: what they read besides does no harm. */
  private readonly useful = new Set<string>()
  private readonly watched: Row

  constructor(
    private readonly features: readonly ComputedFeature[],
    private readonly date: number,
    private readonly columns: readonly string[],
  ) {
    const get = (_row: object, name: string | symbol): CellValue | undefined => {
      if (typeof name === 'string' && !this.columns.includes(name) && !(name in Object.prototype)) this.note(name)
      return typeof name === 'string' && Object.hasOwn(this.row, name) ? this.row[name] : Reflect.get(Object.prototype, name)
    }
    this.watched = new Proxy({}, { get, has: (_row, name) => this.columns.includes(String(name)) }) as Row
  }

  private note(column: string): void {
    this.found.set(this.reading, (this.found.get(this.reading) ?? new Set()).add(column))
  }

  /** Lets all features read a record. @param refused the features that gave nothing for it */
  look(row: Row, refused: ReadonlySet<string>): void {
    this.row = row
    for (const { name, compute } of this.features) {
      this.reading = name
      try {
        compute(this.watched, { date: this.date })
      } catch {
        // The filler tells what a feature throws.
      }
      if (!refused.has(name)) this.useful.add(name)
    }
  }

  /** Lists the columns that are not there and that a feature reads which never gave anything. */
  strangers(): readonly Stranger[] {
    return [...this.found].flatMap(([feature, columns]) =>
      this.useful.has(feature) ? [] : [...columns].map((column) => ({ feature, column })),
    )
  }
}

function unknownColumns(strangers: readonly Stranger[], columns: readonly string[]): DaybreakError {
  const details = strangers.map(
    ({ feature, column }) => `features.${feature}: reads row.${column}, and there is no such column${didYouMean(column, columns)}`,
  )
  const message = details.length === 1 ? details[0]! : `features read ${details.length} columns that are not there: ${details[0]}`
  return new DaybreakError('DefinitionInvalid', message, {
    details: details.length === 1 ? [] : details,
    next: 'Name a column of input.columns, or add it there; then try daybreak check with a file.',
  })
}
