/** Step 7, first half: the manifest, written last. An attempt that has one is sealed and never changes. */
import type { Problem } from '../definition/errors.js'
import type { AttemptRef, Manifest, MessageKind, PipelineInfo } from '../definition/records.js'
import type { Sealed, SealRequest } from '../definition/steps.js'
import { inputPathOf, type LoadedPipeline, loadPipeline } from '../loader/loadPipeline.js'
import { featureNames } from '../scoring/features.js'
import { readWorkIfThere, sealAttempt } from '../storage/attempts.js'
import { headline } from '../templates/headline.js'
import {
  type AssembledWork,
  attemptRecord,
  type ChecksWork,
  type ExcerptWork,
  type OpenedWork,
  type PlanWork,
  type RulesWork,
  type Step,
  type StepContext,
  WORK,
} from './context.js'

export const seal: Step<SealRequest, Sealed> = async (context, request) => {
  const manifest = await sealOutcome(context, request)
  const { verdict, headline: sentence, resultsDigest, pipeline, date, attempt } = manifest
  context.log?.({ level: 'info', message: `${verdict}. ${sentence}`, pipeline, date, attempt, run: manifest.runKey, step: 'seal' })
  return { verdict, headline: sentence, message: messageKind(manifest), ...(resultsDigest ? { resultsDigest } : {}) }
}

/** Seals an attempt with whatever its steps left behind. */
export async function sealOutcome(context: StepContext, { attempt, outcome, timings }: SealRequest): Promise<Manifest> {
  const { home, pipelines } = context.settings
  const record = await attemptRecord(context, attempt)
  const work = <T>(name: string) => readWorkIfThere<T>(home, attempt, name)
  const opened = await work<OpenedWork>(WORK.opened)
  const plan = await work<PlanWork>(WORK.plan)
  const assembled = await work<AssembledWork>(WORK.assembled)
  // Only for names in the report: a definition that cannot be read is no reason not to seal.
  const loaded = await loadPipeline(pipelines, attempt.pipeline).catch(() => undefined)
  const facts = {
    verdict: outcome.verdict,
    ...(outcome.problem ? { problem: withExcerpt(outcome.problem, await work<ExcerptWork>(WORK.excerpt)) } : {}),
    pipelineInfo: pipelineInfo(attempt, loaded),
    checks: (await work<ChecksWork>(WORK.checks)) ?? [],
    rules: (await work<RulesWork>(WORK.rules)) ?? [],
    warnings: assembled?.warnings ?? [],
    ...(assembled
      ? { accounts: { read: assembled.table.records, predicted: assembled.table.predicted, rejected: assembled.table.rejected } }
      : {}),
  }
  return await sealAttempt(home, attempt, {
    ...record,
    format: 1,
    ...facts,
    headline: headline(facts, assembled?.metrics),
    endedAt: new Date().toISOString(),
    ...(plan ? { input: plan.input, model: plan.model, microBatch: plan.microBatch } : {}),
    fingerprints: {
      code: context.code,
      ...(opened ? { definition: opened.definition } : {}),
      ...(plan ? { contract: plan.contract } : {}),
    },
    ...(assembled ? { resultsDigest: assembled.resultsDigest } : {}),
    timings,
  })
}

/** The problem as the step that met it knew it. */
function withExcerpt(problem: Problem, kept: ExcerptWork | undefined): Problem {
  return kept && kept.message === problem.message ? { ...problem, excerpt: kept.excerpt } : problem
}

/** What report and messages name of the definition; only the name of one that cannot be read. */
export function pipelineInfo(attempt: AttemptRef, loaded: LoadedPipeline | undefined): PipelineInfo {
  if (!loaded) return { name: attempt.pipeline }
  const { description, owner, tags, model, input } = loaded.definition
  return {
    name: attempt.pipeline,
    ...(description ? { description } : {}),
    ...(owner ? { owner } : {}),
    ...(tags ? { tags } : {}),
    task: model.task.kind,
    taskName: model.task.name,
    ...(model.task.kind === 'binary' ? { positive: model.task.positive, threshold: model.task.threshold } : {}),
    key: input.key,
    features: featureNames(loaded.definition),
    inputPath: inputPathOf(loaded, attempt.date),
  }
}

/** The kind of message that an outcome is told by. */
function messageKind({ verdict, rules }: Manifest): MessageKind {
  if (verdict === 'input-missing') return 'missing'
  if (verdict !== 'pass' && verdict !== 'warn') return 'failure'
  return rules.some(({ fired }) => fired) ? 'anomaly' : 'success'
}
