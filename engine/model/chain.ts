/**
 * Opens a model and its preprocessing steps (a scaler, an encoder: ONNX files that features go through first) as one: features go in, the
 * model's answer comes out.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { mismatch } from './mismatch.js'
import { type LoadedModel, loadModel, type ModelDescription } from './onnx/describe.js'
import { type KnownValues, knownValues } from './onnx/knownValues.js'
import { readOnnx } from './onnx/onnxFile.js'
import type { InferenceSession, Tensor } from './onnx/runtime.js'
import { tensorText } from './onnx/tensorInfo.js'
import type { Feed } from './planInputs.js'
import { findTrees, type OwnTrees, ownTrees } from './trees/ownTrees.js'

export interface Chain {
  /** The inputs are those of the first file, all else is the model's. */
  readonly description: ModelDescription
  /** Runs all of it and gives the outputs asked for, in their order. @throws what the runtime throws */
  infer(feeds: Readonly<Record<string, Tensor>>, outputs: readonly string[]): Promise<readonly Tensor[]>
  /**
   * Lets Daybreak's own engine compute an output from now on, if it is one of trees and the engine gives the runtime's bits. Returns
   * whether it does. It may be asked once.
   * @param records of a run, at most
   * @param features of a record
   */
  useOwnTrees(output: string, records: number, features: number): Promise<boolean>
  /** What the encoders know that look at values of the features; the file is read again for it. */
  knownValues(feeds: readonly Feed[]): Promise<KnownValues>
  release(): Promise<void>
}

/** Opens preprocessing and model. @throws ModelUnusable; ModelMismatch when one does not take what the one before it gives */
export async function openChain(file: string, preprocessing: readonly string[]): Promise<Chain> {
  const links: Link[] = []
  let own: OwnTrees | undefined
  const release = async () => {
    for (const { session } of links) await session.release()
    await own?.release()
  }
  try {
    for (const path of preprocessing) links.push(await loadLink(path))
    const { session, description, source } = await loadModel(file)
    links.push({ session, description })
    const problems = links.slice(1).flatMap((link, index) => joint(links[index]!.description, link.description))
    if (problems.length > 0) throw mismatch(file, problems)
    // The trees are read once and tried once, because an engine keeps its own.
    let untried = findTrees(source.bytes, source.onnx)
    return {
      description: describeChain(links.map(({ description }) => description)),
      infer: (feeds, outputs) => inferAll(links, own, feeds, outputs),
      useOwnTrees: async (output, records, features) => {
        // The model must tell how many values preprocessing makes of the features.
        const [batch = -1, width = -1] = description.inputs[0]?.shape ?? []
        const run = { records, fixed: batch >= 0, features: preprocessing.length === 0 ? features : width }
        own = untried && (await ownTrees(session, description.inputs, untried, output, run))
        untried = undefined
        return own !== undefined
      },
      knownValues: async (feeds) => {
        const bytes = await readFile(preprocessing[0] ?? file)
        return knownValues(bytes, readOnnx(bytes, file), new Map(feeds.map(({ input, features }) => [input, features.length])))
      },
      release,
    }
  } catch (error) {
    await release()
    throw error
  }
}

type Link = Pick<LoadedModel, 'session' | 'description'>

async function loadLink(path: string): Promise<Link> {
  const { session, description } = await loadModel(path)
  return { session, description }
}

async function inferAll(
  links: readonly Link[],
  own: OwnTrees | undefined,
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Promise<readonly Tensor[]> {
  let given = feeds
  for (const [index, { session }] of links.entries()) {
    const next = links[index + 1]
    const wanted = next ? session.outputNames.slice(0, 1) : outputs
    const answers = await runSession(session, given, wanted, next ? undefined : own)
    if (index > 0) for (const tensor of Object.values(given)) tensor.dispose()
    if (!next) return answers
    given = { [next.session.inputNames[0]!]: answers[0]! }
  }
  throw new Error('a chain has at least the model')
}

/** Runs a file. The engine gives its output whoever asks, golden rows too; the runtime gives all others. */
async function runSession(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  wanted: readonly string[],
  own: OwnTrees | undefined,
): Promise<readonly Tensor[]> {
  const others = wanted.filter((name) => name !== own?.output)
  const found = others.length > 0 ? await session.run(feeds as InferenceSession.FeedsType, others) : {}
  const scores = own && wanted.includes(own.output) ? await own.run(feeds) : undefined
  return wanted.map((name) => (name === own?.output ? scores! : found[name]!))
}

/** Says what keeps a preprocessing step from handing its output on. */
function joint(before: ModelDescription, after: ModelDescription): readonly string[] {
  const [given, taken] = [before.outputs[0], after.inputs[0]]
  if (before.outputs.length !== 1 || !given) {
    return [`The preprocessing step ${before.file} gives ${before.outputs.length} outputs; it must give exactly one.`]
  }
  if (after.inputs.length !== 1 || !taken)
    return [`${after.file} takes ${after.inputs.length} inputs; what follows a preprocessing step takes exactly one.`]
  const [from, to] = [given.shape[1] ?? -1, taken.shape[1] ?? -1]
  if (given.type === taken.type && (from < 0 || to < 0 || from === to)) return []
  return [`The preprocessing step ${before.file} gives ${tensorText(given)}, and ${after.file} takes ${tensorText(taken)}.`]
}

function describeChain(links: readonly ModelDescription[]): ModelDescription {
  const [first, last] = [links[0]!, links.at(-1)!]
  if (links.length === 1) return last
  const files = [last, ...links.slice(0, -1)].flatMap(({ file, sha256, files: own }) => own ?? [{ file, sha256 }])
  const batch = links.map(({ inputs }) => inputs[0]?.shape[0] ?? -1).find((size) => size >= 0) ?? -1
  const inputs = first.inputs.map((input) => ({
    ...input,
    shape: input.shape.map((size, index) => (index === 0 && size < 0 ? batch : size)),
  }))
  const sha256 = createHash('sha256').update(files.map((one) => one.sha256).join('\n'))
  return {
    ...last,
    inputs,
    metadata: first.metadata,
    sha256: sha256.digest('hex'),
    files,
    repairs: links.flatMap(({ repairs }) => repairs),
    usable: links.every(({ usable }, index) => usable || index < links.length - 1),
    notes: [...links.slice(0, -1).map(({ file }) => `Features go through ${file} first.`), ...last.notes],
  }
}
