/**
 * Opens a model for scoring: it is compared with the definition, and settled what it is filled with, what its columns of scores are and
 * which labels it gives itself. Its records go through micro-batches.
 */
import type { Label } from '../../definition/tasks.js'
import { type Chain, openChain } from './chain.js'
import { fillersOf, knownFeeds, type SampleRow, sampleFeeds } from './fillers.js'
import { errorText, type MicroBatch, type MicroBatchOptions, microBatchSize, SessionMicroBatch } from './microBatch.js'
import { takesLogits } from './mirroredColumns.js'
import { mismatch } from './mismatch.js'
import type { ModelDescription } from './onnx/describe.js'
import { dependsText, rowDependence } from './onnx/rowsAlone.js'
import { type FeedPlan, type ModelSpec, namesOfLabels, planClasses, planFeeds } from './plan.js'
import type { Feed } from './planInputs.js'

export interface OpenModel {
  readonly description: ModelDescription
  readonly plan: FeedPlan
  /** The labels predictions are written as; empty for regression. */
  readonly classes: readonly Label[]
  /** Are its scores computed without the ONNX runtime? Then the labels that it gives itself cost a run of their own. */
  readonly ownTrees: boolean
  newMicroBatch(options?: MicroBatchOptions): MicroBatch
  close(): Promise<void>
}

/**
 * Opens the model and its preprocessing steps, compares them with the definition and proves on a micro-batch without records that they run.
 * @param samples records that the model may know when it runs neither on neutral values nor on those of its encoders; asked for only then
 * @throws ModelUnusable, ModelMismatch
 */
export async function openModel(
  file: string,
  spec: ModelSpec,
  preprocessing: readonly string[] = [],
  samples: Samples = async () => [],
): Promise<OpenModel> {
  const chain = await openChain(file, preprocessing)
  try {
    const plan = await settlePlan(chain, spec, samples)
    const own = await chain.useOwnTrees(
      plan.scores.output,
      plan.fixedBatch ?? microBatchSize(spec.features.length, plan),
      spec.features.length,
    )
    return {
      description: {
        ...chain.description,
        notes: [...chain.description.notes, ...plan.notes, ...(plan.scores.mirrored ? [MIRRORED] : []), ...(own ? [OWN_TREES] : [])],
      },
      plan,
      classes: plan.classes,
      ownTrees: own,
      newMicroBatch: (options) => new SessionMicroBatch(chain, plan, spec.features.length, file, options),
      close: () => chain.release(),
    }
  } catch (error) {
    await chain.release()
    throw error
  }
}

export type Samples = () => Promise<readonly SampleRow[]>

/** The plan, with the fillers that the model runs on, and the width of the scores as it is then. */
async function settlePlan(chain: Chain, spec: ModelSpec, samples: Samples): Promise<FeedPlan> {
  const { description } = chain
  const { plan, width } = await findFillers(chain, planFeeds(description, spec), spec, samples)
  const problems: string[] = []
  const classes = planClasses(spec.task, description.classes, width, problems)
  if (width < 1) problems.push('It gives no scores.')
  const depends = await dependence(chain, plan)
  if (depends !== undefined) problems.push(depends)
  if (problems.length > 0) throw mismatch(description.file, problems)
  const filled = new SessionMicroBatch(chain, plan, spec.features.length, description.file)
  const ownLabels = await filled.findLabels(plan.ownLabels, namesOfLabels(description, plan.ownLabels[0], classes.classes))
  const ownNames = namesOfLabels(description, ownLabels[0], classes.classes)
  const settled = { ...plan, ...classes, ownLabels, ownNames, scores: { ...plan.scores, width } }
  if (!takesLogits(settled)) return settled
  const declared = spec.task.kind === 'regression' ? undefined : spec.task.logits
  const drawn = new SessionMicroBatch(chain, settled, spec.features.length, description.file, { size: DRAWN })
  const mirrored = declared === undefined ? await drawn.findMirrored().catch(() => undefined) : declared === 'mirrored'
  return mirrored === undefined ? settled : { ...settled, scores: { ...settled.scores, mirrored } }
}

/** Records that are drawn to see what the model's columns are. */
const DRAWN = 64

const MIRRORED = 'Its two columns of logits are -z and z: the logistic function of each is the probability of its class.'

/** How the score of a record depends on the records beside it, if it does. */
async function dependence(chain: Chain, { feeds, missing, scores, fixedBatch }: FeedPlan): Promise<string | undefined> {
  const known = feeds.some(({ type }) => type === 'string') ? await chain.knownValues(feeds) : undefined
  const drawn = feeds.map((feed) => ({ ...feed, fillers: fillersOf(feed, missing), known: known?.get(feed.input) ?? [] }))
  const why = await rowDependence((rows) => chain.infer(rows, [scores.output]), drawn, fixedBatch)
  return why === undefined ? undefined : dependsText(why)
}

/** Neutral fillers if the model runs on them; else values that its encoders know, else a record that is known. */
async function findFillers(chain: Chain, neutral: FeedPlan, spec: ModelSpec, samples: Samples) {
  const { file } = chain.description
  const found = async (feeds: readonly Feed[]) => {
    const plan = { ...neutral, feeds }
    return { plan, width: await new SessionMicroBatch(chain, plan, spec.features.length, file).findWidth() }
  }
  try {
    return await found(neutral.feeds)
  } catch (error) {
    const known = knownFeeds(neutral.feeds, await chain.knownValues(neutral.feeds), neutral.missing)
    const others = [...(known ? [known] : []), ...(await samples()).map((row) => sampleFeeds(neutral.feeds, row, neutral.missing))]
    for (const feeds of others) {
      const runs = await found(feeds).catch(() => undefined)
      if (runs) return runs
    }
    const tried = others.length === 0 ? '' : ', nor with values that its encoders, the contract or the golden rows name'
    throw mismatch(file, [`It does not run on rows of this shape, filled with ${neutralText(spec)}${tried}: ${errorText(error)}`], error)
  }
}

const OWN_TREES = "Its trees are walked by Daybreak's own engine, which gave the ONNX runtime's bits for records made of their thresholds."

const neutralText = ({ missing }: ModelSpec): string => `0, false and ${JSON.stringify(missing?.text ?? '')}`
