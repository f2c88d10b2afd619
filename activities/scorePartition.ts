/**
 * Step 3 scores the few partitions of a stretch beside each other, in the scoring threads. Each is kept by itself, so that a finished part
 * is never done again.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { scoringSpec } from '../days/tryModel.js'
import { day } from '../definition/dates.js'
import { readSummary } from '../engine/batch/assemble.js'
import { inHome } from '../engine/files/fileSystem.js'
import { outputColumns } from '../engine/protocol/policy.js'
import type { ScoreRequest, StretchScored } from '../engine/protocol/steps.js'
import { stretchOf } from '../engine/protocol/stretches.js'
import { confidenceLimits } from '../engine/quality/metrics.js'
import { mustBeAttempt } from '../engine/storage/attempts.js'
import { layout } from '../engine/storage/layout.js'
import { formatOf } from '../engine/table/format.js'
import { currentPlan, openedPipeline, type Step, settledValue } from './context.js'

export const scorePartition: Step<ScoreRequest, StretchScored> = async (context, request, control) => {
  const { attempt } = request
  const stretch = stretchOf(request)
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
    microBatches: Math.ceil(plan.input.records / plan.microBatch),
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
    // All of them are waited for, so that nothing of a stretch goes on when its step has ended.
    const settled = await Promise.allSettled(partitions.map(score))
    const summaries = settled.map(settledValue)
    const total = (of: (summary: (typeof summaries)[number]) => number) => summaries.reduce((sum, summary) => sum + of(summary), 0)
    return {
      stretch,
      records: total(({ records }) => records),
      predicted: total(({ predicted }) => predicted),
      rejected: total(({ rejected }) => rejected),
    }
  })
}
