/**
 * Gives records that the model of a pipeline may know: the golden rows, and one that the contract allows. They stand where there is no record,
 * for models that run on what they know alone; nothing of them is ever published.
 */
import type { AnyColumns, Column } from '../../definition/columns.js'
import { type Day, day } from '../../definition/dates.js'
import type { AnyPipeline } from '../../definition/pipeline.js'
import type { SampleRow } from '../model/fillers.js'
import type { CellValue } from '../table/decode.js'
import { expandFeatures, type Row } from './features.js'
import { type GoldenFile, openGolden } from './goldenFile.js'
import { decodeStrictly } from './scoreRows.js'

/** Golden rows that are looked at: a model that knows none of them knows none of the rest. */
const GOLDEN_ROWS = 20

/** The values of their features. What cannot be read, or computed, is none: why is said where it matters. */
export async function sampleRows(definition: AnyPipeline, golden: GoldenFile | undefined): Promise<readonly SampleRow[]> {
  const { columns } = definition.input
  const known = golden ? await goldenRows(golden, definition.input).catch(() => []) : []
  const date = golden?.date ?? day('1970-01-01')
  const features = expandFeatures(definition)
  return [...known, contractRow(columns)].flatMap((row) => {
    try {
      return [features.map(({ compute }) => compute(row, { date }))]
    } catch {
      return []
    }
  })
}

async function goldenRows({ file, date }: GoldenFile, input: AnyPipeline['input']): Promise<readonly Row[]> {
  const { reader, range, strict } = await openGolden(file, input, date, GOLDEN_ROWS)
  for await (const block of reader.read(file, range)) {
    const problems = decodeStrictly(block, strict)
    const whole = Array.from({ length: block.count }, (_, record) => record).filter((record) => !problems.has(record))
    return whole.map((record) => Object.fromEntries(block.columns.map((column) => [column.name, column.value(record)])))
  }
  return []
}

/** A record that keeps the contract, as far as it says what that is. */
export function contractRow(columns: AnyColumns): Row {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, allowedValue(column)]))
}

function allowedValue({ kind, min, max, values }: Column<unknown>): CellValue {
  if (kind === 'category') return values?.[0] ?? null
  if (kind === 'text') return ''
  if (kind === 'boolean') return false
  const bound = (limit: number | string | undefined): Day | undefined =>
    typeof limit === 'number' ? limit : limit === undefined || limit === 'data-date' ? undefined : day(limit)
  const [least, most] = [bound(min) ?? Number.NEGATIVE_INFINITY, bound(max) ?? Number.POSITIVE_INFINITY]
  return Math.min(Math.max(0, least), most)
}
