/** Files are scored by a small pipeline as a day scores them: in a pool of threads, part by part, put together. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach } from 'vitest'
import { day } from '../../../definition/dates.js'
import { assembleParts, resultsDigest } from '../../../engine/batch/assemble.js'
import type { PartitionJob } from '../../../engine/batch/parts.js'
import { planPartitions } from '../../../engine/batch/planPartitions.js'
import { ScoringPool } from '../../../engine/batch/scoringPool.js'
import type { PartSummary } from '../../../engine/batch/summary.js'
import { matchHeader, readHeader } from '../../../engine/table/header.js'
import { linearClassifierModel } from '../../setup/onnxBuilder.js'
import { specOf, writePipeline } from '../../setup/smallPipeline.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const format = { kind: 'csv', delimiter: ',' } as const
const CLASSIFIER = linearClassifierModel({ features: 2, coefficients: [[1, -0.5]], intercept: [0.1], labels: [0, 1], zipMap: true })

/** Call at the top of a test file. Each test has a folder and a pool of two threads of its own. */
export function scoredFiles() {
  const folder = temporaryFolder()
  let pool: ScoringPool

  beforeEach(() => {
    pool = new ScoringPool(2)
  })

  afterEach(() => pool.close())

  /** Scores a file from its bytes to its predictions and rejects. */
  async function score(
    content: string,
    options: {
      definition?: string
      model?: Uint8Array
      targetRecords?: number
      columns?: string[]
      microBatches?: number
      signal?: AbortSignal
      onProgress?: () => void
    } = {},
  ) {
    const { definition, model = CLASSIFIER } = options
    const loaded = await writePipeline(folder.path('pipelines'), { model, ...(definition === undefined ? {} : { definition }) })
    const spec = specOf(loaded)
    const file = folder.path('in.csv')
    await writeFile(file, content)
    const { description, microBatch, classes } = await pool.try(spec)
    const header = await readHeader(file, format)
    const { positions } = matchHeader(file, header, loaded.definition.input.columns, format)
    const plan = await planPartitions(file, header, {
      microBatch,
      format,
      ...(options.targetRecords ? { targetRecords: options.targetRecords } : {}),
    })
    const parts = folder.path(`parts-${Math.random()}`)
    await mkdir(parts)
    const columns = options.columns ?? ['id', 'prediction', 'probability', 'score', 'timestamp']
    const job = (partition: number): PartitionJob => ({
      spec: { ...spec, modelSha256: description.sha256 },
      date: day('2026-03-03'),
      partition,
      range: plan.partitions[partition]!,
      input: { file, format, header, positions },
      outputFormat: 'csv',
      columns,
      timestamp: '2026-03-04T06:00:00.000Z',
      confidenceLimits: { high: 0.8, low: 0.6 },
      ...(options.microBatches ? { microBatches: options.microBatches } : {}),
      folder: parts,
    })
    const summaries: PartSummary[] = await Promise.all(
      plan.partitions.map((_, partition) =>
        pool.score(job(partition), {
          ...(options.signal ? { signal: options.signal } : {}),
          ...(options.onProgress ? { onProgress: options.onProgress } : {}),
        }),
      ),
    )
    const target = { format: 'csv' as const, predictions: [folder.path('predictions.csv')], rejects: folder.path('rejects.csv'), columns }
    const table = await assembleParts(pool, parts, summaries, target)
    const [predictions, rejects] = await Promise.all([readFile(target.predictions[0]!, 'utf8'), readFile(target.rejects, 'utf8')])
    return { table, summaries, parts, predictions, rejects, classes, microBatch, digest: resultsDigest(table, columns, 'v', 'm') }
  }

  return {
    folder,
    score,
    pool: () => pool,
    /** Goes on with a new pool. */
    async startPool(threads: number) {
      await pool.close()
      pool = new ScoringPool(threads)
    },
  }
}

/** Rows for it. @param change another row instead of the usual one */
export const rows = (count: number, change: (index: number) => string | undefined = () => undefined) =>
  `id,x,y\n${Array.from({ length: count }, (_, index) => change(index) ?? `r${index},${(index % 97) / 10},${(index % 89) / 7}`).join('\n')}\n`
