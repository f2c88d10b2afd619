/** Models are written to files that are to be described or refused. */
import { writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { describeModel } from '../../../../engine/model/onnx/describe.js'
import { DaybreakError } from '../../../../engine/protocol/errors.js'
import { onnxModel, type Value } from '../../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../../setup/temporaryFolder.js'

/** Call at the top of a test file. */
export function modelFiles() {
  const folder = temporaryFolder()

  async function stored(name: string, bytes: Uint8Array | string): Promise<string> {
    await writeFile(folder.path(name), bytes)
    return folder.path(name)
  }

  async function refusal(name: string, bytes: Uint8Array | string): Promise<DaybreakError> {
    const error = await describeModel(await stored(name, bytes)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DaybreakError)
    expect((error as DaybreakError).code).toBe('ModelUnusable')
    return error as DaybreakError
  }

  return { folder, stored, refusal }
}

/** Two numbers of a record: in, and out. */
export const n2: Value = { name: 'x', type: 'float32', shape: ['n', 2] }

export const y: Value = { name: 'y', type: 'float32', shape: ['n', 2] }

/** A model whose weights are in another file. */
export const external = (location: string, zipMap = false) =>
  onnxModel({
    nodes: [
      { operator: 'Mul', inputs: ['x', 'w'], outputs: ['y'] },
      ...(zipMap
        ? [{ operator: 'ZipMap', domain: 'ai.onnx.ml', inputs: ['y'], outputs: ['z'], attributes: { classlabels_int64s: [0, 1] } }]
        : []),
    ],
    inputs: [n2],
    outputs: [zipMap ? { name: 'z', mapOf: 'int64' } : y],
    externalWeights: { name: 'w', shape: [2], location },
  })
