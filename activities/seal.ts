/** Step 7, first half: the manifest, written last. An attempt that has one is sealed and never changes. */
import { hasProbability, hasScore } from '../definition/tasks.js'
import { inputPathOf, type LoadedPipeline, loadPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef, Comparison, Manifest, MessageKind, PipelineInfo } from '../engine/protocol/documents.js'
import type { Problem } from '../engine/protocol/errors.js'
import { holdMs } from '../engine/protocol/policy.js'
import type { Sealed, SealRequest } from '../engine/protocol/steps.js'
import { featureNames } from '../engine/scoring/features.js'
import { readWorkIfThere, sealAttempt } from '../engine/storage/attempts.js'
import { sealedManifests } from '../engine/storage/dayOnDisk.js'
import { recordVersion } from '../engine/storage/modelVersions.js'
import { headline } from '../templates/headline.js'
import {
  type AssembledWork,
  accountsOf,
  attemptRecord,
  type ChecksWork,
  type ExcerptWork,
  type HashesWork,
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
  const comparison = plan && assembled && (await compareWithBefore(home, attempt, plan, assembled, { ...opened, code: context.code }))
  const facts = {
    verdict: outcome.verdict,
    ...(outcome.problem ? { problem: withExcerpt(outcome.problem, await work<ExcerptWork>(WORK.excerpt)) } : {}),
    pipelineInfo: pipelineInfo(attempt, loaded),
    checks: (await work<ChecksWork>(WORK.checks)) ?? [],
    rules: (await work<RulesWork>(WORK.rules)) ?? [],
    warnings: [...(assembled?.warnings ?? []), ...unexplained(comparison)],
    ...(assembled ? { accounts: accountsOf(assembled.table) } : {}),
  }
  const endedAt = new Date().toISOString()
  if (plan && assembled) await recordVersion(home, attempt, plan.model)
  const sealed = {
    ...record,
    format: 1,
    ...facts,
    headline: headline(facts, assembled?.metrics),
    endedAt,
    ...(outcome.verdict === 'held' && loaded
      ? { holdExpiresAt: new Date(Date.parse(endedAt) + holdMs(loaded.definition)).toISOString() }
      : {}),
    ...(plan ? { input: plan.input, model: plan.model, microBatch: plan.microBatch } : {}),
    fingerprints: {
      code: context.code,
      ...(opened ? { definition: opened.definition } : {}),
      ...(plan ? { contract: plan.contract } : {}),
    },
    ...(assembled ? { resultsDigest: assembled.resultsDigest } : {}),
    ...(comparison ? { comparison } : {}),
    timings,
  } as const
  return await sealAttempt(home, attempt, sealed, await work<HashesWork>(WORK.hashes))
}

/** The results against those of the date's attempt before that had any. */
async function compareWithBefore(
  home: string,
  { pipeline, date, attempt }: AttemptRef,
  plan: PlanWork,
  { resultsDigest }: AssembledWork,
  now: Pick<Manifest['fingerprints'], 'definition' | 'code'>,
): Promise<Comparison | undefined> {
  const before = (await sealedManifests(home, pipeline, date)).findLast((sealed) => sealed.attempt !== attempt && sealed.resultsDigest)
  if (!before) return undefined
  const differs = {
    input: before.input?.sha256 !== plan.input.sha256,
    model: before.model?.sha256 !== plan.model.sha256,
    definition: before.fingerprints.definition !== now.definition,
    code: before.fingerprints.code !== now.code,
  }
  const changed = (Object.keys(differs) as (keyof typeof differs)[]).filter((what) => differs[what])
  return { attempt: before.attempt, sameResults: before.resultsDigest === resultsDigest, changed }
}

/** Same input, model and definition must give the same results; when they do not, the day says so. */
function unexplained(comparison: Comparison | undefined): readonly string[] {
  if (!comparison || comparison.sameResults || comparison.changed.some((what) => what !== 'code')) return []
  const why = comparison.changed.length > 0 ? '; the product is another version' : ''
  return [`The results differ from those of ${comparison.attempt} although input, model and definition are the same${why}`]
}

/** The problem as the step that met it knew it. */
function withExcerpt(problem: Problem, kept: ExcerptWork | undefined): Problem {
  return kept && kept.message === problem.message ? { ...problem, excerpt: kept.excerpt } : problem
}

/** What report and messages name of the definition; only the name of one that cannot be read. */
export function pipelineInfo(attempt: AttemptRef, loaded: LoadedPipeline | undefined): PipelineInfo {
  if (!loaded) return { name: attempt.pipeline }
  const { description, owner, tags, model, input, report } = loaded.definition
  return {
    name: attempt.pipeline,
    ...(description ? { description } : {}),
    ...(owner ? { owner } : {}),
    ...(tags ? { tags } : {}),
    task: model.task.kind,
    taskName: model.task.name,
    ...(model.task.kind === 'binary' ? { positive: model.task.positive, threshold: model.task.threshold } : {}),
    ...(hasProbability(model.task) || model.task.kind === 'regression' ? {} : { scores: hasScore(model.task) ? 'margin' : 'label' }),
    ...(input.key ? { key: input.key } : {}),
    ...(report?.maskKeys === false ? { maskKeys: false } : {}),
    features: featureNames(loaded.definition),
    inputPath: inputPathOf(loaded, attempt.date),
  }
}

/** The kind of message that an outcome is told by. */
function messageKind({ verdict, rules, checks }: Manifest): MessageKind {
  if (verdict === 'held') return 'held'
  if (verdict === 'input-missing') return 'missing'
  if (verdict !== 'pass' && verdict !== 'warn') return 'failure'
  return rules.some(({ fired }) => fired) || checks.some(({ passed }) => !passed) ? 'anomaly' : 'success'
}
