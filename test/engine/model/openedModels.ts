/** Models are written to files, opened by the real ONNX Runtime, and closed when their test has ended. */
import { writeFile } from 'node:fs/promises'
import { afterEach, expect } from 'vitest'
import type { ModelSpec } from '../../../engine/model/plan.js'
import { type OpenModel, openModel, type Samples } from '../../../engine/model/session.js'
import { DaybreakError } from '../../../engine/protocol/errors.js'
import { type ElementName, onnxModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

type Spec = Partial<ModelSpec> & Pick<ModelSpec, 'task' | 'features'>

/** Call at the top of a test file. */
export function openedModels() {
  const folder = temporaryFolder()
  const opened: OpenModel[] = []
  let files = 0

  afterEach(async () => {
    for (const model of opened.splice(0)) await model.close()
  })

  async function stored(bytes: Uint8Array): Promise<string> {
    files += 1
    await writeFile(lastFile(), bytes)
    return lastFile()
  }

  const lastFile = () => folder.path(`${files}.onnx`)

  async function open(bytes: Uint8Array, spec: Spec, steps: readonly Uint8Array[] = [], samples?: Samples): Promise<OpenModel> {
    const before: string[] = []
    for (const step of steps) before.push(await stored(step))
    const model = await openModel(await stored(bytes), { inputs: 'one-tensor', ...spec }, before, samples)
    opened.push(model)
    return model
  }

  /** Why a model does not fit its definition, a sentence each. */
  async function problemsOf(
    bytes: Uint8Array,
    spec: Spec,
    steps: readonly Uint8Array[] = [],
    samples?: Samples,
  ): Promise<readonly string[]> {
    const error = await open(bytes, spec, steps, samples).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DaybreakError)
    expect((error as DaybreakError).code).toBe('ModelMismatch')
    return (error as DaybreakError).problem.details
  }

  return { folder, stored, lastFile, open, problemsOf }
}

/** Runs the model on some rows; the other slots stay neutral. */
export async function score(model: OpenModel, rows: readonly (readonly (number | string | boolean | null)[])[]) {
  const batch = model.newMicroBatch()
  rows.forEach((row, slot) => {
    row.forEach((value, feature) => {
      expect(batch.set(slot, feature, value)).toBeUndefined()
    })
  })
  const { score: scores, label, confidence } = await batch.run()
  return rows.map((_, slot) => ({ score: scores[slot]!, label: model.classes[label[slot]!], confidence: confidence[slot]! }))
}

/** One output column `y` that repeats the only input, of any type cast to float32. */
export const castModel = (type: ElementName, shape: readonly (number | string)[] = ['n', 1]) =>
  onnxModel({
    nodes: [{ operator: 'Cast', inputs: ['x'], outputs: ['y'], attributes: { to: 1 } }],
    inputs: [{ name: 'x', type, shape }],
    outputs: [{ name: 'y', type: 'float32', shape }],
  })
