/**
 * Assembles the results of an attempt from its parts: predictions and rejects in record order, totals, duplicate keys, the results digest.
 * The digest is taken over micro-batches, so that it is the same whatever the partitions are. The input is never read again.
 */
import { createHash, type Hash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inHome, temporaryName } from '../files/fileSystem.js'
import type { Histogram } from '../protocol/documents/metrics.js'
import type { SetFile } from '../table/format.js'
import { REJECT_COLUMNS } from '../table/rejectsFile.js'
import { type ScannedWindow, scannerOf, scanWindows } from '../table/scanRecords.js'
import { openSource } from '../table/source.js'
import { csvLine } from '../table/writeCsv.js'
import type { CopyRequest } from './copyParts.js'
import { type Duplicates, firstLinePlaces } from './duplicateKeys.js'
import { addDoubled, BUCKETS } from './keyFile.js'
import { parseSummary, partFiles } from './parts.js'
import type { ScoringPool } from './scoringPool.js'
import { addUp, type PartSummary, SCORE_BINS, type TableSummary } from './summary.js'

/** Reads the summaries of all parts, by partition; `undefined` stands for a part that is not finished. */
export async function readSummaries(folder: string, partitions: number): Promise<readonly (PartSummary | undefined)[]> {
  return await Promise.all(Array.from({ length: partitions }, (_, partition) => readSummary(folder, partition)))
}

/** Reads the summary of a part; `undefined` when the part is not finished. */
export async function readSummary(folder: string, partition: number): Promise<PartSummary | undefined> {
  try {
    return parseSummary(await readFile(partFiles(folder, partition).summary, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes predictions and rejects from the parts, which must be all of them, in order. Returns the totals.
 * @throws StorageDamaged when a part has not the size that its summary says; HomeUnusable
 */
export async function assembleParts(
  pool: ScoringPool,
  folder: string,
  parts: readonly PartSummary[],
  target: ResultFiles,
): Promise<TableSummary> {
  const { format, columns, predictions, rejects } = target
  const header = (names: readonly string[]) => (format === 'csv' ? csvLine(names) : '')
  const files = parts.map(({ partition, predictionBytes, rejectBytes }) => {
    const names = partFiles(folder, partition)
    return { predictions: { file: names.predictions, bytes: predictionBytes }, rejects: { file: names.rejects, bytes: rejectBytes } }
  })
  const sources = files.map((part) => part.predictions)
  // A file beside the rejects is the only one. Shards have a folder of their own, even when there is one shard only.
  if (dirname(predictions[0]!) === dirname(rejects)) await concatenate(pool, predictions[0]!, header(columns), sources)
  else {
    const records = parts.reduce((sum, part) => sum + part.predicted, 0)
    const names = sources.map(({ file }) => file)
    await spread(predictions, header(columns), names, format, records)
  }
  const rejected = files.map((part) => part.rejects).filter(({ bytes }) => bytes > 0)
  await concatenate(pool, rejects, header(REJECT_COLUMNS), rejected)
  return addUp(parts)
}

/** The files that results are written to. */
export interface ResultFiles {
  readonly format: 'csv' | 'jsonl'
  /** Columns of the predictions, in order. */
  readonly columns: readonly string[]
  /** Files in record order. Several are shards, with as many records each or one more. */
  readonly predictions: readonly string[]
  readonly rejects: string
}

/** A thread is asked to copy about this many bytes at once: enough that the asking costs nothing, few enough to keep every thread busy. */
const PLACED_BYTES = 16 << 20

async function concatenate(pool: ScoringPool, target: string, header: string, parts: CopyRequest['parts']): Promise<void> {
  await inHome(target, async () => {
    const temporary = temporaryName(target)
    const handle = await open(temporary, 'wx')
    try {
      await handle.write(header)
      await Promise.all(copyRequests(temporary, Buffer.byteLength(header), parts).map((request) => pool.copy(request)))
      await handle.sync()
      await rename(temporary, target)
    } finally {
      await handle.close()
      await rm(temporary, { force: true })
    }
  })
}

/** Gathers parts that follow each other into requests of `PLACED_BYTES` or a little more. */
function copyRequests(target: string, start: number, parts: CopyRequest['parts']): readonly CopyRequest[] {
  const requests: CopyRequest[] = []
  let offset = start
  for (let from = 0; from < parts.length; ) {
    let [to, bytes] = [from, 0]
    while (to < parts.length && bytes < PLACED_BYTES) bytes += parts[to++]!.bytes
    requests.push({ target, offset, parts: parts.slice(from, to) })
    offset += bytes
    from = to
  }
  return requests
}

/** Spreads the lines of the parts over shards. Their folder appears with all of them or not at all. */
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
      // An earlier try of this attempt may have left the folder. Nobody reads it before the attempt is sealed.
      await rm(folder, { recursive: true, force: true })
      await rename(temporary, folder)
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  })
}

/** Gives for each shard how many records there are up to its end, those of earlier shards among them. */
function shardEnds(records: number, shards: number): readonly number[] {
  return Array.from({ length: shards }, (_, index) => Math.floor((records * (index + 1)) / shards))
}

/** Finds the lines of a part's predictions. Daybreak wrote them, so their form is known. */
async function* linesOf(part: string, format: ResultFiles['format']): AsyncGenerator<ScannedWindow> {
  const source = await openSource(part)
  try {
    const range = { offset: 0, bytes: await source.size() }
    yield* scanWindows(source, range, scannerOf(format === 'csv' ? { kind: 'csv', delimiter: ',' } : { kind: 'jsonl', fields: [] }))
  } finally {
    await source.close()
  }
}

/** A task looks at this many buckets of keys: 256 of them make eight tasks, which keep several threads busy. */
const BUCKETS_AT_ONCE = 32

/**
 * Finds the keys that occur more than once, whichever parts they are in.
 * @param set the files of a set, so that a line is told as `<file>:<line>`; left out when the input is one file
 */
export async function findDuplicates(pool: ScoringPool, folder: string, partitions: number, set?: readonly SetFile[]): Promise<Duplicates> {
  const files = Array.from({ length: partitions }, (_, partition) => partFiles(folder, partition).keys)
  const groups = Array.from({ length: BUCKETS / BUCKETS_AT_ONCE }, (_, group) =>
    Array.from({ length: BUCKETS_AT_ONCE }, (_, index) => group * BUCKETS_AT_ONCE + index),
  )
  const { keys, records, lines } = addDoubled(await Promise.all(groups.map((buckets) => pool.doubled(files, buckets))))
  return { keys, records, lines: firstLinePlaces(lines, set) }
}

/** Counts scores that are no probabilities, in equal bins between the least and the most. `undefined` when nothing was predicted. */
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
 * Computes the results digest: hex sha256 over predictions (without `timestamp`), rejects, validation and metrics. Predictions and rejects
 * enter by the digests of their micro-batches, in record order.
 * @param validation text of validation.json @param metrics text of metrics.json
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
