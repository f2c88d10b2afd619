/** Step 3: one partition through a scoring thread. A finished part is never done again. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { outputColumns } from '../definition/policy.js'
import type { AttemptRef } from '../definition/records.js'
import type { PartitionScored } from '../definition/steps.js'
import { confidenceLimits } from '../quality/metrics.js'
import { readSummary } from '../scoring/assemble.js'
import { inHome } from '../storage/fileSystem.js'
import { FILES, layout } from '../storage/layout.js'
import { formatOf } from '../table/format.js'
import { attemptRecord, currentPlan, openedPipeline, type Step } from './context.js'
import { scoringFiles } from './inspect.js'

export const scorePartition: Step<{ readonly attempt: AttemptRef; readonly partition: number }, PartitionScored> = async (
  context,
  { attempt, partition },
  control,
) => {
  const { home } = context.settings
  const loaded = await openedPipeline(context, attempt)
  const { definition } = loaded
  const record = await attemptRecord(context, attempt)
  const plan = await currentPlan(context, attempt)
  const folder = join(layout.attempt(home, attempt), FILES.work, plan.parts)
  const finished = await readSummary(folder, partition)
  const summary =
    finished ??
    (await inHome(folder, async () => {
      await mkdir(folder, { recursive: true })
      return await context.pool.score(
        {
          spec: { ...scoringFiles(loaded), modelSha256: plan.model.sha256, date: attempt.date },
          partition,
          range: plan.partitions[partition]!,
          input: {
            file: plan.file,
            format: formatOf(definition.input),
            header: plan.header,
            positions: plan.positions,
            ...(plan.set ? { set: plan.set } : {}),
          },
          outputFormat: definition.output?.format ?? 'csv',
          columns: outputColumns(definition),
          timestamp: record.startedAt,
          confidenceLimits: confidenceLimits(definition),
          folder,
        },
        { ...control, patient: record.kind === 'backfill' },
      )
    }))
  return { partition, records: summary.records, predicted: summary.predicted, rejected: summary.rejected }
}
