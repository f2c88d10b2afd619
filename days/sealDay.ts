/** Seals an attempt: makes its manifest of the outcome and of whatever its steps left behind. An attempt that has one never changes. */
import { loadPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { Comparison, Manifest } from '../engine/protocol/documents/manifest.js'
import type { Problem } from '../engine/protocol/errors.js'
import { holdMs } from '../engine/protocol/policy.js'
import type { SealRequest } from '../engine/protocol/steps.js'
import { mustBeAttempt, sealAttempt } from '../engine/storage/attempts.js'
import { sealedManifests } from '../engine/storage/dayOnDisk.js'
import { recordVersion } from '../engine/storage/modelVersions.js'
import { headline } from '../templates/headline.js'
import type { DayContext } from './dayContext.js'
import { pipelineInfo } from './pipelineInfo.js'
import { type AssembledWork, accountsOf, type ExcerptWork, type PlanWork, readWorkIfThere, type WorkFiles } from './work.js'

/** Sealing twice changes nothing: the answer is the manifest that is there. */
export async function sealDay(context: DayContext, { attempt, outcome, timings }: SealRequest): Promise<Manifest> {
  const { home, pipelines } = context.settings
  const record = await mustBeAttempt(home, attempt)
  const work = <Name extends keyof WorkFiles>(name: Name) => readWorkIfThere(home, attempt, name)
  const opened = await work('opened')
  const plan = await work('plan')
  const assembled = await work('assembled')
  // Only for names in the report: a definition that cannot be read is no reason not to seal.
  const loaded = await loadPipeline(pipelines, attempt.pipeline).catch(() => undefined)
  const comparison = plan && assembled && (await compareWithBefore(home, attempt, plan, assembled, { ...opened, code: context.code }))
  const facts = {
    verdict: outcome.verdict,
    ...(outcome.problem ? { problem: withExcerpt(outcome.problem, await work('excerpt')) } : {}),
    pipelineInfo: pipelineInfo(attempt, loaded),
    checks: (await work('checks')) ?? [],
    rules: (await work('rules')) ?? [],
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
    ...(assembled?.ownLabels ? { ownLabels: assembled.ownLabels } : {}),
    ...(comparison ? { comparison } : {}),
    timings,
  } as const
  return await sealAttempt(home, attempt, sealed, await work('hashes'))
}

/** Compares the results with those of the attempt before that had any. */
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

/** Gives the problem back the lines of the input that its step saw. */
function withExcerpt(problem: Problem, kept: ExcerptWork | undefined): Problem {
  return kept && kept.message === problem.message ? { ...problem, excerpt: kept.excerpt } : problem
}
