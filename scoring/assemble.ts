/**
 * Assembly: the parts in record order become the predictions and rejects of the attempt; counts add up; duplicate keys are found;
 * the results digest is taken over micro-batches, so that it does not know the partitions.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Histogram } from '../definition/records.js'
import { inHome, temporaryName } from '../storage/fileSystem.js'
import type { SetFile } from '../table/format.js'
import { type ScannedWindow, scannerOf, scanWindows } from '../table/records.js'
import { REJECT_COLUMNS } from '../table/rejectsFile.js'
import { csvLine } from '../table/writeCsv.js'
import { type Duplicates, KeyCounter } from './duplicateKeys.js'
import { parseSummary, partFiles } from './parts.js'
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
export async function assembleParts(folder: string, parts: readonly PartSummary[], target: ResultFiles): Promise<TableSummary> {
  const { format, columns, predictions, rejects } = target
  const files = parts.map(({ partition }) => partFiles(folder, partition))
  const header = (names: readonly string[]) => (format === 'csv' ? csvLine(names) : '')
  const sources = files.map((part) => part.predictions)
  if (predictions.length === 1) await concatenate(predictions[0]!, header(columns), sources)
  else {
    const records = parts.reduce((sum, part) => sum + part.predicted, 0)
    await spread(predictions, header(columns), sources, format, records)
  }
  await concatenate(
    rejects,
    header(REJECT_COLUMNS),
    files.map((part) => part.rejects),
  )
  return addUp(parts)
}

/** Where results go. */
export interface ResultFiles {
  readonly format: 'csv' | 'jsonl'
  readonly columns: readonly string[]
  /** In record order; several are shards of equal size, or of one record more. */
  readonly predictions: readonly string[]
  readonly rejects: string
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

/** Spreads the lines of the parts over shards. Their folder appears with all of them, or not at all. */
async function spread(
  targets: readonly string[],
  header: string,
  parts: readonly string[],
  format: ResultFiles['format'],
  records: number,
): Promise<void> {
  const folder = dirname(targets[0]!)
  await inHome(folder, async () => {
    const temporary = temporaryName(folder)
    await mkdir(temporary)
    try {
      const lines = shardEnds(records, targets.length)
      let [shard, written] = [0, 0]
      let handle = await open(join(temporary, basename(targets[0]!)), 'wx')
      const next = async () => {
        await handle.sync()
        await handle.close()
        shard += 1
        if (shard < targets.length) handle = await open(join(temporary, basename(targets[shard]!)), 'wx')
      }
      await handle.write(header)
      for (const part of parts) {
        for await (const { window, spans, consumed } of linesOf(part, format)) {
          let from = 0
          for (const { start } of spans) {
            while (written === lines[shard]) {
              await handle.writeFile(window.subarray(from, start))
              from = start
              await next()
              await handle.write(header)
            }
            written += 1
          }
          await handle.writeFile(window.subarray(from, consumed))
        }
      }
      while (shard < targets.length) {
        await next()
        if (shard < targets.length) await handle.write(header)
      }
      // What an earlier try of this attempt left; nobody reads it before the attempt is sealed.
      await rm(folder, { recursive: true, force: true })
      await rename(temporary, folder)
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  })
}

/** Records up to the end of each shard. */
function shardEnds(records: number, shards: number): readonly number[] {
  return Array.from({ length: shards }, (_, index) => Math.floor((records * (index + 1)) / shards))
}

/** The lines of a part's predictions, as we wrote them. */
async function* linesOf(part: string, format: ResultFiles['format']): AsyncGenerator<ScannedWindow> {
  const handle = await open(part, 'r')
  try {
    const range = { offset: 0, bytes: (await handle.stat()).size }
    yield* scanWindows(part, handle, range, scannerOf(format === 'csv' ? { kind: 'csv', delimiter: ',' } : { kind: 'jsonl', fields: [] }))
  } finally {
    await handle.close()
  }
}

/** Finds keys that occur more than once, over all parts. @param set of a set of files: where each lies in the whole */
export async function findDuplicates(folder: string, partitions: number, set?: readonly SetFile[]): Promise<Duplicates> {
  const counter = new KeyCounter()
  for (let partition = 0; partition < partitions; partition += 1) {
    const rows = createInterface({ input: createReadStream(partFiles(folder, partition).keys), crlfDelay: Number.POSITIVE_INFINITY })
    for await (const row of rows) {
      const tab = row.indexOf('\t')
      counter.add(JSON.parse(row.slice(tab + 1)) as string, Number(row.slice(0, tab)))
    }
  }
  return counter.duplicates(set)
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
