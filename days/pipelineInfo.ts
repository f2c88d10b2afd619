/** Collects what report and messages need to know of a definition. The manifest keeps it, because a later definition says other things. */
import { classifies, hasProbability, hasScore, withPositive } from '../definition/tasks.js'
import { inputPathOf, type LoadedPipeline } from '../engine/loader/loadPipeline.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { PipelineInfo } from '../engine/protocol/documents/manifest.js'
import { featureNames } from '../engine/scoring/features.js'

/** Only the name is known when the definition cannot be read. */
export function pipelineInfo(attempt: AttemptRef, loaded: LoadedPipeline | undefined): PipelineInfo {
  if (!loaded) return { name: attempt.pipeline }
  const { description, owner, tags, model, input, report } = loaded.definition
  const { task } = model
  const binary = withPositive(task)
  return {
    name: attempt.pipeline,
    ...(description ? { description } : {}),
    ...(owner ? { owner } : {}),
    ...(tags ? { tags } : {}),
    task: task.kind,
    taskName: task.name,
    ...(binary ? { positive: binary.positive, threshold: binary.threshold } : {}),
    ...(classifies(task) && !hasProbability(task) ? { scores: hasScore(task) ? 'margin' : 'label' } : {}),
    ...(input.key ? { key: input.key } : {}),
    ...(report?.maskKeys === false ? { maskKeys: false } : {}),
    features: featureNames(loaded.definition),
    inputPath: inputPathOf(loaded, attempt.date),
  }
}
