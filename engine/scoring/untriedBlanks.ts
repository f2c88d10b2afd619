/**
 * Finds the columns whose blanks reach the model and stand in no golden row. What a model says of a missing value is where exporters go wrong,
 * and only golden rows show it. For `daybreak check`; nothing is scored.
 */
import { day } from '../../definition/dates.js'
import type { AnyPipeline } from '../../definition/pipeline.js'
import type { CellValue } from '../table/decode.js'
import type { Source } from '../table/source.js'
import { type ComputedFeature, expandFeatures } from './features.js'
import { type GoldenFile, openGolden } from './goldenFile.js'
import { contractRow } from './sampleRows.js'
import { decodeStrictly } from './scoreRows.js'

/** Golden rows that are read at a time. */
const TOGETHER = 1024

/** Their names, as the definition has them. @param source the golden file's bytes in UTF-8 */
export async function untriedBlanks(
  definition: AnyPipeline,
  golden: GoldenFile | undefined,
  source: Source | undefined = golden?.file,
): Promise<readonly string[]> {
  const { columns } = definition.input
  const features = expandFeatures(definition)
  const row = contractRow(columns)
  const date = golden?.date ?? day('1970-01-01')
  const reaching = Object.keys(columns).filter((name) => {
    const blank = { ...row, [name]: null }
    return columns[name]!.nullable && features.some((feature) => isNull(feature, blank, date) && !isNull(feature, row, date))
  })
  if (reaching.length === 0 || !golden || source === undefined) return reaching
  const { reader, range, strict } = await openGolden(source, definition.input, golden.date, TOGETHER)
  for await (const block of reader.read(source, range)) decodeStrictly(block, strict)
  return reaching.filter((name) => strict.nullCounts[name] === 0)
}

function isNull({ compute }: ComputedFeature, row: Readonly<Record<string, CellValue>>, date: number): boolean {
  try {
    return compute(row, { date }) === null
  } catch {
    return false
  }
}
