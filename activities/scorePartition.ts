/**
 * Step 3: some partitions beside each other, through the scoring threads. They are handed out a few at a time, because each call of a step
 * costs a server and a history something; each is scored, and kept, by itself. A finished part is never done again.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { scoringSpec } from '../days/tryModel.js'
import { day } from '../definition/dates.js'
import { readSummary } from '../engine/batch/assemble.js'
import { inHome } from '../engine/files/fileSystem.js'
import type { AttemptRef } from '../engine/protocol/documents.js'
import { outputColumns } from '../engine/protocol/policy.js'
import type { PartitionScored } from '../engine/protocol/steps.js'
import { confidenceLimits } from '../engine/quality/metrics.js'
import { mustBeAttempt } from '../engine/storage/attempts.js'
import { layout } from '../engine/storage/layout.js'
import { formatOf } from '../engine/table/format.js'
import { currentPlan, openedPipeline, type Step, settledValue } from './context.js'

/** `partition` is the number of the stretch. */
export const scorePartition: Step<{ readonly attempt: AttemptRef; readonly partition: number }, PartitionScored> = async (
  context,
  { attempt, partition: stretch },
  control,
) => {
  const { home } = context.settings
  const loaded = await openedPipeline(context, attempt)
  const { definition } = loaded
  const record = await mustBeAttempt(home, attempt)
  const plan = await currentPlan(context, attempt)
  const folder = join(layout.work(home, attempt), plan.parts)
  const shared = {
    spec: scoringSpec(loaded, plan.model.sha256),
    date: day(attempt.date),
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
  } as const
  const score = async (partition: number) =>
    (await readSummary(folder, partition)) ??
    (await context.pool.score(
      { ...shared, partition, range: plan.partitions[partition]! },
      { ...control, patient: record.kind === 'backfill' },
    ))
  const first = stretch * plan.stretch
  const partitions = plan.partitions.slice(first, first + plan.stretch).map((_, index) => first + index)
  return await inHome(folder, async () => {
    await mkdir(folder, { recursive: true })
    // Nothing of a stretch goes on when its step has ended.
    const settled = await Promise.allSettled(partitions.map(score))
    const summaries = settled.map(settledValue)
    const total = (of: (summary: (typeof summaries)[number]) => number) => summaries.reduce((sum, summary) => sum + of(summary), 0)
    return {
      partition: stretch,
      records: total(({ records }) => records),
      predicted: total(({ predicted }) => predicted),
      rejected: total(({ rejected }) => rejected),
    }
  })
}
