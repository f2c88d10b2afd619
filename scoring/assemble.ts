/**
 * Assembly: the parts in record order become the predictions and rejects of the attempt; counts add up; duplicate keys are found;
 * the results digest is taken over micro-batches, so that it does not know the partitions.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Histogram } from '../definition/records.js'
import { inHome, temporaryName } from '../storage/fileSystem.js'
import { csvLine } from '../table/writeCsv.js'
import { type Duplicates, KeyCounter } from './duplicateKeys.js'
import { parseSummary, partFiles, REJECT_COLUMNS } from './parts.js'
import { addUp, type PartSummary, SCORE_BINS, type TableSummary } from './summary.js'

/** Summaries of the parts that are finished, by partition; `undefined` where one is missing. */
export async function readSummaries(folder: string, partitions: number): Promise<readonly (PartSummary | undefined)[]> {
  return await Promise.all(Array.from({ length: partitions }, (_, partition) => readSummary(folder, partition)))
}

/** The summary of a finished part. */
export async function readSummary(folder: string, partition: number): Promise<PartSummary | undefined> {
  try {
    return parseSummary(await readFile(partFiles(folder, partition).summary, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes `predictions` and `rejects` from the parts and returns the totals. */
export async function assembleParts(
  folder: string,
  parts: readonly PartSummary[],
  target: { readonly predictions: string; readonly rejects: string; readonly columns: readonly string[] },
): Promise<TableSummary> {
  const files = parts.map(({ partition }) => partFiles(folder, partition))
  await concatenate(
    target.predictions,
    csvLine(target.columns),
    files.map(({ predictions }) => predictions),
  )
  await concatenate(
    target.rejects,
    csvLine(REJECT_COLUMNS),
    files.map(({ rejects }) => rejects),
  )
  return addUp(parts)
}

async function concatenate(target: string, header: string, parts: readonly string[]): Promise<void> {
  await inHome(target, async () => {
    const temporary = temporaryName(target)
    const handle = await open(temporary, 'wx')
    try {
      await handle.write(header)
      for (const part of parts) {
        for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20 })) await handle.writeFile(chunk as Buffer)
      }
      await handle.sync()
      await rename(temporary, target)
    } finally {
      await handle.close()
      await rm(temporary, { force: true })
    }
  })
}

/** Finds keys that occur more than once, over all parts. */
export async function findDuplicates(folder: string, partitions: number): Promise<Duplicates> {
  const counter = new KeyCounter()
  for (let partition = 0; partition < partitions; partition += 1) {
    const rows = createInterface({ input: createReadStream(partFiles(folder, partition).keys), crlfDelay: Number.POSITIVE_INFINITY })
    for await (const row of rows) {
      const tab = row.indexOf('\t')
      counter.add(JSON.parse(row.slice(tab + 1)) as string, Number(row.slice(0, tab)))
    }
  }
  return counter.duplicates()
}

/** Equal bins between the least and the most score, for regression. `undefined` when nothing was predicted. */
export async function scoreHistogram(folder: string, parts: readonly PartSummary[], table: TableSummary): Promise<Histogram | undefined> {
  if (table.predicted === 0) return undefined
  const { minScore, maxScore } = table
  const width = (maxScore - minScore) / SCORE_BINS || 1
  const counts = new Array<number>(SCORE_BINS).fill(0)
  for (const { partition } of parts) {
    const bytes = await readFile(partFiles(folder, partition).scores)
    const scores = new Float64Array(Uint8Array.from(bytes).buffer)
    for (const score of scores) counts[Math.min(SCORE_BINS - 1, Math.floor((score - minScore) / width))]! += 1
  }
  return { edges: Array.from({ length: SCORE_BINS + 1 }, (_, index) => minScore + index * width), counts }
}

/**
 * The results digest: sha256 over predictions (without `timestamp`), rejects, validation and metrics. Predictions and rejects
 * enter as the chain of their micro-batches' digests.
 */
export function resultsDigest(table: TableSummary, columns: readonly string[], validation: string, metrics: string): string {
  const hash: Hash = createHash('sha256')
  hash.update(csvLine(columns.filter((column) => column !== 'timestamp')))
  for (const batch of table.batches) hash.update(batch.predictions)
  hash.update('\nrejects\n')
  for (const batch of table.batches) hash.update(batch.rejects)
  hash.update('\nvalidation\n').update(validation).update('\nmetrics\n').update(metrics)
  return hash.digest('hex')
}
