/**
 * Step 4 puts the parts together in record order and counts duplicates, contract findings and metrics. Then the gates may close: accounts,
 * budget, duplicates. Everything is written before, so that the report of a failed day shows all that was found.
 */
import { join } from 'node:path'
import { type AssembledWork, accountsOf, dropWork, writeWork } from '../days/work.js'
import { hasProbability, hasScore } from '../definition/tasks.js'
import { assembleParts, findDuplicates, readSummaries, resultsDigest, scoreHistogram } from '../engine/batch/assemble.js'
import { profileFile } from '../engine/batch/profile.js'
import type { PartSummary } from '../engine/batch/summary.js'
import { jsonText, writeWhole } from '../engine/files/fileSystem.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { outputColumns } from '../engine/protocol/policy.js'
import type { Assembled } from '../engine/protocol/steps.js'
import { brokenBudgets, summarizeContract } from '../engine/quality/contract.js'
import { computeMetrics, confidenceLimits, metricsFile } from '../engine/quality/metrics.js'
import { judgeLabels } from '../engine/scoring/ownLabels.js'
import { FILES, layout } from '../engine/storage/layout.js'
import { outputFiles } from '../engine/storage/predictionFiles.js'
import { currentPlan, openedPipeline, type Step } from './context.js'

export const assemble: Step<{ readonly attempt: AttemptRef }, Assembled> = async (context, { attempt }) => {
  const { home } = context.settings
  const { definition } = await openedPipeline(context, attempt)
  const plan = await currentPlan(context, attempt)
  const folder = layout.attempt(home, attempt)
  const partsFolder = join(layout.work(home, attempt), plan.parts)
  const columns = outputColumns(definition)
  const { task } = definition.model

  // An earlier try may have hashed predictions that are written anew now.
  await dropWork(home, attempt, 'hashes')
  const parts = allParts(await readSummaries(partsFolder, plan.partitions.length), attempt)
  const target = { ...outputFiles(folder, definition), columns }
  const [table, duplicates] = await Promise.all([
    assembleParts(context.pool, partsFolder, parts, target),
    findDuplicates(context.pool, partsFolder, parts.length, plan.set),
  ])
  const validation = summarizeContract(definition, table, duplicates, plan.unused)
  const histogram = hasScore(task) && !hasProbability(task) ? await scoreHistogram(partsFolder, parts, table) : undefined
  const metrics = computeMetrics(table, task, plan.classes, confidenceLimits(definition), histogram)
  const [validationText, metricsText] = [jsonText(validation), jsonText(metricsFile(metrics, task))]
  await writeWhole(join(folder, FILES.validation), validationText)
  await writeWhole(join(folder, FILES.metrics), metricsText)
  await writeWhole(join(folder, FILES.profile), jsonText(profileFile(table.profile)))
  const { batches: _batches, findings: _findings, profile: _profile, ownLabels = [], ...counts } = table
  const { file } = plan.model
  const { comparison, warning, error } = judgeLabels(ownLabels, definition.model.ownLabels || {}, {
    file,
    output: plan.ownLabels ?? '',
    classes: plan.classes,
  })
  const warnings = [...validation.warnings, ...(warning === undefined ? [] : [warning])]
  const work: AssembledWork = {
    table: counts,
    duplicates,
    partBytes: parts.map(({ predictionBytes }) => predictionBytes),
    metrics,
    warnings,
    ...(comparison ? { ownLabels: comparison } : {}),
    resultsDigest: resultsDigest(table, columns, validationText, metricsText),
  }
  await writeWork(home, attempt, 'assembled', work)

  const accounts = accountsOf(table)
  if (accounts.read !== accounts.predicted + accounts.rejected || accounts.read !== plan.input.records) {
    throw new DaybreakError(
      'AccountsDiffer',
      `${plan.input.records} rows were counted, ${accounts.read} read, ${accounts.predicted} predicted and ${accounts.rejected} rejected`,
    )
  }
  const [broken] = brokenBudgets(definition.input.rejects, table)
  if (broken !== undefined) {
    throw new DaybreakError('RejectBudgetExceeded', broken, {
      details: validation.errors.filter((error) => error !== broken),
      ...(table.predicted === 0 ? { next: NO_ROW_LEFT } : {}),
      place: { file: plan.input.path },
    })
  }
  if (definition.input.duplicates === 'fail' && duplicates.records > 0) {
    throw new DaybreakError('DuplicateKeys', `${duplicates.records} rows have a ${definition.input.key} that stood in an earlier row`, {
      details: [`the first lines: ${duplicates.lines.join(', ')}`],
      place: { file: plan.input.path, ...(definition.input.key ? { column: definition.input.key } : {}) },
    })
  }
  if (error) throw error
  return { ...accounts, warnings: warnings.length }
}

/** What to do when no budget, however large, could let the day pass. */
const NO_ROW_LEFT =
  'Mend what the reasons name, in the file, the features or the model; then run the date again. Raising input.rejects does not help.'

function allParts(parts: readonly (PartSummary | undefined)[], attempt: AttemptRef): readonly PartSummary[] {
  return parts.map((part, partition) => {
    if (!part) throw new DaybreakError('StorageDamaged', `part ${partition} of attempt ${attempt.attempt} of ${attempt.date} is missing`)
    return part
  })
}
